"""The period of a report: a month, a quarter, half a year, a year or a term (届), as it
is written in an address and as people say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from federation.months import Month
from rollups.models import ReportTemplate

Kind = ReportTemplate.PeriodKind

MONTHS = {
    Kind.MONTH: 1,
    Kind.QUARTER: 3,
    Kind.HALF_YEAR: 6,
    Kind.YEAR: 12,
    Kind.TERM: 60,
}
# How many are offered, the newest first.
OFFERED = {
    Kind.MONTH: 24,
    Kind.QUARTER: 12,
    Kind.HALF_YEAR: 8,
    Kind.YEAR: 6,
    Kind.TERM: 3,
}
EXAMPLES = {
    Kind.MONTH: "2026-10",
    Kind.QUARTER: "2026Q3",
    Kind.HALF_YEAR: "2026H1",
    Kind.YEAR: "2026",
}
WRITTEN = {
    Kind.MONTH: re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    Kind.QUARTER: re.compile(r"([0-9]{4})[Qq]([1-4])"),
    Kind.HALF_YEAR: re.compile(r"([0-9]{4})[Hh]([12])"),
    Kind.YEAR: re.compile(r"([0-9]{4})()"),
    Kind.TERM: re.compile(r"([0-9]{4}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2})"),
}
EARLIEST, LATEST = Month(2000, 1), Month(2099, 12)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, both included, of one kind. Raises ValueError when it begins where
    no period of its kind does, or lies outside of what the site knows."""

    kind: str
    first: Month

    def __post_init__(self):
        if not (self.first >= EARLIEST and self.last <= LATEST):
            raise ValueError(f"out of range: {self.first}")

    @property
    def length(self) -> int:
        """The number of months."""
        return MONTHS[self.kind]

    @property
    def last(self) -> Month:
        return self.first.plus(MONTHS[self.kind] - 1)

    @property
    def months(self) -> list[Month]:
        return Month.range(self.first, self.last)

    def plus(self, steps: int) -> Period | None:
        """Return the period so many steps later; None where the site knows none."""
        try:
            return Period(self.kind, self.first.plus(steps * self.length))
        except ValueError:
            return None

    @property
    def label(self) -> str:
        """Return how people say it: ``2026 年第 3 季度``."""
        year, number = self.first.year, self.first.number
        return {
            Kind.MONTH: f"{year} 年 {number} 月",
            Kind.QUARTER: f"{year} 年第 {(number + 2) // 3} 季度",
            Kind.HALF_YEAR: f"{year} 年{'上' if number == 1 else '下'}半年",
            Kind.YEAR: f"{year} 年",
            Kind.TERM: f"{self.first.label}至 {self.last.label}",
        }[self.kind]

    def __str__(self) -> str:
        year, number = self.first.year, self.first.number
        return {
            Kind.MONTH: str(self.first),
            Kind.QUARTER: f"{year}Q{(number + 2) // 3}",
            Kind.HALF_YEAR: f"{year}H{(number + 5) // 6}",
            Kind.YEAR: f"{year:04d}",
            Kind.TERM: f"{self.first}..{self.last}",
        }[self.kind]


def containing(template: ReportTemplate, month: Month) -> Period:
    """Return the period of *template* in which *month* lies."""
    length = MONTHS[template.period_kind]
    # Years begin in January, a term when the district says.
    is_term = template.period_kind == Kind.TERM
    begins = Month.of(template.term_first).ordinal % length if is_term else 0
    back = (month.ordinal - begins) % length
    return Period(template.period_kind, month.plus(-back))


def usual(template: ReportTemplate) -> Period:
    """Return the period that is due: the newest that is over; of years and terms, the
    one in which the newest whole month lies."""
    current = Month.current()
    if template.period_kind in (Kind.YEAR, Kind.TERM):
        return containing(template, current.previous())
    return containing(template, current).plus(-1)


def offered(template: ReportTemplate, chosen: Period) -> list[Period]:
    """Return the periods to choose from, the newest first; *chosen* is among them."""
    newest = containing(template, Month.current())
    back = (newest.plus(-n) for n in range(OFFERED[template.period_kind]))
    periods = {period.first: period for period in back if period}
    periods.setdefault(chosen.first, chosen)
    return [periods[first] for first in sorted(periods, reverse=True)]


def parse(template: ReportTemplate, text: str) -> Period:
    """Return the period written as *text*. Raises ValidationError with the sentence
    that says how one is written."""
    kind = template.period_kind
    found = WRITTEN[kind].fullmatch(text.strip())
    if not found:
        raise ValidationError(_how(template))
    try:
        if kind == Kind.TERM:
            return _term(template, *found.groups())
        year, number = found.groups()
        step = int(number or 1) - 1
        return Period(kind, Month(int(year), 1).plus(step * MONTHS[kind]))
    except ValueError as error:
        raise ValidationError(
            f"期间请在 {EARLIEST.year} 年和 {LATEST.year} 年之间选择。"
        ) from error


def _term(template: ReportTemplate, first: str, last: str) -> Period:
    try:
        asked = Month.parse(first), Month.parse(last)
    except ValueError as error:
        raise ValidationError(_how(template)) from error
    period = containing(template, asked[0])
    if asked != (period.first, period.last):
        raise ValidationError(f"这张报表按届统计，{first} 所在的一届请写成 {period}。")
    return period


def _how(template: ReportTemplate) -> str:
    kind = template.period_kind
    example = EXAMPLES.get(kind) or usual(template)
    return f"这张报表{Kind(kind).label}一份，期间请写成 {example} 的样子。"
