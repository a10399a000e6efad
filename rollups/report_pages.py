"""The tables that the district designs: their list, each of them filled in, and its
files."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.views.generic import TemplateView

from federation.models import Branch
from rollups.forms import EXPORT, VIEW, branch_asked_for
from rollups.models import ReportColumn, ReportTemplate
from rollups.reports import Period, Report, fill, parse, usual
from rollups.reports.csv import csv_file
from rollups.reports.page import picker, report_page
from rollups.reports.workbook import xlsx_file

SEE = "rollups.view_reporttemplate"
ADD = "rollups.add_reporttemplate"
DESIGN = "rollups.change_reporttemplate"


def report_asked_for(user, slug: str) -> tuple[ReportTemplate, list[ReportColumn]]:
    """Return the template and its columns. Raises Http404 for one that does not exist;
    one out of use is seen by whoever designs, to try it."""
    columns = list(
        ReportColumn.objects.filter(template__slug=slug)
        .select_related("template", "programme")
        .order_by("position", "pk")
    )
    template = columns[0].template if columns else None
    template = template or ReportTemplate.objects.filter(slug=slug).first()
    if template is None or not (template.is_active or user.has_perm(DESIGN)):
        raise Http404
    return template, columns


def period_asked_for(template: ReportTemplate, text: str | None) -> Period:
    """Return the period written as *text*; the one that is due for none. Raises
    ValidationError with the sentence for the reader."""
    return parse(template, text) if text else usual(template)


class ReportsMixin(LoginRequiredMixin):
    """Pages for whoever may read the rollups of some branch."""

    permission = VIEW

    def ask(self) -> None:
        """Read the branch asked for, and refuse who may see none."""
        user, code = self.request.user, self.request.GET.get("branch")
        self.branch, self.paths = branch_asked_for(user, self.permission, code)
        if not user.has_perm(SEE):
            raise PermissionDenied


class ReportListView(ReportsMixin, TemplateView):
    """`/rollups/reports/`: every table in use."""

    template_name = "rollups/reports/list.html"

    def get(self, request, *args, **kwargs):
        self.ask()
        may_design = request.user.has_perm(DESIGN)
        templates = ReportTemplate.objects.all()
        templates = templates if may_design else templates.in_use()
        return self.render_to_response(
            self.get_context_data(
                reports=[(one, usual(one).label) for one in templates],
                may_add=request.user.has_perm(ADD),
                may_design=may_design,
            )
        )


class FilledView(ReportsMixin, TemplateView):
    """A report filled in; a wrong period gets a sentence on the page."""

    template_name = "rollups/reports/table.html"

    def get(self, request, slug):
        self.ask()
        self.template, columns = report_asked_for(request.user, slug)
        try:
            period = period_asked_for(self.template, request.GET.get("period"))
        except ValidationError as refusal:
            return self.page(usual(self.template), sentences=refusal.messages)
        return self.answer(
            fill(self.template, columns, period, self.branch, self.paths)
        )

    def answer(self, report: Report):
        raise NotImplementedError

    def page(self, period: Period, sentences=(), **context):
        context = self.get_context_data(
            template=self.template,
            period=period,
            branch=self.branch,
            above=self._above(),
            tops=self._tops(),
            sentences=sentences,
            picker=picker(self.template, period, self.branch.code),
            may_design=self.request.user.has_perm(DESIGN),
            **context,
        )
        return self.render_to_response(context, status=400 if sentences else 200)

    def _above(self) -> str:
        """Return the code of the branch above, if the reader may see it."""
        path, codes = self.branch.path, self.branch.ancestor_codes()
        is_below = any(path != own and path.startswith(own) for own in self.paths)
        return codes[-1] if codes and is_below else ""

    def _tops(self):
        """Return where the reader's own trees begin, if she has several."""
        if len(self.paths) < 2:
            return []
        return Branch.objects.filter(path__in=self.paths).order_by("path")


class ReportView(FilledView):
    """`/rollups/reports/<slug>/?period=2026Q3`: the table, to read and to print."""

    def answer(self, report):
        return self.page(
            report.period,
            report=report,
            filled=report_page(report),
            head=report.proof.head,
        )


class ReportCsvView(FilledView):
    permission = EXPORT

    def answer(self, report):
        return csv_file(report)


class ReportXlsxView(FilledView):
    permission = EXPORT

    def answer(self, report):
        return xlsx_file(report)
