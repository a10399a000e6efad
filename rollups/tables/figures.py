"""The figures of one period: each listed branch's, the rest's and the whole's."""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from rollups.registry import Indicator, Kind
from rollups.tables.coverage import Coverage, Gap, read_coverage
from rollups.tables.question import Question
from rollups.tables.statement import (
    COVERS,
    KEYS,
    ROLLUP,
    Statement,
    of_period,
    of_programme,
    spans_table,
)
from rollups.tables.tree import Span

WHOLE = "whole"  # the branch asked for, with everything below it
REST = "rest"  # 本级及直属: what no listed branch covers

Key = int | str  # a listed branch's id, REST or WHOLE

HUNDREDTH = Decimal("0.01")


class Uncounted:
    """What stands where closed months did not count an indicator yet: no zero."""

    def __str__(self):
        return "未统计"

    __repr__ = __str__

    def __format__(self, spec):
        return str(self)

    def __bool__(self):
        return False


UNCOUNTED = Uncounted()

Figure = Decimal | Uncounted | None


class Figures:
    """The values of one period by row and indicator."""

    def __init__(
        self,
        question: Question,
        values: dict[tuple[Key, str], Decimal],
        coverage: Coverage,
    ):
        self.question = question
        self.coverage = coverage
        self._values = values
        self._asked = {one.code for one in question.asked}

    def of(self, key: Key, indicator: Indicator) -> Figure:
        """Return the figure; None where there is none: a ratio to zero, a stock of
        months to come, an indicator that knows no programmes under one; UNCOUNTED
        where every month was closed before the indicator was there."""
        if indicator.code not in self._asked:
            return None
        gap = self.coverage.gap(indicator, self.question)
        if gap.is_whole:
            return UNCOUNTED
        if indicator.kind is Kind.RATIO:
            numerator, denominator = (
                self.of_part(key, part, _alias(indicator, part, gap))
                for part in indicator.parts
            )
            return ratio(numerator, denominator, indicator.per)
        return self.of_part(key, indicator)

    def is_complete(self, indicator: Indicator) -> bool:
        """Whether every month of the period counted *indicator*."""
        return not self.coverage.gap(indicator, self.question)

    def of_part(self, key: Key, part: Indicator, code: str = "") -> Decimal | None:
        """Return the figure of an indicator with values of its own."""
        if part.kind is Kind.STOCK and self.question.stock_month is None:
            return None
        return self._values.get((key, code or part.code), Decimal(0))

    def branches(self) -> set[int]:
        """Return the listed branches with a figure."""
        return {key for key, _ in self._values if isinstance(key, int)}


def ratio(
    numerator: Decimal | None, denominator: Decimal | None, per: int = 1
) -> Decimal | None:
    """Return how many of *numerator* there are for *per* of *denominator*, to two
    decimals; None where it has no meaning."""
    if numerator is None or not denominator:
        return None
    return tidy((numerator * per / denominator).quantize(HUNDREDTH, ROUND_HALF_UP))


def tidy(value: Decimal) -> Decimal:
    """Return *value* without idle zeros: 12, not 12.00, and never 1E+2. SQLite adds in
    binary fractions, so what lies beyond two decimals is none of ours."""
    value = value.quantize(HUNDREDTH, ROUND_HALF_UP)
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def read_figures(
    question: Question, spans: list[Span], coverage: Coverage | None = None
) -> Figures:
    """Read all figures of *question* by one statement; *coverage* is of a period that
    holds the question's, and is read if it is not given."""
    if coverage is None:
        coverage = read_coverage(question)
    statement = Statement()
    parts = [
        *_added(question, statement),
        *_recounted(question, statement),
        *_shared(question, statement, coverage),
    ]
    if not parts:
        return Figures(question, {}, coverage)
    itself = [span for span in spans if span.branch_id == question.branch.pk]
    listed = [span for span in spans if span.is_listed]
    rest = [span for span in spans if span.is_rest]
    rows = statement.fetch(f"""
        WITH {spans_table(statement, "below", spans)},
            {spans_table(statement, "itself", itself)},
            {spans_table(statement, "listed", listed)},
            {spans_table(statement, "rest", rest)}
        {" UNION ALL ".join(parts)}""")
    values = {
        (listed_id or part, code): Decimal(str(value))
        for part, listed_id, code, value in rows
    }
    if question.basis:
        _add_up(values)
    values = {place: tidy(value) for place, value in values.items()}
    return Figures(question, values, coverage)


