"""What a report carries so that it can be proved years later: the revision of each of
its months, with the first characters of the hash, and the head of the chain."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Subquery

from federation.models import ReportingMonth
from federation.months import Month
from rollups.models import Revision

HASH_SHOWN = 8
NAMED = 3  # open months, before they are only counted


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month of the period; number and sha256 are None and "" while it is open."""

    month: Month
    number: int | None = None
    sha256: str = ""

    @property
    def is_open(self) -> bool:
        return self.number is None

    @property
    def label(self) -> str:
        """Return the month as the chain names it: ``2026-08/2 55dcb017``."""
        if self.is_open:
            return f"{self.month} 未结账"
        return f"{self.month}/{self.number} {self.sha256[:HASH_SHOWN]}"


@dataclass(frozen=True, slots=True)
class Proof:
    states: list[MonthState]
    head: str  # of the chain, ``2026-10/1:…``; "" before the first closing

    @property
    def is_draft(self) -> bool:
        """Whether a month may still change."""
        return any(state.is_open for state in self.states)

    @property
    def summary(self) -> str:
        """Return the state of all months in a few words."""
        open_months = [str(state.month) for state in self.states if state.is_open]
        if not open_months:
            return "已结账"
        if len(open_months) == len(self.states):
            return "未结账"
        if len(open_months) > NAMED:
            return f"有 {len(open_months)} 个月未结账"
        return f"{'、'.join(open_months)} 未结账"


def read_proof(first: Month, last: Month) -> Proof:
    """Read the states of the months from *first* to *last*, and the chain's head."""
    closed = ReportingMonth.objects.closed().filter(
        month=OuterRef("month"), revision=OuterRef("number")
    )
    newest = Revision.objects.order_by("-sequence").values("sequence")[:1]
    revisions = (
        Revision.objects.filter(
            Q(month__gte=first.first_day, month__lte=last.first_day)
            | Q(sequence=Subquery(newest))
        )
        .annotate(stands=Exists(closed))
        .order_by("sequence")
        .values_list("month", "number", "sha256", "stands")
    )
    found, head = {}, ""
    for day, number, sha256, stands in revisions:
        month = Month.of(day)
        head = f"{month}/{number}:{sha256}"
        if stands:
            found[month] = MonthState(month, number, sha256)
    months = Month.range(first, last)
    return Proof([found.get(month, MonthState(month)) for month in months], head)
