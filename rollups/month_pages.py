"""The months and what became of them: what is left to do, closing, revisions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView, View

from federation.models import Branch, Mark, MonthOpening, Programme, ReportingMonth
from federation.months import Month, local_today
from federation.panels import filled_panels
from federation.scope import holds_everywhere
from rollups import closings, exports
from rollups.closing_forms import ReopenForm
from rollups.closings import tracing
from rollups.corrections.reading import of_month as corrections_of
from rollups.models import Reopening, Revision, RevisionRow
from rollups.registry import label_of
from rollups.submission_forms import DeadlineForm, ExpectationForm
from rollups.submissions import as_expected, due_of
from rollups.tables.figures import tidy
from rollups.wording import NOTHING, shown

VIEW = "federation.view_reportingmonth"
CHANGE = "federation.change_reportingmonth"
CLOSE = "federation.close_reportingmonth"
READ_ALL = "rollups.export_rollup"
VIEW_TARGETS = "rollups.view_target"
CHANGES_SHOWN = 300
RECORDS_SHOWN = 200
MOST_REVISIONS = 1_000_000
CHANGED_SHOWN = 30


class MonthMixin(LoginRequiredMixin):
    """Pages of the district's own: who may do something here holds the permission for
    the root, whose figures a closing keeps."""

    permission = VIEW

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not self._allowed(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def _allowed(self, user) -> bool:
        return user.has_perm(self.permission)

    def holds_all(self, permission: str) -> bool:
        return holds_everywhere(self.request.user, permission)

    @property
    def month(self) -> Month:
        try:
            return Month.parse(self.kwargs["month"])
        except ValueError:
            raise Http404 from None

    def state(self) -> ReportingMonth:
        return get_object_or_404(ReportingMonth, month=self.month.first_day)


class MonthListView(MonthMixin, TemplateView):
    """`/rollups/months/`: every month, and which revision it stands at."""

    template_name = "rollups/month_list.html"

    def get_context_data(self, **kwargs):
        months = ReportingMonth.objects.select_related("closed_by").order_by("-month")
        return super().get_context_data(
            months=[(str(Month.of(state.month)), state) for state in months],
            expectation=ExpectationForm.of(as_expected())
            if self.holds_all(CHANGE)
            else None,
            sends_reminders=as_expected().sends_reminders,
            head=closings.chain_head(),
            may_see_targets=self.holds_all(VIEW_TARGETS),
            **kwargs,
        )


class MonthView(MonthMixin, TemplateView):
    """`/rollups/months/2026-10/`: what is left to do, the closing, the revisions."""

    template_name = "rollups/month.html"

    def get_context_data(self, **asked):
        month, state = self.month, self.state()
        marks = Mark.objects.filter(month=month.first_day)
        revisions = Revision.objects.filter(month=month.first_day).order_by("-number")
        revisions = revisions.select_related("closed_by").defer("csv", "facts")
        reopenings = Reopening.objects.filter(revision__month=month.first_day)
        may_close = self.holds_all(CLOSE)
        is_shut = state.status != ReportingMonth.Status.OPEN
        openings = MonthOpening.objects.of_month(month.first_day).not_ended()
        may_read = self.holds_all(READ_ALL)
        newest = revisions.first() if is_shut and may_read else None
        return super().get_context_data(
            month=month,
            state=state,
            is_over=month.last_day < local_today(),
            waiting=marks.count(),
            changed=Branch.objects.filter(pk__in=marks.values("branch"))
            .visible_to(self.request.user)
            .order_by("path")[:CHANGED_SHOWN],
            panels=filled_panels("month", self.request, month=month),
            revisions=revisions,
            reopenings=reopenings.select_related("reopened_by", "revision"),
            due_at=due_of(month),
            deadline=DeadlineForm(initial={"due_at": due_of(month)})
            if self.holds_all(CHANGE)
            else None,
            may_close=may_close,
            reopening=ReopenForm(month) if is_shut and may_close else None,
            openings=openings if state.status == ReportingMonth.Status.PARTLY else [],
            corrections=corrections_of(self.request.user, month),
            may_read=may_read,
            late_facts=tracing.late_facts(newest) if newest else 0,
        )


class ActView(MonthMixin, View):
    """One act on a month; what was refused is said on the month's page."""

    permission = CLOSE
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if not self.holds_all(CLOSE):
            raise PermissionDenied
        self.state()
        reason = request.POST.get("reason", "").strip()[:200]
        try:
            messages.success(request, self.act(request.user, reason))
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        return redirect("rollups:month", str(self.month))

    def act(self, user, reason: str) -> str:
        raise NotImplementedError


