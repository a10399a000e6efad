"""The households of the villages.

Who a household is (the contact's name, the group, the door) is for staff of its village
and above; the phone is whole on the household's own page only, for those who keep it.
"""

from django import forms
from django.contrib import admin
from django.db import IntegrityError, transaction
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter

from families.admin.export import HouseholdExportForm
from families.admin.filters import OnRegisterFilter, StandingFilter
from families.models import Household
from families.wording import standing_of
from federation.admin.filters import BranchAndBelowFilter
from federation.admin.imports import TakesFilesMixin
from federation.admin.paging import ShortListMixin
from federation.admin.scoped import FederationAdmin
from federation.disclosures import note_opened
from federation.models import Branch
from federation.scope import granted_paths
from federation.wording import masked_phone
from rollups.personal_exports import PersonalExportMixin

SHOWN_INSPECTIONS = 12


class HouseholdForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "number" in self.fields and self.instance.pk is None:
            self.fields["number"].required = False
            self.fields["number"].help_text = "不填就接着编。"


@admin.register(Household)
class HouseholdAdmin(
    ShortListMixin, TakesFilesMixin, PersonalExportMixin, FederationAdmin
):
    form = HouseholdForm
    takes_files_of = "households"
    export_form = HouseholdExportForm
    list_display = ["who", "address", "branch_short", "standing", "phone_masked"]
    list_select_related = ["branch"]
    list_filter = [
        ("branch", BranchAndBelowFilter),
        StandingFilter,
        ("has_courtyard", BooleanRadioFilter),
        ("occupancy", ChoicesDropdownFilter),
        OnRegisterFilter,
    ]
    # Only so that there is a search box; ``matching`` does the search.
    search_fields = ["contact_name"]
    search_help_text = "户主姓名、拼音首字母、户号、门牌开头的字，或村名"
    ordering = ["branch__path", "number"]
    sortable_by = []
    autocomplete_fields = ["branch"]
    actions_list = ["import_roster", "export_register"]
    readonly_fields = ["purge_on"]
    change_form_outer_after_template = "admin/families/household/_history.html"

    offered_with = ("branch",)

    def offered_as(self, household) -> str:
        return f"{household.branch.short_name} {household.number} 号户"

    @admin.display(description="户号和户主")
    def who(self, household):
        return f"{household.number} 号　{household.contact_name}"

    @admin.display(description="村组和门牌")
    def address(self, household):
        return " ".join(filter(None, [household.group, household.door])) or "—"

    @admin.display(description="村（社区）")
    def branch_short(self, household):
        return household.branch.short_name

    @admin.display(description="认定情况")
    def standing(self, household):
        if household.left_on:
            return f"{household.left_on:%Y-%m-%d} 注销"
        return standing_of(household) or "—"

    @admin.display(description="手机号")
    def phone_masked(self, household):
        return masked_phone(household.phone) or "—"

    def get_queryset(self, request):
        found = super().get_queryset(request).without_former()
        return found.with_recognition()

    def get_changeform_initial_data(self, request):
        told = super().get_changeform_initial_data(request)
        if village := _own_village(request.user):
            told.setdefault("branch", village.pk)
        return told

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    def get_fieldsets(self, request, obj=None):
        phone = "phone"
        if obj is not None and not self.has_change_permission(request, obj):
            phone = "phone_masked"  # who only reads has no use for the number itself
        is_new = obj is None
        dates = ["entered_on"] if is_new else [("entered_on", "left_on")]
        return [
            (
                "家庭户",
                {
                    "fields": [
                        ("branch", "number"),
                        "contact_name",
                        ("group", "door"),
                        ("has_courtyard", "occupancy"),
                    ]
                },
            ),
            ("联系方式", {"fields": [phone] if is_new else [(phone, "purge_on")]}),
            ("登记", {"fields": dates}),
        ]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return self.readonly_fields
        # In another village it is another household.
        fixed = [*self.readonly_fields, "branch"]
        if self.has_change_permission(request, obj):
            return fixed
        return [*fixed, "phone_masked"]

    def save_model(self, request, obj, form, change):
        if not change:
            [village] = Household.objects.hold_villages([obj.branch_id])
            obj.refuse_closed_village(village)  # in this very moment
            if obj.number is None:
                obj.number = Household.objects.next_number(obj.branch)
        try:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
        except IntegrityError:
            obj.validate_constraints()  # the sentence, if somebody was quicker
            raise

    def change_view(self, request, object_id, form_url="", extra_context=None):
        household = self.get_object(request, object_id)
        extra_context = extra_context or {}
        if household is not None:
            extra_context |= _history_of(household)
            extra_context["may_inspect"] = household.left_on is None and (
                request.user.has_perm("families.add_inspection", household.branch)
            )
        response = super().change_view(request, object_id, form_url, extra_context)
        if (
            request.method == "GET"
            and household is not None
            and household.phone
            and self.has_change_permission(request, household)
        ):
            # Who saw a whole number, and when, can be asked later.
            note_opened(request.user, household)
        return response


def _own_village(user) -> Branch | None:
    """Return the village of whoever registers households of one village only."""
    paths = granted_paths(user, "families.add_household")
    if len(paths) != 1 or not paths[0]:
        return None
    found = Branch.objects.filter(path=paths[0], level=Branch.Level.VILLAGE)
    return found.first()


def _history_of(household) -> dict:
    recognitions = household.recognitions.select_related("batch")
    return {
        "former": household.former.select_related("branch").order_by("-left_on"),
        "inspections": household.inspections.all()[:SHOWN_INSPECTIONS],
        "recognitions": recognitions.prefetch_related("steps").order_by("-pk"),
    }
