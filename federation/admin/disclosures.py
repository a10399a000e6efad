"""Who opened or exported personal data, to read."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.models import Disclosure


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyMixin, FederationAdmin):
    list_display = ["at", "user", "act", "what", "branch", "purpose"]
    list_select_related = ["user", "branch", "content_type"]
    list_filter = [
        ("act", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["user__name", "user__username", "purpose", "recipient"]
    search_help_text = "谁、用途或接收人"
    date_hierarchy = "at"
    fields = [
        ("act", "at"),
        "user",
        "branch",
        "what",
        ("purpose", "recipient"),
        "selection",
        "rows",
    ]
    readonly_fields = ["what"]

    @admin.display(description="内容")
    def what(self, disclosure):
        name = disclosure.content_type.name
        if disclosure.act == Disclosure.Act.OPENED:
            return f"{name}（记录号 {disclosure.object_id}）"
        return f"{name} {disclosure.rows} 行"
