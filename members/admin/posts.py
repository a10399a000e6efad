"""The posts of the register."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from members.admin.filters import InPostFilter
from members.models import Post


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
