"""The terms of the committees."""

from django.contrib import admin

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from members.models import Term


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
