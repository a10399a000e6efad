"""A branch in some months of a period, and the row of the table in which it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from federation.months import Month
from rollups.tables.question import Question


@dataclass(frozen=True, slots=True)
class Span:
    """
    A branch below the one asked for, from a month to another one, excluded.

    home_id     the branch whose own figure its own figures are part of: itself; by the
                tree of a later month (现口径) perhaps its successor
    listed_id   the listed branch above its home, or the home itself; None for what no
                listed branch covers, 本级及直属
    """

    branch_id: int
    home_id: int
    listed_id: int | None
    from_month: date
    until_month: date

    @property
    def is_listed(self) -> bool:
        return self.home_id == self.listed_id

    @property
    def is_rest(self) -> bool:
        return self.listed_id is None


def within_period(spans: list[Span], question: Question) -> list[Span]:
    """Return *spans* of a longer period, cut to the one of *question*."""
    first, end = question.first.first_day, question.last.next_first_day
    return [
        replace(
            span,
            from_month=max(span.from_month, first),
            until_month=min(span.until_month, end),
        )
        for span in spans
        if span.from_month < end and span.until_month > first
    ]


def without_months(spans: list[Span], months: Iterable[Month]) -> list[Span]:
    """Return *spans* without *months*: cut in two where one lies in the middle."""
    for first, end in runs(months):
        spans = [piece for span in spans for piece in _around(span, first, end)]
    return spans


def _around(span: Span, first: date, end: date) -> Iterable[Span]:
    if span.from_month < first:
        yield replace(span, until_month=min(span.until_month, first))
    if span.until_month > end:
        yield replace(span, from_month=max(span.from_month, end))


def runs(months: Iterable[Month]) -> list[tuple[date, date]]:
    """Return the unbroken runs of *months* as ``[(first day, day after)]``."""
    found: list[tuple[date, date]] = []
    for month in sorted(months):
        if found and found[-1][1] == month.first_day:
            found[-1] = (found[-1][0], month.next_first_day)
        else:
            found.append((month.first_day, month.next_first_day))
    return found
