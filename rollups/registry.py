"""What can be counted. Apps declare indicators in their ``indicators.py``; this
module knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from django.db.models import Count, DateField, Q, QuerySet, Value

from federation.months import Month


class Kind(Enum):
    FLOW = "flow"  # adds up over months
    STOCK = "stock"  # the state at month end; the last value of a period counts
    DISTINCT = "distinct"  # recounted for every level and period, never added
    RATIO = "ratio"  # numerator / denominator at every level, never averaged


@dataclass(frozen=True, slots=True)
class Filter:
    """
    One way to narrow an indicator's records to a part of them.

    label    what it asks for, in Chinese
    choices  ``[(value, Chinese)]`` of the values it takes
    lookup   of the records; a record fits if one of the chosen values does
    """

    label: str
    choices: list[tuple[str, str]]
    lookup: str

    def condition(self, values: Iterable[str]) -> Q:
        condition = Q()
        for value in values:
            condition |= Q(**{self.lookup: value})
        return condition


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where values come from; one source feeds several indicators by one reading.

    name     unique
    rows     (months) -> querysets of ``.values("month", "branch_id", "programme_id",
             *measures)``, grouped, without ordering: one row per group. A stock gives
             one queryset per month, with ``as_month(month)`` as its month. If its
             indicators have filters, it takes ``narrow=`` too, records -> some of
             them, and applies it before it groups
    records  (first, end) -> the scoped queryset of the records of ``[first, end)``; for
             a stock those that hold at the end
    columns  {title: record -> text} of the drill-down list
    link     record -> URL or None
    programme_lookup   record lookup of its programme; None if it has none
    measures {measure: aggregate over the records of one branch}, by which the
             drill-down adds up; default: their number
    counted_on  month, branch -> the oldest and the newest day on which the records
             that hold at its end were counted, of what rates are given of; (None,
             None) without records
    """

    name: str
    rows: Callable[[list[Month]], Iterable[QuerySet]]
    records: Callable[[date, date], QuerySet]
    columns: dict[str, Callable]
    link: Callable | None = None
    programme_lookup: str | None = None
    measures: dict[str, Any] = field(default_factory=dict)
    counted_on: Callable | None = None

    def measure(self, name: str):
        """Return the aggregate that gives *name* over records."""
        return self.measures.get(name, Count("pk"))

    def narrowed(self, name: str, narrow: Callable[[QuerySet], QuerySet]) -> Source:
        """Return the source of some of its records only."""
        return replace(
            self,
            name=f"{self.name} {name}",
            rows=partial(self.rows, narrow=narrow),
            records=lambda first, end: narrow(self.records(first, end)),
        )


@dataclass(frozen=True, slots=True)
class Indicator:
    """
    One number that each branch has each month.

    code         stable identifier, ``activities.sessions``; stored, never shown
    label, unit  Chinese column title and measure word
    kind         see Kind
    source       of all kinds but RATIO
    measure      the source's column that holds the value; for DISTINCT, the key
    record_value record -> its share in the number, for the drill-down (default 1)
    narrow       the source's records -> those of them that this indicator counts
                 (default all)
    filters      {name: Filter} by which the district can make further indicators
                 without code
    numerator, denominator   codes, of RATIO
    per          how many of the denominator a RATIO is given for: 100 for per cent
    place        where it stands among the columns; those without one come last
    since        the first day of the first month it is asked for; None: ever since. A
                 month before has no figure, which is no zero
    is_usual     whether the table for people shows it to whoever chooses none
    """

    code: str
    label: str
    unit: str
    kind: Kind
    source: Source | None = None
    measure: str = ""
    record_value: Callable = lambda record: 1
    narrow: Callable[[QuerySet], QuerySet] = lambda records: records
    filters: dict[str, Filter] = field(default_factory=dict)
    numerator: str = ""
    denominator: str = ""
    per: int = 1
    since: date | None = None
    is_usual: bool = True
    place: int = 100
    version: int = 1  # of its definition: one more whenever it counts otherwise

    @property
    def is_additive(self) -> bool:
        """Whether a parent's total is its own plus its children's."""
        return self.kind in (Kind.FLOW, Kind.STOCK)

    def is_counted_in(self, month: Month) -> bool:
        return self.since is None or self.since <= month.first_day

    @property
    def parts(self) -> list[Indicator]:
        """The indicators with values of their own: itself, or a ratio's two."""
        if self.kind is not Kind.RATIO:
            return [self]
        return [_indicators[self.numerator], _indicators[self.denominator]]

    def records(self, first: date, end: date) -> QuerySet:
        """Return the records it counts of ``[first, end)``, not scoped yet."""
        return self.narrow(self.source.records(first, end))

    @property
    def has_programmes(self) -> bool:
        """Whether it can be asked for one programme."""
        return all(part.source.programme_lookup for part in self.parts)


