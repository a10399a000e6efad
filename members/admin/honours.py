"""Honours, and seats at the women's congresses."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from members.admin.filters import HolderFilter
from members.models import Delegate, Honour


@admin.register(Honour)
class HonourAdmin(FederationAdmin):
    list_display = ["awarded_on", "title", "rank", "holder", "state", "publishes"]
    list_select_related = ["member", "branch"]
    list_filter = [
        ("rank", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        HolderFilter,
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = [
        "title",
        "awarding_body",
        "holder_name",
        "member__name",
        "member__initials",
        "document_number",
    ]
    search_help_text = "荣誉名称、授予单位、获奖者或文号"
    date_hierarchy = "awarded_on"
    autocomplete_fields = ["branch", "member"]
    fieldsets = [
        (
            "荣誉",
            {
                "fields": [
                    "title",
                    ("rank", "state"),
                    "awarding_body",
                    ("awarded_on", "document_number"),
                ]
            },
        ),
        (
            "获奖者（三项填一项）",
            {"fields": ["branch", "member", "is_of_branch", "holder_name"]},
        ),
        ("公开", {"fields": ["publishes"]}),
    ]

    @admin.display(description="获奖者")
    def holder(self, honour):
        return honour.holder


@admin.register(Delegate)
class DelegateAdmin(FederationAdmin):
    list_display = ["member", "level", "congress", "branch", "started_on", "ended_on"]
    list_select_related = ["member", "branch"]
    list_filter = [
        ("level", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["member__name", "member__initials", "branch__name"]
    search_help_text = "代表姓名或妇联组织"
    date_hierarchy = "started_on"
    autocomplete_fields = ["member", "branch"]
    fields = ["member", "branch", ("level", "congress"), ("started_on", "ended_on")]
