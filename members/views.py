"""The public list of honours: of those who agreed, by year and rank."""

from itertools import groupby

from django.db.models import Case, Value, When
from django.db.models.functions import ExtractYear
from django.views.generic import ListView

from members.models import Honour
from members.models.choices import Rank

RANK_ORDER = Case(
    *[When(rank=rank, then=Value(place)) for place, rank in enumerate(Rank)]
)


class HonourListView(ListView):
    """Honours of one year (the newest unless asked), the highest rank first."""

    template_name = "members/honour_list.html"
    context_object_name = "honours"

    def get_queryset(self):
        public = Honour.objects.public()
        years = public.order_by().values_list(ExtractYear("awarded_on"), flat=True)
        self.years = sorted(set(years.distinct()), reverse=True)
        self.year = self._asked("year", self.years) or next(iter(self.years), None)
        self.rank = self._asked("rank", Rank.values)
        if self.year is None:
            return public.none()
        honours = public.filter(awarded_on__year=self.year)
        if self.rank:
            honours = honours.filter(rank=self.rank)
        honours = honours.select_related("member", "branch")
        return honours.order_by(RANK_ORDER, "awarded_on", "pk")

    def _asked(self, name: str, choices):
        asked = self.request.GET.get(name, "")
        return next((choice for choice in choices if str(choice) == asked), None)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        groups = groupby(context["honours"], key=lambda honour: honour.rank)
        return context | {
            "groups": [(Rank(rank).label, list(rows)) for rank, rows in groups],
            "years": self.years,
            "year": self.year,
            "ranks": Rank.choices,
            "rank": self.rank,
        }