_indicators: dict[str, Indicator] = {}
_providers: list[Callable[[], list[Indicator]]] = []


def register(*indicators: Indicator) -> None:
    """Add *indicators*. Raises ValueError for a code that is taken, or a ratio of
    codes that do not exist."""
    for indicator in indicators:
        if indicator.code in _indicators:
            raise ValueError(f"two indicators with the code {indicator.code!r}")
        if indicator.kind is Kind.RATIO:
            missing = {indicator.numerator, indicator.denominator} - set(_indicators)
            if missing:
                raise ValueError(f"{indicator.code} is a ratio of unknown {missing}")
        elif indicator.source is None:
            raise ValueError(f"{indicator.code} has no source")
        _indicators[indicator.code] = indicator


def provide(function: Callable[[], list[Indicator]]) -> Callable:
    """Let *function* give further indicators: those the district defines, read from
    the database whenever they are asked for (once in a ``reading``)."""
    _providers.append(function)
    return function


@dataclass(slots=True)
class _Reading:
    """What the providers said, once they were asked."""

    is_of_a_request: bool
    provided: dict[str, Indicator] | None = None


_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """
    Ask the providers once at most until the block ends, and anew for this block: what
    is counted in it is counted by one and the same list.

    Begin it when the locks are held: a list that is older could miss an indicator
    whose marks are being served. Within another one, it is the same one.
    """
    now = _reading.get()
    is_same = now is not None and not now.is_of_a_request
    with _reading_as(now if is_same else _Reading(is_of_a_request=False)):
        yield


@contextmanager
def reading_of_a_request() -> Iterator[None]:
    """Ask the providers once at most for the page that is made in this block. Never
    longer: what another process adds is there for the next page."""
    with _reading_as(_Reading(is_of_a_request=True)):
        yield


@contextmanager
def _reading_as(what: _Reading) -> Iterator[None]:
    before = _reading.set(what)
    try:
        yield
    finally:
        _reading.reset(before)


def _provided() -> dict[str, Indicator]:
    now = _reading.get()
    if now is not None and now.provided is not None:
        return now.provided
    found = {one.code: one for provider in _providers for one in provider()}
    if now is not None:
        now.provided = found
    return found


def declared_indicators() -> list[Indicator]:
    """Return those that the apps declare, by place and code; they need no database."""
    return _in_order(_indicators.values())


def all_indicators() -> list[Indicator]:
    """Return every indicator by its place, and by its code where places are equal:
    never by which app was imported first."""
    return _in_order((_provided() | _indicators).values())


def usual_indicators() -> list[Indicator]:
    """Return those that are shown to whoever chooses none, in the order of codes."""
    return [one for one in all_indicators() if one.is_usual]


def indicator(code: str) -> Indicator:
    """Return the indicator. Raises KeyError if there is none."""
    declared = _indicators.get(code)
    return declared or _provided()[code]


def label_of(code: str) -> str:
    """Return the indicator's label; the code itself of one that exists no more."""
    known = _indicators.get(code) or _provided().get(code)
    return known.label if known else code


def _in_order(indicators: Iterable[Indicator]) -> list[Indicator]:
    return sorted(indicators, key=lambda one: (one.place, one.code))


def as_month(month: Month) -> Value:
    """Return *month* as a column, for the querysets of a stock."""
    return Value(month.first_day, output_field=DateField())
