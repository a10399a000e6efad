"""The people of the register.

A phone number is shown on its owner's own page only, and masked in every list.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.imports import TakesFilesMixin
from federation.admin.scoped import FederationAdmin, FederationInline
from federation.disclosures import note_opened
from federation.month_field import MonthField, MonthInput
from federation.months import local_today
from federation.wording import masked_phone
from members import duplicates
from members.admin.export import RosterExportForm
from members.admin.filters import InPostFilter
from members.ethnicities import ETHNICITIES
from members.models import Member, Post
from members.models.choices import Title
from rollups.personal_exports import PersonalExportMixin

MERGE = "members.merge_member"


class PostInline(FederationInline):
    """Her first post, on the page on which she is registered; later ones have pages of
    their own, which a phone shows better."""

    model = Post
    fields = ["branch", "term", "title", "started_on", "ended_on", "ending"]
    autocomplete_fields = ["branch", "term"]
    extra = 1
    max_num = 1


class DuplicatesMixin:
    """The page of likely duplicates, and the merging of two of them."""

    @action(description="查重合并", url_path="duplicates", permissions=["merge"])
    def find_duplicates(self, request):
        return HttpResponseRedirect(reverse("admin:members_member_duplicates"))

    def has_merge_permission(self, request):
        return request.user.has_perm(MERGE)

    def get_urls(self):
        page = path(
            "duplicates/",
            self.admin_site.admin_view(self.duplicates_view),
            name="members_member_duplicates",
        )
        return [page, *super().get_urls()]

    def duplicates_view(self, request):
        if not request.user.has_perm(MERGE):
            raise PermissionDenied
        mine = Member.objects.visible_to(request.user, MERGE)
        if request.method == "POST":
            self._merge(request, mine)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "查重合并",
            "opts": self.opts,
            "groups": duplicates.likely_duplicates(mine),
            "masked_phone": masked_phone,
        }
        template = "admin/members/member/duplicates.html"
        return TemplateResponse(request, template, context)

    def _merge(self, request, mine):
        chosen = [request.POST.get("kept"), request.POST.get("duplicate")]
        if not all(key and key.isdecimal() for key in chosen):
            messages.error(request, "请先选定要保留的一条和并入的一条。")
            return
        kept, duplicate = (mine.filter(pk=key).first() for key in chosen)
        if kept is None or duplicate is None:
            messages.error(request, "没有找到所选的记录，请刷新后再试。")
            return
        try:
            duplicates.merge(kept, duplicate)
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        else:
            messages.success(request, f"已合并为一条：{kept}，任职经历都在她名下。")


@admin.register(Member)
class MemberAdmin(
    DuplicatesMixin, TakesFilesMixin, PersonalExportMixin, FederationAdmin
):
    takes_files_of = "roster"
    export_form = RosterExportForm
    list_display = ["name", "branch", "title_now", "birth_month_short", "phone_masked"]
    list_select_related = ["branch"]
    list_filter = [
        InPostFilter,
        ("branch", BranchAndBelowFilter),
        ("education", ChoicesDropdownFilter),
        ("political_status", ChoicesDropdownFilter),
        ("gender", ChoicesDropdownFilter),
    ]
    # Only so that there is a search box; ``matching`` does the search.
    search_fields = ["name"]
    search_help_text = "姓名（只写名字也行）、拼音首字母或妇联组织"
    show_full_result_count = False
    autocomplete_fields = ["branch", "account"]
    inlines = [PostInline]
    actions_list = ["import_roster", "find_duplicates", "export_register"]
    readonly_fields = ["purge_on"]
    change_form_outer_after_template = "admin/members/member/_path.html"
    fieldsets = [
        (
            "人员",
            {
                "fields": [
                    ("name", "gender"),
                    ("birth_month", "ethnicity"),
                    ("education", "political_status"),
                    "branch",
                ]
            },
        ),
        ("联系方式", {"fields": ["phone", "purge_on"]}),
        (
            "工作与特长（可以以后补填）",
            {
                "classes": ["collapse"],
                "fields": [
                    ("occupation", "work_unit"),
                    ("is_village_cadre", "is_grid_worker", "is_new_employment"),
                    "skills",
                    "publishes_name",
                    "account",
                ],
            },
        ),
    ]

    # Two namesakes in a list of choices are told apart.
    offered_with = ("branch",)

    def offered_as(self, member) -> str:
        born = f"，{member.birth_month:%Y-%m}" if member.birth_month else ""
        return f"{member.name}（{member.branch.short_name}{born}）"

    @admin.display(description="手机号")
    def phone_masked(self, member):
        return masked_phone(member.phone)

    @admin.display(description="现任职务")
    def title_now(self, member):
        return Title(member.title_today).label if member.title_today else "—"

    @admin.display(description="出生年月", ordering="birth_month")
    def birth_month_short(self, member):
        return f"{member.birth_month:%Y-%m}" if member.birth_month else "—"

    def get_queryset(self, request):
        posts = Post.objects.in_post(local_today()).filter(member=OuterRef("pk"))
        title = posts.order_by("-started_on", "pk").values("title")[:1]
        people = super().get_queryset(request).current()
        return people.annotate(title_today=Subquery(title))

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    def get_inlines(self, request, obj):
        return [] if obj else self.inlines

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "birth_month":
            return db_field.formfield(form_class=MonthField, widget=MonthInput)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "ethnicity" and field is not None:
            field.widget.attrs["list"] = "ethnicities"
        return field

    def change_view(self, request, object_id, form_url="", extra_context=None):
        member = self.get_object(request, object_id)
        extra_context = extra_context or {}
        if member is not None:
            extra_context |= {
                "path": duplicates.whole_path(member),
                "seats": member.seats.select_related("branch"),
                "honours": member.honours.select_related("branch"),
                "ethnicities": ETHNICITIES,
                "may_add_post": request.user.has_perm("members.add_post", member),
            }
        response = super().change_view(request, object_id, form_url, extra_context)
        if (
            request.method == "GET"
            and member is not None
            and member.phone
            and self.has_change_permission(request, member)
        ):
            # Who saw a whole number, and when, can be asked later.
            note_opened(request.user, member)
        return response

    def get_fieldsets(self, request, obj=None):
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        # Who only reads has no use for the number itself.
        masked = ("联系方式", {"fields": ["phone_masked", "purge_on"]})
        return [self.fieldsets[0], masked, self.fieldsets[2]]

    def get_readonly_fields(self, request, obj=None):
        if obj is None or self.has_change_permission(request, obj):
            return self.readonly_fields
        return [*self.readonly_fields, "phone_masked"]
