"""Who stood below the branch asked for, month by month, and what they were called.

A span is a branch in some months of the period, with the listed branch above it (or
itself): none for what no listed branch covers, 本级及直属. Everything shown, and every
record behind it, is read through the spans, so a transfer in mid-range counts here
until it, and there from it on; or, by the tree of the last month, there all along.
"""

from __future__ import annotations

from dataclasses import dataclass

from federation.models import Placement
from federation.models.branches import Level
from federation.months import Month
from rollups.tables.now import read_now
from rollups.tables.question import Question
from rollups.tables.spans import Span, within_period
from rollups.tables.then import read_then

__all__ = ["Place", "Span", "parents_among", "places", "read_spans", "within_period"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a branch was called, and where it stood. Sorts as the tree does."""

    path: str
    name: str
    code: str
    level: str

    @property
    def level_label(self) -> str:
        return Level(self.level).label


def read_spans(question: Question) -> list[Span]:
    """Return the spans of *question*'s period, by the tree it asks for."""
    return read_now(question) if question.basis else read_then(question)


def places(branch_ids, last: Month) -> dict[int, Place]:
    """Return ``{branch: place}`` as they stood in *last*, or most recently before."""
    placements = Placement.objects.filter(
        branch__in=branch_ids, from_month__lte=last.first_day
    ).order_by("from_month")
    rows = placements.values_list("branch_id", "path", "name", "branch__code", "level")
    return {pk: Place(*place) for pk, *place in rows}  # the latest placement wins


def parents_among(branch_ids, last: Month) -> set[int]:
    """Return the branches that had others directly below them in *last*."""
    children = Placement.objects.covering(last).filter(parent__in=branch_ids)
    return set(children.order_by().values_list("parent_id", flat=True).distinct())
