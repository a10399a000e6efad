"""The wide table, for people: one row per branch, one column per indicator, and
beside each its comparisons when asked for. Page, CSV and XLSX print this one object."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from federation.months import Month
from rollups.registry import Indicator
from rollups.tables.figures import REST, WHOLE, Figures, Key, read_figures
from rollups.tables.question import Question
from rollups.tables.tree import (
    Place,
    parents_among,
    places,
    read_spans,
    within_period,
)

PER_MILLE = Decimal("0.001")


class Aspect(Enum):
    """What a column shows of its indicator."""

    NOW = "now"
    BEFORE = "before"  # 上月
    CHANGE = "change"  # 环比
    YEAR_AGO = "year_ago"  # 去年同月
    YEAR_CHANGE = "year_change"  # 同比
    YEAR_TO_DATE = "year_to_date"  # 本年累计

    @property
    def is_change(self) -> bool:
        return self in (Aspect.CHANGE, Aspect.YEAR_CHANGE)


COMPARED_WITH = {Aspect.CHANGE: Aspect.BEFORE, Aspect.YEAR_CHANGE: Aspect.YEAR_AGO}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of figures: *question* asks for its period."""

    indicator: Indicator
    aspect: Aspect
    question: Question

    @property
    def is_change(self) -> bool:
        return self.aspect.is_change

    @property
    def label(self) -> str:
        """Return what stands under the indicator's name."""
        is_month = self.question.length == 1
        return {
            Aspect.NOW: "本月" if is_month else "本期",
            Aspect.BEFORE: "上月" if is_month else "上期",
            Aspect.CHANGE: "环比",
            Aspect.YEAR_AGO: "去年同月" if is_month else "去年同期",
            Aspect.YEAR_CHANGE: "同比",
            Aspect.YEAR_TO_DATE: "本年累计",
        }[self.aspect]

    @property
    def title(self) -> str:
        """Return the title of the column where it stands alone, as in a file."""
        label = self.indicator.label
        if self.aspect is not Aspect.NOW:
            label = f"{label} {self.label}"
        return label if self.is_change else f"{label}（{self.indicator.unit}）"


@dataclass(frozen=True, slots=True)
class Row:
    """A branch and its figures, in the order of the columns. A change is a fraction:
    0.125 is 12.5 %."""

    key: Key
    name: str
    code: str
    level: str
    opens: bool  # whether something stood below it, so that it has a listing
    figures: list[Decimal | None]


@dataclass(frozen=True, slots=True)
class WideTable:
    question: Question
    columns: list[Column]
    rows: list[Row]  # the whole, the listed branches in tree order, 本级及直属

    @property
    def whole(self) -> Row:
        return self.rows[0]


def wide_table(question: Question, *, compare: bool = False) -> WideTable:
    """Return the table; with *compare*, each indicator beside its earlier periods."""
    periods = {Aspect.NOW: question}
    if compare:
        periods |= _earlier_periods(question)
    earliest = min(period.first for period in periods.values())
    spans = read_spans(question.during(earliest, question.last))
    cut = {aspect: within_period(spans, period) for aspect, period in periods.items()}
    figures = {
        aspect: read_figures(period, cut[aspect]) for aspect, period in periods.items()
    }
    columns = [
        Column(indicator, aspect, periods.get(aspect, question))
        for indicator in question.indicators
        for aspect in (Aspect if compare else [Aspect.NOW])
    ]
    # Who left before this period keeps a row while an earlier one is shown.
    listed = {
        span.listed_id for some in cut.values() for span in some if span.is_listed
    }
    rows = [
        Row(*place, [_figure(column, place[0], figures) for column in columns])
        for place in _places(question, listed)
    ]
    return WideTable(question, columns, rows)


def _earlier_periods(question: Question) -> dict[Aspect, Question]:
    first, last = question.first, question.last
    back = question.length
    return {
        Aspect.BEFORE: question.during(first.plus(-back), last.plus(-back)),
        Aspect.YEAR_AGO: question.during(first.year_earlier(), last.year_earlier()),
        Aspect.YEAR_TO_DATE: question.during(Month(last.year, 1), last),
    }


def _figure(column: Column, key: Key, figures: dict[Aspect, Figures]):
    if not column.is_change:
        return figures[column.aspect].of(key, column.indicator)
    now = figures[Aspect.NOW].of(key, column.indicator)
    base = figures[COMPARED_WITH[column.aspect]].of(key, column.indicator)
    if now is None or not base:
        return None  # nothing grows from zero by a percentage
    return ((now - base) / base).quantize(PER_MILLE, ROUND_HALF_UP)


def _places(question: Question, listed: set[int]):
    """Yield key, name, code, level and opens of each row."""
    branch = question.branch
    found = places({branch.pk, *listed}, question.last)
    parents = parents_among(listed, question.last)
    itself = found.get(branch.pk) or Place(
        branch.path, branch.name, branch.code, branch.level
    )
    yield WHOLE, itself.name, itself.code, itself.level_label, False
    for pk, place in sorted(found.items(), key=lambda item: item[1].path):
        if pk in listed:
            yield pk, place.name, place.code, place.level_label, pk in parents
    yield REST, "本级及直属", "", "", False
