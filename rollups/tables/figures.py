"""The figures of one period: each listed branch's, the rest's and the whole's."""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from rollups.registry import Indicator, Kind
from rollups.tables.question import Question
from rollups.tables.statement import (
    COVERS,
    KEYS,
    ROLLUP,
    Statement,
    of_programme,
    spans_table,
)
from rollups.tables.tree import Span

WHOLE = "whole"  # the branch asked for, with everything below it
REST = "rest"  # 本级及直属: what no listed branch covers

Key = int | str  # a listed branch's id, REST or WHOLE

HUNDREDTH = Decimal("0.01")


class Figures:
    """The values of one period by row and indicator."""

    def __init__(self, question: Question, values: dict[tuple[Key, str], Decimal]):
        self.question = question
        self._values = values
        self._asked = {one.code for one in question.asked}

    def of(self, key: Key, indicator: Indicator) -> Decimal | None:
        """Return the figure; None where there is none: a ratio to zero, a stock of
        months to come, an indicator that knows no programmes under one."""
        if indicator.code not in self._asked:
            return None
        if indicator.kind is Kind.RATIO:
            numerator, denominator = (self.of_part(key, p) for p in indicator.parts)
            return ratio(numerator, denominator, indicator.per)
        return self.of_part(key, indicator)

    def of_part(self, key: Key, part: Indicator) -> Decimal | None:
        """Return the figure of an indicator with values of its own."""
        if part.kind is Kind.STOCK and self.question.stock_month is None:
            return None
        return self._values.get((key, part.code), Decimal(0))

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
    """Return *value* without idle zeros: 12, not 12.00, and never 1E+2."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def read_figures(question: Question, spans: list[Span]) -> Figures:
    """Read all figures of *question* by one statement."""
    statement = Statement()
    parts = [*_added(question, statement), *_recounted(question, statement)]
    if not parts:
        return Figures(question, {})
    itself = [span for span in spans if span.branch_id == question.branch.pk]
    listed = [span for span in spans if span.is_listed]
    rest = [span for span in spans if span.is_rest]
    rows = statement.fetch(f"""
        WITH {spans_table(statement, "below", spans)},
            {spans_table(statement, "itself", itself)},
            {spans_table(statement, "listed", listed)},
            {spans_table(statement, "rest", rest)}
        {" UNION ALL ".join(parts)}""")
    return Figures(
        question,
        {
            (listed_id or part, code): tidy(Decimal(str(value)))
            for part, listed_id, code, value in rows
        },
    )


def _added(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what adds up: the engine's totals, over the period. The
    rest is what its branches have themselves."""
    flows = question.codes(Kind.FLOW)
    counts = f"v.indicator IN {statement.values('flow', flows)}"
    stocks = question.codes(Kind.STOCK)
    if stocks and question.stock_month:
        month = statement.value("stock_month", question.stock_month.first_day)
        stocks = statement.values("stock", stocks)
        counts = f"({counts} OR v.indicator IN {stocks} AND v.month = {month})"
    elif not flows:
        return
    counts = f"{counts} {of_programme(statement, question)}"
    for part, table, column in (
        (REST, "listed", "total"),
        (REST, "rest", "own"),
        (WHOLE, "itself", "total"),
    ):
        row = "CAST(NULL AS bigint)" if part == WHOLE else "l.listed_id"
        yield f"""
            SELECT '{part}', {row}, v.indicator, SUM(v.{column})
            FROM {table} l JOIN {ROLLUP} v ON {COVERS}
            WHERE {counts} GROUP BY 2, v.indicator"""


def _recounted(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what is counted anew for the period, from the keys."""
    distinct = question.codes(Kind.DISTINCT)
    if not distinct:
        return
    for part, row in ((REST, "l.listed_id"), (WHOLE, "CAST(NULL AS bigint)")):
        yield f"""
            SELECT '{part}', {row}, v.indicator, COUNT(DISTINCT v.key)
            FROM below l JOIN {KEYS} v ON {COVERS}
            WHERE v.indicator IN {statement.values("distinct", distinct)}
                {of_programme(statement, question)}
            GROUP BY 2, v.indicator"""
