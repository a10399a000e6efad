"""换届 in the admin: a guided operation in a few pages, one module for each."""

from django.contrib import admin
from django.db.models import Count
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from members.admin.elections.after import AfterPages
from members.admin.elections.board import BoardPage
from members.admin.elections.confirming import ConfirmPages
from members.admin.elections.progress import ProgressPage
from members.admin.elections.roster import RosterPage
from members.admin.elections.seats import SeatPages
from members.admin.elections.starting import StartPage
from members.admin.elections.term import TermPage
from members.admin.structure import ElectionStructureMixin
from members.models import Election


@admin.register(Election)
class ElectionAdmin(
    StartPage,
    BoardPage,
    TermPage,
    RosterPage,
    ConfirmPages,
    AfterPages,
    SeatPages,
    ProgressPage,
    ElectionStructureMixin,
    FederationAdmin,
):
    """The list of elections, half-finished ones first to be resumed."""

    list_display = ["__str__", "status", "term_count", "started_by", "started_at"]
    list_select_related = ["branch", "started_by"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["branch__name", "branch__initials", "branch__code"]
    search_help_text = "妇联组织的名称、编码或拼音首字母"
    date_hierarchy = "elected_on"
    autocomplete_fields = ["branch"]
    fields = ["branch", "covers_below", "elected_on"]

    @admin.display(description="组织数", ordering="terms_in_it")
    def term_count(self, election):
        return election.terms_in_it

    def get_queryset(self, request):
        elections = super().get_queryset(request)
        return elections.annotate(terms_in_it=Count("terms"))