class CloseView(ActView):
    def act(self, user, reason):
        before = self.state().revision
        revision = closings.close(self.month, user, reason)
        if revision.number == before:
            return f"没有改动，{self.month.label}仍是第 {before} 版，已结账。"
        return f"{revision}已结账。这个月的记录从现在起不能再改。"


class ReopenView(ActView):
    def act(self, user, reason):
        form = ReopenForm(self.month, self.request.POST)
        if not form.is_valid():
            raise ValidationError([m for said in form.errors.values() for m in said])
        branch = form.cleaned_data["branch"]
        branch = Branch.objects.get(pk=branch) if branch else None
        until = form.cleaned_data["until"]
        entered = closings.reopen(
            self.month, user, reason=reason, branch=branch, until=until
        )
        whom = f"对{branch}" if branch else ""
        then = f"入账了 {entered} 条补录／更正，" if entered else ""
        return f"{self.month.label}已{whom}重新开账，{then}改好后请再结账。"


class RevisionMixin(MonthMixin):
    def _allowed(self, user) -> bool:
        # The file holds every street's figures.
        return holds_everywhere(user, READ_ALL)

    def revision(self) -> Revision:
        return get_object_or_404(
            Revision.objects.select_related("closed_by"),
            month=self.month.first_day,
            number=self.kwargs["number"],
        )


class RevisionView(RevisionMixin, TemplateView):
    """`/rollups/revisions/2026-10/2/`: what it says about itself, and every figure
    that is not what it was in the revision before."""

    template_name = "rollups/revision.html"

    def get_context_data(self, **asked):
        revision, older = self._revisions()
        made_by = tracing.lines(older, revision) if older else []
        changes = closings.difference(older, revision) if older else []
        names = _programme_names()
        return super().get_context_data(
            revision=revision,
            month=self.month,
            older=older,
            change_count=len(changes),
            changes=[
                {
                    "branch": change.branch_name,
                    "indicator": label_of(change.indicator),
                    "programme": names.get(change.programme, change.programme),
                    "before": shown(tidy(change.before[1])),
                    "after": shown(tidy(change.after[1])),
                }
                for change in changes[:CHANGES_SHOWN]
            ],
            made_by=made_by[:RECORDS_SHOWN],
            record_count=len(made_by),
            rows=revision.row_count,
        )

    def _revisions(self) -> tuple[Revision, Revision | None]:
        """Return the revision that is asked for, and the one before it."""
        number = self.kwargs["number"]
        if number > MOST_REVISIONS:  # more than the column holds
            raise Http404
        rows = RevisionRow.objects.filter(revision=OuterRef("pk")).order_by()
        rows = rows.values("revision").annotate(number=Count("pk")).values("number")
        found = Revision.objects.filter(
            month=self.month.first_day, number__in=[number, number - 1]
        ).annotate(row_count=Coalesce(Subquery(rows), 0))
        found = found.select_related("closed_by").defer("csv", "facts")
        by_number = {revision.number: revision for revision in found}
        if number not in by_number:
            raise Http404
        return by_number[number], by_number.get(number - 1)


class RevisionFileView(RevisionMixin, View):
    """The file of a revision: the CSV byte by byte as it was hashed, or its rows as a
    workbook. The address stays."""

    def get(self, request, *args, **kwargs):
        revision = self.revision()
        name = f"{revision}.{kwargs['suffix']}".replace(" ", "")
        if kwargs["suffix"] == "csv":
            headers = {
                "Content-Disposition": content_disposition_header(
                    as_attachment=True, filename=name
                ),
                "X-Revision": revision.head,
            }
            content_type = "text/csv; charset=utf-8"
            return HttpResponse(revision.csv, content_type, headers=headers)
        return exports.xlsx_response(name, _columns(), self._rows(revision))

    def _rows(self, revision):
        return revision.rows.order_by("position").iterator(chunk_size=2000)


def _programme_names() -> dict[str, str]:
    """Return {slug as a revision keeps it: name as people know it}."""
    names = dict(Programme.objects.values_list("slug", "name"))
    return names | {Programme.NONE: NOTHING}


def _columns() -> dict:
    names = _programme_names()
    return {
        "妇联组织": lambda row: row.branch_name,
        "编码": lambda row: row.branch_code,
        "层级": lambda row: Branch.Level(row.level).label,
        "上级编码": lambda row: row.parent_code,
        "项目": lambda row: names.get(row.programme, row.programme),
        "指标": lambda row: label_of(row.indicator),
        "本级": lambda row: row.own,
        "合计": lambda row: row.total,
    }
