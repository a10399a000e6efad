"""Pages of a list that may be very long."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property
from unfold.views import ChangeList


class ShortPaginator(Paginator):
    """Counts the first rows only: to count a hundred thousand takes longer than to show
    a page of them, and nobody turns to page 2,000. Searches and filters reach the rest;
    ``template_name`` says so."""

    MOST = 1_000
    template_name = "admin/federation/_short_pages.html"

    @cached_property
    def count(self) -> int:
        # Keys only: what is annotated for the page is not worked out for the count.
        keys = self.object_list.order_by().values("pk")
        found = keys[: self.MOST + 1].count()
        self.is_cut = found > self.MOST
        return min(found, self.MOST)

    is_cut = False


class ShortChangeList(ChangeList):
    """Says how many there are once, below the list: on a phone the line above has no
    room."""

    def get_results(self, request):
        super().get_results(request)
        self.full_result_count = self.result_count


class ShortListMixin:
    """An admin whose list may be very long; it stands before the admin's class."""

    show_full_result_count = False
    paginator = ShortPaginator

    def get_changelist(self, request, **kwargs):
        return ShortChangeList
