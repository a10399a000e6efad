"""The month as the branches report it: who is missing, and a branch's own page."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import TemplateView, View

from federation.counted import Bucket
from federation.models import Branch, ReportingMonth
from federation.months import Month, local_today
from rollups import corrections, reminders, submissions
from rollups.forms import branch_asked_for
from rollups.models import Submission
from rollups.month_pages import CHANGE, MonthMixin
from rollups.reported import late
from rollups.submission_forms import (
    DeadlineForm,
    ExpectationForm,
    FillForm,
    LateFigureForm,
    SeenFiguresForm,
)
from rollups.submissions import acts, reporting
from rollups.submissions.filling import AnswersError, digest_of
from rollups.submissions.progress import progress
from rollups.submissions.reading import month_to_report


class ProgressView(LoginRequiredMixin, TemplateView):
    """`/rollups/progress/?month=2026-10&branch=370114001`: who has reported."""

    template_name = "rollups/progress.html"

    def get_context_data(self, **kwargs):
        user, asked = self.request.user, self.request.GET
        branch, paths = branch_asked_for(user, acts.VIEW, asked.get("branch"))
        month = self._month()
        so_far = progress(
            Submission.objects.visible_to(user),
            branch,
            month,
            submissions.due_of(month),
        )
        above = Branch.objects.visible_to(user, acts.VIEW)
        tops = Branch.objects.filter(path__in=paths if len(paths) > 1 else [])
        return super().get_context_data(
            branch=branch,
            month=month,
            earlier=month.previous(),
            later=month.next() if month < Month.current() else None,
            progress=so_far,
            text=so_far.chasing_text if user.has_perm(acts.RETURN) else "",
            ancestors=above.filter(code__in=branch.ancestor_codes()),
            tops=tops.order_by("path"),
            is_closed=ReportingMonth.objects.closed()
            .filter(month=month.first_day)
            .exists(),
            **kwargs,
        )

    def _month(self) -> Month:
        asked = self.request.GET.get("month")
        if not asked:
            return month_to_report()
        try:
            return Month.parse(asked)
        except ValueError:
            raise Http404 from None


class SubmissionMixin(LoginRequiredMixin):
    """A branch and a month the reader may see; another one is not found."""

    permission = acts.VIEW

    def dispatch(self, request, *args, **kwargs):
        user = request.user
        if user.is_authenticated and not user.has_perm(
            self.permission, self.submission
        ):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def month(self) -> Month:
        try:
            return Month.parse(self.kwargs["month"])
        except ValueError:
            raise Http404 from None

    @cached_property
    def submission(self) -> Submission:
        found = Submission.objects.visible_to(self.request.user).of_month(self.month)
        found = found.select_related("branch", "reported_by", "returned_by")
        # PostgreSQL refuses the character NUL, which no code has.
        code = self.kwargs["code"].replace("\x00", "")
        submission = found.filter(branch__code=code).first()
        if submission is None:
            raise Http404
        return submission


class ReportView(SubmissionMixin, TemplateView):
    """`/rollups/report/2026-10/370114001001/`: what the site counted for a branch, what
    is unfinished, and the one tap that reports it."""

    template_name = "rollups/report.html"

    def get_context_data(self, **typed):
        submission, month, user = self.submission, self.month, self.request.user
        branch = submission.branch
        place = Bucket(branch.pk, month.first_day)
        refusal = ReportingMonth.objects.why_closed_to([place])
        questions = submissions.asked_of(branch, month)
        return super().get_context_data(
            submission=submission,
            branch=branch,
            month=month,
            due_at=submissions.due_of(month),
            refusal=refusal,
            is_early=month.last_day > local_today(),
            figures=reporting.counted(branch, month),
            questions=questions,
            fill_form=typed.get("fill_form") or FillForm(questions),
            seen=typed.get("seen") or digest_of(questions),
            missing=[one for one in questions if one.is_missing],
            has_filled=any(one.figure and one.figure.value for one in questions),
            items=reporting.items(branch, month),
            unfinished=reporting.unfinished(branch, month),
            in_review=reporting.in_review(branch, month),
            may_report=not refusal and user.has_perm(acts.REPORT, submission),
            may_correct=refusal and user.has_perm(corrections.ADD, submission),
            page_token=uuid.uuid4(),
            may_return=not refusal
            and not submission.is_unreported
            and user.has_perm(acts.RETURN, submission),
            ancestors=Branch.objects.visible_to(user, acts.VIEW).filter(
                code__in=branch.ancestor_codes()
            ),
        )


class FillView(ReportView):
    """Keeps what she typed; what was refused stands beside its field, with everything
    she typed."""

    permission = acts.REPORT
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        submission, month = self.submission, self.month
        form = FillForm(
            submissions.asked_of(submission.branch, month), data=request.POST
        )
        seen = request.POST.get("seen", "")
        try:
            if form.is_valid():
                zeros = "zeros" in request.POST
                submissions.fill(
                    submission, request.user, form.answers(zeros=zeros), seen
                )
                messages.success(request, "填报数已保存。")
                return redirect("rollups:report", str(month), submission.branch.code)
        except AnswersError as error:
            form.take_back(error)
        except ValidationError as refusal:
            # She sees what it is now: the next time she means it.
            form.add_error(None, refusal)
            seen = ""
        context = self.get_context_data(fill_form=form, seen=seen)
        return self.render_to_response(context, status=400)


class CorrectFigureView(SubmissionMixin, View):
    """Keeps what a figure of a closed month should have been, as a correction."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        submission, form = self.submission, LateFigureForm(request.POST)
        try:
            if not form.is_valid():
                raise ValidationError(
                    [e for some in form.errors.values() for e in some]
                )
            sent = form.cleaned_data
            proposal = late.proposed(
                submission.branch, self.month, sent["batch"], sent["value"]
            )
            # The page holds a form for each figure: each its own token.
            token = uuid.uuid5(sent["token"], str(sent["batch"]))
            kept = corrections.keep(
                proposal, request.user, reason=sent["reason"], token=token
            )
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
            return redirect("rollups:report", str(self.month), submission.branch.code)
        messages.success(request, "已留下，镇街和区里通过后，重新开账时自动入账。")
        return redirect(kept)


