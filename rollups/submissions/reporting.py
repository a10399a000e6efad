"""What a branch has done in a month. Apps declare it in their ``reporting.py``, as they
do indicators; this module knows none of them.

The figures are two indicators of the registry, read from the same source as the
rollups: what a branch confirms and what the engine counts cannot be two things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Sum

from federation.models import Branch
from federation.months import Month
from federation.wording import grouped
from rollups import registry
from rollups.models import Rollup


class Figures(NamedTuple):
    """What a branch counts in a month: 场次 and 人次."""

    sessions: int = 0
    attendance: int = 0

    def __str__(self):
        return f"{grouped(self.sessions)} 场 · {grouped(self.attendance)} 人次"


NOTHING = Figures()


class Item(NamedTuple):
    """One record in a branch's list: a line that leads to it, with what it counts or
    what it still lacks."""

    day: date
    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Reporting:
    """
    What an app's records say of a branch and a month.

    name                  unique
    sessions, attendance  codes of the indicators that are confirmed
    item        a record of their source -> its line
    unfinished  (branch, month) -> what the branch still has to finish, oldest first
    in_review   (branch, month) -> what waits for a reviewer: no zero while it does
    handed_in   (branch ids, month) -> {branch id: when the first of the records that
                count was handed in}; the reviewer's delay is not the branch's
    """

    name: str
    sessions: str
    attendance: str
    item: Callable[[Any], Item]
    unfinished: Callable[[Branch, Month], Iterable[Item]]
    in_review: Callable[[Branch, Month], Iterable[Item]]
    handed_in: Callable[[list[int], Month], dict[int, datetime]]


_reportings: dict[str, Reporting] = {}


def register(reporting: Reporting) -> None:
    """Add *reporting*. Raises ValueError for a name that is taken."""
    if reporting.name in _reportings:
        raise ValueError(f"two reportings named {reporting.name!r}")
    _reportings[reporting.name] = reporting


def all_reportings() -> list[Reporting]:
    return [_reportings[name] for name in sorted(_reportings)]


def counted(branch: Branch, month: Month) -> Figures:
    """Return what *branch* itself counts in *month* at this moment, drained or not."""
    found = counted_of([month], [branch.pk])
    return found.get((branch.pk, month.first_day), NOTHING)


def counted_of(months: list[Month], branch_ids=None) -> dict[tuple, Figures]:
    """Return ``{(branch id, first day): figures}`` of *months* (without a gap) as the
    records give them now; of all branches, or of these."""
    return _figures(
        ((branch_id, day), place, value)
        for reporting in all_reportings()
        for place, code in enumerate((reporting.sessions, reporting.attendance))
        for rows in registry.indicator(code).source.rows(months)
        for branch_id, day, value in _of(rows, branch_ids).values_list(
            "branch_id", "month", registry.indicator(code).measure
        )
    )


def stored(months: Iterable[Month], branch_ids=None) -> dict[tuple, Figures]:
    """Return ``{(branch id, first day): figures}`` as the rollups have them."""
    places = {
        code: place
        for reporting in all_reportings()
        for place, code in enumerate((reporting.sessions, reporting.attendance))
    }
    rows = Rollup.objects.filter(
        month__in=[month.first_day for month in months], indicator__in=places
    ).exclude(own=0)
    rows = (
        _of(rows, branch_ids).order_by().values_list("branch_id", "month", "indicator")
    )
    return _figures(
        ((branch_id, day), places[code], value)
        for branch_id, day, code, value in rows.annotate(value=Sum("own"))
    )


def items(branch: Branch, month: Month) -> list[Item]:
    """Return the lines of the records that *branch* itself counts in *month*."""
    first, end = month.first_day, month.next_first_day
    return sorted(
        reporting.item(record)
        for reporting in all_reportings()
        for record in registry.indicator(reporting.sessions)
        .records(first, end)
        .filter(branch=branch)
    )


def unfinished(branch: Branch, month: Month) -> list[Item]:
    return _gathered(lambda one: one.unfinished(branch, month))


def in_review(branch: Branch, month: Month) -> list[Item]:
    return _gathered(lambda one: one.in_review(branch, month))


def handed_in(branch_ids: list[int], month: Month) -> dict[int, datetime]:
    """Return when each branch handed in the first of what it counts in *month*."""
    first: dict[int, datetime] = {}
    for reporting in all_reportings():
        for branch_id, moment in reporting.handed_in(branch_ids, month).items():
            first[branch_id] = min(moment, first.get(branch_id, moment))
    return first


def _gathered(read: Callable[[Reporting], Iterable[Item]]) -> list[Item]:
    return sorted(item for one in all_reportings() for item in read(one))


def _of(rows, branch_ids):
    return rows if branch_ids is None else rows.filter(branch_id__in=branch_ids)


def _figures(parts: Iterator[tuple]) -> dict:
    """Add up (key, 0 for sessions or 1 for attendance, value)."""
    sums = defaultdict(lambda: [0, 0])
    for key, place, value in parts:
        sums[key][place] += int(value)
    return {key: Figures(*values) for key, values in sums.items()}
