"""认定批次 in the admin: a board of counts, lists to tick, and the sheet of plates."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.views import ChangeList

from families.admin.batches.applying import ApplyPage
from families.admin.batches.board import BoardPage, board_of
from families.admin.batches.rows import RowsPage
from families.admin.batches.sheet import SheetPage
from families.models import Batch
from federation.admin.scoped import FederationAdmin


class BoardChangeList(ChangeList):
    """A batch is opened on its board."""

    def url_for_result(self, result):
        return board_of(result)


@admin.register(Batch)
class BatchAdmin(BoardPage, RowsPage, ApplyPage, SheetPage, FederationAdmin):
    """A village sees the batches of its street and district too: it takes part."""

    list_display = [
        "name",
        "subject",
        "branch",
        "opened_on",
        "published",
        "granted_by",
    ]
    list_select_related = ["branch"]
    list_filter = [("subject", ChoicesDropdownFilter)]
    search_fields = ["name", "document_number"]
    search_help_text = "批次名称或认定文号"
    date_hierarchy = "opened_on"
    autocomplete_fields = ["branch"]
    fieldsets = [
        ("批次", {"fields": ["name", ("subject", "branch"), "opened_on"]}),
        (
            "公示和认定",
            {"fields": [("published_from", "published_until"), "document_number"]},
        ),
    ]

    def get_changelist(self, request, **kwargs):
        return BoardChangeList

    @admin.display(description="公示", ordering="published_from")
    def published(self, batch):
        if batch.published_from is None:
            return "未定"
        return f"{batch.published_from:%m-%d} 至 {batch.published_until:%m-%d}"

    @admin.display(description="认定文号")
    def granted_by(self, batch):
        return batch.document_number or "—"

    def response_add(self, request, obj, post_url_continue=None):
        return HttpResponseRedirect(board_of(obj))

    def response_change(self, request, obj):
        return HttpResponseRedirect(board_of(obj))

    def get_queryset(self, request):
        return Batch.objects.taking_part(request.user)

    def has_view_permission(self, request, obj=None):
        if not isinstance(obj, Batch):
            return super().has_view_permission(request, obj)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def get_readonly_fields(self, request, obj=None):
        # What applied in it applied as this, and there.
        has_rows = obj is not None and obj.recognitions.exists()
        return ["subject", "branch"] if has_rows else []
