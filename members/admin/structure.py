"""The structure report (结构分析): of an election, and of a branch on any two days; as
a page, for the printer, and as a workbook."""

import tempfile
from datetime import timedelta

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold import widgets
from unfold.decorators import action

from federation.admin.autocomplete import ScopedSelect
from federation.models import Branch
from federation.months import local_today
from members import structure
from members.models import Election, Post
from rollups.exports import XLSX

VIEW = "members.view_post"
PRINT, FILE = "print", "xlsx"


def _day_input():
    classes = " ".join(widgets.INPUT_CLASSES)
    return forms.DateInput({"type": "date", "class": classes}, format="%Y-%m-%d")


class StructureForm(forms.Form):
    """Whose committees, and which two days."""

    branch = forms.ModelChoiceField(Branch.objects.none(), label="妇联组织")
    before = forms.DateField(label="对比日期", widget=_day_input())
    after = forms.DateField(label="截止日期", widget=_day_input())
    below = forms.TypedChoiceField(
        label="范围",
        choices=[("1", "连同下级组织"), ("0", "只看本级")],
        coerce=lambda answer: answer == "1",
        widget=widgets.UnfoldAdminSelectWidget(),
    )

    def __init__(self, *args, user, admin_site, **kwargs):
        super().__init__(*args, **kwargs)
        branch = self.fields["branch"]
        branch.widget = ScopedSelect(Post._meta.get_field("branch"), admin_site, "")
        branch.queryset = Branch.objects.visible_to(user, VIEW)

    def clean(self):
        answers = super().clean()
        before, after = answers.get("before"), answers.get("after")
        if before and after and before >= after:
            self.add_error("before", "对比日期要早于截止日期。")
        if before and before.year < 1950:
            self.add_error("before", "对比日期太早，请核对年份。")
        return answers

    def comparison(self) -> structure.Comparison:
        answers = self.cleaned_data
        return structure.of_branch(
            answers["branch"],
            answers["before"],
            answers["after"],
            below=answers["below"],
        )


class ReportMixin:
    """Shows a comparison in the form that is asked for by ``?as=``."""

    def report(self, request, comparison, **context):
        """Return the response with *comparison*; None stands for none yet."""
        asked = request.GET.get("as")
        if comparison and asked == FILE:
            return _workbook(comparison)
        context |= {
            **self.admin_site.each_context(request),
            "title": "结构分析",
            "opts": self.opts,
            "comparison": comparison,
            "today": local_today(),
        }
        name = "print" if comparison and asked == PRINT else "page"
        return TemplateResponse(
            request, f"admin/members/structure/{name}.html", context
        )


class ElectionStructureMixin(ReportMixin):
    """The report of one election, beside the pages of elections."""

    def get_urls(self):
        page = path(
            "<int:object_id>/structure/",
            self.admin_site.admin_view(self.structure_view),
            name="members_election_structure",
        )
        return [page, *super().get_urls()]

    def structure_view(self, request, object_id):
        elections = Election.objects.visible_to(request.user, VIEW)
        election = get_object_or_404(elections.select_related("branch"), pk=object_id)
        comparison = None
        if election.is_confirmed:
            comparison = structure.of_election(election)
        return self.report(request, comparison, election=election)


class PostStructureMixin(ReportMixin):
    """The report of any branch on any two days, beside the list of posts."""

    @action(
        description="结构分析", url_path="see-structure", permissions=["see_structure"]
    )
    def see_structure(self, request):
        return HttpResponseRedirect(reverse("admin:members_post_structure"))

    def has_see_structure_permission(self, request):
        return self.has_view_permission(request)

    def get_urls(self):
        page = path(
            "structure/",
            self.admin_site.admin_view(self.structure_view),
            name="members_post_structure",
        )
        return [page, *super().get_urls()]

    def structure_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = _usual(request.user) | request.GET.dict()
        form = StructureForm(asked, user=request.user, admin_site=self.admin_site)
        comparison = form.comparison() if form.is_valid() else None
        return self.report(request, comparison, form=form, media=form.media)


def _usual(user) -> dict:
    """Return what is asked by whoever asks nothing: her own committees, a year ago
    and today."""
    today = local_today()
    branch = Branch.objects.visible_to(user, VIEW).order_by("depth", "path").first()
    return {
        "branch": str(branch.pk) if branch else "",
        "before": (today - timedelta(days=365)).isoformat(),
        "after": today.isoformat(),
        "below": "1",
    }


def _workbook(comparison) -> FileResponse:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 FileResponse closes it
    structure.write_workbook(file, comparison)
    file.seek(0)
    name = f"{comparison.title}班子结构分析.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
