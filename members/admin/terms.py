"""The terms of the committees, and how long they last."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from members.admin.filters import DueFilter
from members.models import Term, TermLength


@admin.register(Term)
class TermAdmin(FederationAdmin):
    list_display = ["branch", "number", "status", "elected_on", "due_on"]
    list_select_related = ["branch"]
    list_filter = [
        DueFilter,
        ("status", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["branch__name", "branch__initials", "branch__code"]
    search_help_text = "妇联组织的名称、编码或拼音首字母"
    date_hierarchy = "elected_on"
    autocomplete_fields = ["branch"]
    fieldsets = [
        ("届次", {"fields": ["branch", ("number", "status"), "planned_on"]}),
        (
            "选举",
            {
                "fields": [
                    ("elected_on", "due_on"),
                    ("method", "contest"),
                    ("voters_expected", "voters_present"),
                    "seats_planned",
                ]
            },
        ),
        (
            "批复和备案",
            {
                "fields": [
                    ("approval_number", "approved_on"),
                    ("filing_number", "filed_on"),
                    "note",
                ]
            },
        ),
    ]


@admin.register(TermLength)
class TermLengthAdmin(FederationAdmin):
    list_display = ["level", "years"]
    fields = ["level", "years"]
