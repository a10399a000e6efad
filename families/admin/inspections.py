"""评比 in the admin: read, with photos, and corrected; and one form to record a look,
of a village or of one household. The phone's walk goes along a lane."""

from auditlog.models import LogEntry
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from families import inspections
from families.admin.filters import OfWhomFilter
from families.admin.inspection_form import CorrectionForm, InspectionForm, written
from families.admin.pages import FamilyPages, asked_for, branch_of, refuse, row_of
from families.inspections import CHANGE
from families.models import Household, Inspection
from families.models.choices import Subject
from families.recognition import basis, name_of
from federation.admin.filters import BranchAndBelowFilter
from federation.admin.paging import ShortListMixin
from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.models import Branch
from federation.months import local_today

SHOWN_CORRECTIONS = 5


@admin.register(Inspection)
class InspectionAdmin(ShortListMixin, FamilyPages, ReadOnlyMixin, FederationAdmin):
    list_display = ["inspected_on", "what", "kind", "points", "grade", "outcome"]
    list_select_related = ["branch", "household__branch"]
    list_filter = [
        OfWhomFilter,
        ("kind", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["branch__name", "branch__initials", "branch__code"]
    search_help_text = "村（社区）的名称、编码或拼音首字母"
    date_hierarchy = "inspected_on"
    ordering = ["-inspected_on", "-pk"]
    sortable_by = ["inspected_on"]
    actions_list = ["walk", "record_a_village"]

    @admin.display(description="家庭户或村")
    def what(self, row):
        return name_of(row)

    @action(description="入户评比", permissions=["record"])
    def walk(self, request):
        return HttpResponseRedirect(reverse("families:walk_list"))

    @action(description="登记村级评比", permissions=["record"])
    def record_a_village(self, request):
        return HttpResponseRedirect(reverse("admin:families_inspection_record"))

    def has_record_permission(self, request):
        return request.user.has_perm(inspections.ADD)

    def get_urls(self):
        return [
            path(
                "record/",
                self.admin_site.admin_view(self.record_view),
                name="families_inspection_record",
            ),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        seen = Inspection.objects.readable_by(request.user).select_related(
            "branch", "household__branch", "standard", "recorded_by"
        )
        try:
            row = row_of(seen.prefetch_related("standard__criteria"), object_id)
        except Http404:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and not request.user.has_perm(CHANGE, row):
            raise PermissionDenied
        form = CorrectionForm(
            request.POST or None, initial=written(row), standard=row.standard
        )
        if request.method == "POST" and form.is_valid():
            try:
                row = inspections.correct(row, request.user, **form.values())
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{name_of(row)}：{row.points} 分，已更正。")
                return HttpResponseRedirect(request.path)
        scored = [
            (criterion, row.scores.get(str(criterion.pk)))
            for criterion in row.standard.criteria.all()
        ]
        return self.page(
            request,
            "inspection/change",
            f"{name_of(row)}的评比",
            row=row,
            scored=scored,
            photos=row.photos.all(),
            form=form,
            may_correct=(may_correct := inspections.may_correct(request.user, row)),
            whose=self._whose(request.user, row),
            rested_on=basis.resting_on(row) if may_correct and row.is_model else None,
            corrections=_corrections_of(row),
        )

    def _whose(self, user, row) -> str:
        """Say who corrects it, to whoever corrects others."""
        if not user.has_perm(CHANGE, row) or inspections.may_correct(user, row):
            return ""
        return inspections.not_yours_to_correct(row)

    def record_view(self, request):
        """Record one look at ``?household=`` or at the village ``?branch=``."""
        household, branch = self._subject(request)
        if household is None and branch is None:
            return self._which_village(request)
        place = household.branch if household else branch
        if not request.user.has_perm(inspections.ADD, place):
            raise PermissionDenied
        subject = Subject.HOUSEHOLD if household else Subject.VILLAGE
        day = _day_of(request)
        try:
            standard = inspections.standard_on(subject, day)
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
            return HttpResponseRedirect(reverse("admin:families_inspection_changelist"))
        form = InspectionForm(
            request.POST or None, standard=standard, user=request.user, branch=place
        )
        if request.method == "POST" and form.is_valid():
            try:
                row = inspections.record(
                    request.user, household=household, branch=branch, **form.values()
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{name_of(row)}：{row.points} 分，已登记。")
                return HttpResponseRedirect(
                    reverse("admin:families_inspection_change", args=[row.pk])
                )
        title = (
            f"{place.short_name} {household.number} 号户"
            if household
            else place.short_name
        )
        return self.page(
            request,
            "inspection/record",
            f"登记评比：{title}",
            form=form,
            standard=standard,
            household=household,
            branch=branch,
        )

    def _subject(self, request):
        asked = asked_for(request, "household")
        if asked:
            seen = Household.objects.visible_to(request.user, inspections.ADD)
            seen = seen.without_former().select_related("branch")
            return row_of(seen, asked), None
        branch = branch_of(request, inspections.ADD)
        if branch is not None and branch.level != Branch.Level.VILLAGE:
            raise Http404
        return None, branch

    def _which_village(self, request):
        if not request.user.has_perm(inspections.ADD):
            raise PermissionDenied
        villages = Branch.objects.visible_to(request.user, inspections.ADD).active()
        villages = villages.filter(level=Branch.Level.VILLAGE)
        villages = villages.select_related("parent").order_by("path")
        return self.page(
            request, "inspection/which_village", "登记村级评比", villages=villages
        )


def _corrections_of(row) -> list[dict]:
    """Return who changed *row* since it was recorded, newest first, as the audit log
    has it."""
    entries = LogEntry.objects.get_for_object(row).select_related("actor")
    entries = entries.filter(action=LogEntry.Action.UPDATE)
    return [
        {
            "on": entry.timestamp,
            "who": entry.actor or "系统",
            "points": entry.changes_dict.get("points"),
        }
        for entry in entries.order_by("-timestamp", "-pk")[:SHOWN_CORRECTIONS]
    ]


def _day_of(request):
    """Return the day whose standard the form asks by: what was typed, else today."""
    form = InspectionForm.Day(request.POST)
    return form.cleaned_data["inspected_on"] if form.is_valid() else local_today()
