"""How fresh the figures are: when the engine last counted, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from federation.models import Heartbeat, Mark
from rollups.tables import Coverage, Question
from rollups.tables.notes import state_sentence


@dataclass(frozen=True, slots=True)
class Freshness:
    """
    counted_at   when the engine last looked for changes; None if it never did
    waiting      changes in these months, below this branch, that are not counted yet
    state        which months of the period are closed, and as which revision
    """

    counted_at: datetime | None
    waiting: int
    state: str

    @property
    def sentence(self) -> str:
        if self.counted_at is None:
            return "还没有汇总过，请稍后刷新。"
        at = f"数据截至 {timezone.localtime(self.counted_at):%Y-%m-%d %H:%M}"
        if self.waiting:
            return f"{at}，还有 {self.waiting} 处改动待汇总，稍后刷新即可看到。"
        return f"{at}，没有待汇总的改动。"


def freshness(question: Question, coverage: Coverage) -> Freshness:
    """Return how fresh the figures of *question* are."""
    first, last = question.first.first_day, question.last.first_day
    in_period = Q(onward=False, month__gte=first) | Q(onward=True)
    marks = Mark.objects.within(question.branch).filter(in_period, month__lte=last)
    return Freshness(
        counted_at=Heartbeat.objects.filter(name="rollup")
        .values_list("beat_at", flat=True)
        .first(),
        waiting=marks.values("branch", "month").distinct().count(),
        state=state_sentence(coverage, question, bare=True),
    )
