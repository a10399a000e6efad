"""The register of people, their posts and the terms: plain pages.

A phone number is shown on its owner's own page only, and masked in every list.
"""

from auditlog.signals import accessed
from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin, FederationInline
from federation.months import local_today
from federation.wording import masked_phone
from members.models import Member, Post, Term


class InPostFilter(DropdownFilter):
    """People who hold a post today, unless asked otherwise."""

    title = "任职情况"
    parameter_name = "in_post"
    all_option = ["", "全部"]

    def __init__(self, request, params, model, model_admin):
        self.of_posts = model is Post
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [("yes", "在任"), ("no", "不在任")]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        posts = Post.objects.in_post(local_today())
        chosen = posts.values("pk" if self.of_posts else "member")
        if self.value() == "yes":
            return queryset.filter(pk__in=chosen)
        return queryset.exclude(pk__in=chosen)


class PostInline(FederationInline):
    model = Post
    fields = ["branch", "term", "title", "started_on", "ended_on", "ending"]
    autocomplete_fields = ["branch", "term"]
    ordering = ["-started_on"]


@admin.register(Member)
class MemberAdmin(FederationAdmin):
    list_display = ["name", "branch", "gender", "phone_masked", "purge_on"]
    list_select_related = ["branch"]
    list_filter = [
        InPostFilter,
        ("branch", BranchAndBelowFilter),
        ("gender", ChoicesDropdownFilter),
    ]
    search_fields = ["name", "initials", "branch__name", "branch__initials"]
    search_help_text = "姓名或妇联组织，也可以用拼音首字母"
    autocomplete_fields = ["branch"]
    inlines = [PostInline]
    fieldsets = [
        ("人员", {"fields": ["name", "gender", "birth_month", "branch"]}),
        ("联系方式", {"fields": ["phone", "purge_on"]}),
    ]

    @admin.display(description="手机号")
    def phone_masked(self, member):
        return masked_phone(member.phone)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        member = self.get_object(request, object_id)
        if (
            request.method == "GET"
            and member is not None
            and member.phone
            and self.has_change_permission(request, member)
        ):
            # Who saw a whole number, and when, can be asked later.
            accessed.send(Member, instance=member)
        return response

    def get_fieldsets(self, request, obj=None):
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        # Who only reads has no use for the number itself.
        masked = ("联系方式", {"fields": ["phone_masked", "purge_on"]})
        return [self.fieldsets[0], masked]

    def get_readonly_fields(self, request, obj=None):
        if obj is None or self.has_change_permission(request, obj):
            return ["purge_on"]
        return ["phone_masked", "purge_on"]


@admin.register(Post)
class PostAdmin(FederationAdmin):
    list_display = ["member", "branch", "title", "started_on", "ended_on", "ending"]
    list_select_related = ["member", "branch"]
    list_filter = [
        InPostFilter,
        ("title", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = [
        "member__name",
        "member__initials",
        "branch__name",
        "branch__initials",
    ]
    search_help_text = "姓名或妇联组织，也可以用拼音首字母"
    date_hierarchy = "started_on"
    autocomplete_fields = ["member", "branch", "term"]
    fields = ["member", "branch", "term", "title", "started_on", "ended_on", "ending"]


@admin.register(Term)
class TermAdmin(FederationAdmin):
    list_display = ["branch", "number", "elected_on", "due_on"]
    list_select_related = ["branch"]
    list_filter = [("branch", BranchAndBelowFilter)]
    search_fields = ["branch__name", "branch__initials", "branch__code"]
    search_help_text = "妇联组织的名称、编码或拼音首字母"
    date_hierarchy = "elected_on"
    autocomplete_fields = ["branch"]
    fields = ["branch", "number", "elected_on", "due_on"]
