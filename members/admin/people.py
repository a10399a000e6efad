"""The people of the register.

A phone number is shown on its owner's own page only, and masked in every list.
"""

from auditlog.signals import accessed
from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin, FederationInline
from federation.wording import masked_phone
from members.admin.filters import InPostFilter
from members.models import Member, Post


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