class ActView(SubmissionMixin, View):
    """One act; what was refused is said on the branch's page, with what was typed."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            messages.success(request, self.act(request.user))
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
            return redirect(self._page())
        return redirect(self._next())

    def act(self, user) -> str:
        raise NotImplementedError

    def _page(self) -> str:
        branch = self.submission.branch
        return reverse("rollups:report", args=[str(self.month), branch.code])

    def _next(self) -> str:
        """Return to where she tapped, if that is a page of ours."""
        wanted = self.request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(wanted, self.request.get_host())
        return wanted if is_ours else self._page()


class ConfirmView(ActView):
    permission = acts.REPORT

    def act(self, user):
        form = SeenFiguresForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError(
                "没有收到您看到的数字，请看过下面的清单，再点“确认”。"
            )
        seen = form.cleaned_data["reported"] if "reported" in form.data else None
        done = acts.confirm(self.submission, user, form.figures, seen)
        return f"{done}已报：{form.figures}。"


class ZeroView(ActView):
    permission = acts.REPORT

    def act(self, user):
        done = acts.report_zero(self.submission, user)
        return f"{done}已报零。"


class ReturnView(ActView):
    permission = acts.RETURN

    def act(self, user):
        done = acts.send_back(
            self.submission, user, self.request.POST.get("reason", "")
        )
        return f"{done}已退回，对方在工作台上会看到原因。"


class DistrictActView(MonthMixin, View):
    """What the district sets for everybody; only for the root."""

    permission = CHANGE
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if not self.holds_all(CHANGE):
            raise PermissionDenied
        try:
            messages.success(request, self.act())
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        return redirect(self.page())


class DeadlineView(DistrictActView):
    """Sets until when a month is to be reported; left empty, as usual."""

    def act(self):
        self.state()
        form = DeadlineForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError("截止时间没有看懂，请写成 2026-11-05 18:00 的样子。")
        due_at = submissions.set_deadline(self.month, form.cleaned_data["due_at"])
        due_at = timezone.localtime(due_at)
        return f"{self.month.label}的报送截止时间是 {due_at:%Y-%m-%d %H:%M}。"

    def page(self):
        return reverse("rollups:month", args=[str(self.month)])


class ExpectationView(DistrictActView):
    """Sets who reports every month."""

    def act(self):
        form = ExpectationForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError("请从列出的层级和类别中选择，各至少选一项。")
        submissions.change_expectation(**form.cleaned_data)
        return "已保存。本月的名单跟着改了，已经冻结的月份不变。"

    def page(self):
        return reverse("rollups:months")


class RemindersView(DistrictActView):
    """Switches the reminders of every month off, or on again."""

    def act(self):
        on = self.request.POST.get("on") == "1"
        reminders.switch(on=on)
        return "催报已打开。" if on else "催报已关闭，以后不再自动发。"

    def page(self):
        return reverse("rollups:months")
