"""How fresh the figures are: when the engine last counted, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from federation.models import Heartbeat, Mark, ReportingMonth
from rollups.tables import Question


@dataclass(frozen=True, slots=True)
class Freshness:
    """
    counted_at   when the engine last looked for changes; None if it never did
    waiting      changes in these months, below this branch, that are not counted yet
    closed       ``[(month, revision)]`` of the period, oldest first
    """

    counted_at: datetime | None
    waiting: int
    closed: list[tuple]


def freshness(question: Question) -> Freshness:
    """Return how fresh the figures of *question* are."""
    first, last = question.first.first_day, question.last.first_day
    in_period = Q(onward=False, month__gte=first) | Q(onward=True)
    marks = Mark.objects.within(question.branch).filter(in_period, month__lte=last)
    closed = ReportingMonth.objects.closed().filter(month__gte=first, month__lte=last)
    return Freshness(
        counted_at=Heartbeat.objects.filter(name="rollup")
        .values_list("beat_at", flat=True)
        .first(),
        waiting=marks.values("branch", "month").distinct().count(),
        closed=list(closed.order_by("month").values_list("month", "revision")),
    )
