"""The figures of one period: each listed branch's, the rest's and the whole's."""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from rollups.registry import Indicator, Kind
from rollups.tables.question import Question
from rollups.tables.tree import COVERS, KEYS, ROLLUP, Statement, below, of_programme

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
            return ratio(numerator, denominator)
        return self.of_part(key, indicator)

    def of_part(self, key: Key, part: Indicator) -> Decimal | None:
        """Return the figure of an indicator with values of its own."""
        if part.kind is Kind.STOCK and self.question.stock_month is None:
            return None
        return self._values.get((key, part.code), Decimal(0))

    def branches(self) -> set[int]:
        """Return the listed branches with a figure."""
        return {key for key, _ in self._values if isinstance(key, int)}


def ratio(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """Return the quotient to two decimals; None where it has no meaning."""
    if numerator is None or not denominator:
        return None
    return (numerator / denominator).quantize(HUNDREDTH, ROUND_HALF_UP)


def read_figures(question: Question) -> Figures:
    """Read all figures of *question* by one statement."""
    statement = Statement()
    with_below = below(question, statement)
    parts = [*_added(question, statement), *_recounted(question, statement)]
    if not parts:
        return Figures(question, {})
    rows = statement.fetch(f"{with_below} {' UNION ALL '.join(parts)}")
    values = {
        (branch_id or part, code): Decimal(str(value))
        for part, branch_id, code, value in rows
    }
    additive = question.codes(Kind.FLOW, Kind.STOCK)
    return Figures(question, values | _rest_by_difference(values, additive))


def _added(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what adds up: totals of the engine, over the period."""
    flows = statement.values("flow", question.codes(Kind.FLOW))
    counts = f"v.indicator IN {flows}"
    stocks = question.codes(Kind.STOCK)
    if stocks and question.stock_month:
        month = statement.value("stock_month", question.stock_month.first_day)
        stocks = statement.values("stock", stocks)
        counts = f"({counts} OR v.indicator IN {stocks} AND v.month = {month})"
    elif not question.codes(Kind.FLOW):
        return
    chosen = f"{counts} {of_programme(question, statement)}"
    branch = statement.value("branch", question.branch.pk)
    yield f"""
        SELECT 'row', v.branch_id, v.indicator, SUM(v.total)
        FROM below l JOIN {ROLLUP} v ON {COVERS}
        WHERE l.listed_id = l.branch_id AND {chosen}
        GROUP BY v.branch_id, v.indicator"""
    yield f"""
        SELECT '{WHOLE}', NULL, v.indicator, SUM(v.total)
        FROM below l JOIN {ROLLUP} v ON {COVERS}
        WHERE l.branch_id = {branch} AND {chosen}
        GROUP BY v.indicator"""


def _recounted(question: Question, statement: Statement) -> Iterable[str]:
    """Yield the selects of what is counted anew for the period, from the keys."""
    distinct = question.codes(Kind.DISTINCT)
    if not distinct:
        return
    chosen = f"v.indicator IN {statement.values('distinct', distinct)}"
    chosen += f" {of_programme(question, statement)}"
    yield f"""
        SELECT '{REST}', l.listed_id, v.indicator, COUNT(DISTINCT v.key)
        FROM below l JOIN {KEYS} v ON {COVERS}
        WHERE {chosen} GROUP BY l.listed_id, v.indicator"""
    yield f"""
        SELECT '{WHOLE}', NULL, v.indicator, COUNT(DISTINCT v.key)
        FROM below l JOIN {KEYS} v ON {COVERS}
        WHERE {chosen} GROUP BY v.indicator"""


def _rest_by_difference(values: dict, codes: list[str]) -> dict:
    rest = {
        (REST, code): values[WHOLE, code] for code in codes if (WHOLE, code) in values
    }
    for (key, code), value in values.items():
        if isinstance(key, int) and code in codes:
            rest[REST, code] = rest.get((REST, code), Decimal(0)) - value
    return rest