def _add_up(values: dict[tuple[Key, str], Decimal]) -> None:
    """Make the whole of its rows, for the codes that have none of their own."""
    recounted = {code for key, code in values if key == WHOLE}
    for (_, code), value in list(values.items()):
        if code not in recounted:
            values[WHOLE, code] = values.get((WHOLE, code), Decimal(0)) + value


def _added(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what adds up, over the period."""
    flows = question.codes(Kind.FLOW)
    counts = f"v.indicator IN {statement.values('flow', flows)}"
    stocks = question.codes(Kind.STOCK)
    if stocks and question.stock_month:
        month = statement.value("stock_month", question.stock_month.first_day)
        stocks = statement.values("stock", stocks)
        counts = f"({counts} OR v.indicator IN {stocks} AND v.month = {month})"
    elif not flows:
        return
    yield from _sums(question, statement, counts)


def _sums(question: Question, statement: Statement, counts: str, code="v.indicator"):
    """Yield the sums of the value rows for which *counts* holds, under *code*: of the
    engine's totals, and for the rest of what its branches have themselves. In the tree
    of another month the engine's totals say nothing: all is made of own values, and
    the whole of its rows."""
    sources = [
        (REST, "listed", "total"),
        (REST, "rest", "own"),
        (WHOLE, "itself", "total"),
    ]
    if question.basis:
        sources = [(REST, "below", "own")]
        counts = f"{counts} {of_period(statement, question)}"
    counts = f"{counts} {of_programme(statement, question)}"
    for part, table, column in sources:
        row = "CAST(NULL AS bigint)" if part == WHOLE else "l.listed_id"
        yield f"""
            SELECT '{part}', {row}, {code}, SUM(v.{column})
            FROM {table} l JOIN {ROLLUP} v ON {COVERS}
            WHERE {counts} GROUP BY 2, v.indicator"""


def _recounted(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what is counted anew for the period, from the keys."""
    distinct = question.codes(Kind.DISTINCT)
    if distinct:
        counts = f"v.indicator IN {statement.values('distinct', distinct)}"
        yield from _counts_of_keys(question, statement, counts)


def _counts_of_keys(question, statement: Statement, counts: str, code="v.indicator"):
    for part, row in ((REST, "l.listed_id"), (WHOLE, "CAST(NULL AS bigint)")):
        yield f"""
            SELECT '{part}', {row}, {code}, COUNT(DISTINCT v.key)
            FROM below l JOIN {KEYS} v ON {COVERS}
            WHERE {counts} {of_programme(statement, question)}
            GROUP BY 2, v.indicator"""


def _shared(
    question: Question, statement: Statement, coverage: Coverage
) -> Iterable[str]:
    """Yield the parts of the ratios that not every month counted, over the months
    that counted both: else one year's talks would be shared among two years' women."""
    number = 0
    for indicator in question.asked:
        gap = coverage.gap(indicator, question)
        if indicator.kind is not Kind.RATIO or not gap or gap.is_whole:
            continue
        for part in indicator.parts:
            if not (alias := _alias(indicator, part, gap)):
                continue
            number += 1
            days = [month.first_day for month in gap.months]
            missing = statement.values(f"missing_{number}", days)
            wanted = statement.value(f"shared_{number}", part.code)
            code = f"CAST({statement.value(f'alias_{number}', alias)} AS varchar)"
            counts = f"v.indicator = {wanted} AND v.month NOT IN {missing}"
            select = _counts_of_keys if part.kind is Kind.DISTINCT else _sums
            yield from select(question, statement, counts, code)


def _alias(indicator: Indicator, part: Indicator, gap: Gap) -> str:
    """Return the name of *part* over the months in which its ratio is counted; "" where
    it is the plain one. A stock is that of its one month."""
    return "" if not gap or part.kind is Kind.STOCK else f"{indicator.code} {part.code}"
