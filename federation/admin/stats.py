"""Dated numbers of a branch (基础数据): on its page, and in a list of their own."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.scoped import FederationAdmin, FederationInline
from federation.models import BranchStat


class BranchStatInline(FederationInline):
    model = BranchStat
    fields = ["figure", "as_of", "value", "source"]
    ordering = ["figure", "-as_of"]


@admin.register(BranchStat)
class BranchStatAdmin(FederationAdmin):
    list_display = ["branch", "figure", "value", "as_of", "source"]
    list_select_related = ["branch"]
    list_filter = [("figure", ChoicesDropdownFilter)]
    search_fields = ["branch__name", "branch__initials", "branch__code", "source"]
    search_help_text = "组织名称、编码、拼音首字母或来源"
    date_hierarchy = "as_of"
    autocomplete_fields = ["branch"]
    fields = ["branch", "figure", "value", "as_of", "source"]
