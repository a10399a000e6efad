"""SQL put together piece by piece, and the pieces all tables share."""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection

from rollups.models import Rollup, RollupKey

ROLLUP = Rollup._meta.db_table
KEYS = RollupKey._meta.db_table

# The value row v of a branch in a month of its span l.
COVERS = (
    "v.branch_id = l.branch_id AND v.month >= l.from_month AND v.month < l.until_month"
)


class Statement:
    """The named parameters of one statement, and the placeholders that stand for
    them."""

    def __init__(self):
        self.params: dict[str, Any] = {}

    def value(self, name: str, value) -> str:
        """Return the placeholder of *value*."""
        self.params[name] = value
        return f"%({name})s"

    def values(self, name: str, values: Iterable) -> str:
        """Return ``(…)`` for IN; ``(NULL)``, which nothing is in, for none."""
        marks = [self.value(f"{name}_{n}", value) for n, value in enumerate(values)]
        return f"({', '.join(marks) or 'NULL'})"

    def table(self, name: str, columns: str, rows: Iterable[Sequence]) -> str:
        """Return ``name (columns) AS (VALUES …)``.

        Rows that are known beforehand tell the planner how many there are; a recursive
        query inside the statement made PostgreSQL expect one row and loop over a
        million.
        """
        lines = [
            ", ".join(self._cell(f"{name}_{n}_{m}", cell) for m, cell in enumerate(row))
            for n, row in enumerate(rows)
        ]
        return f"{name} ({columns}) AS (VALUES ({'), ('.join(lines)}))"

    def fetch(self, sql: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return cursor.fetchall()

    def _cell(self, name: str, cell) -> str:
        # Whole numbers and dates stand in the text: SQLite takes so many parameters.
        if cell is None:
            return "CAST(NULL AS bigint)"
        if isinstance(cell, int):
            return str(int(cell))
        if isinstance(cell, date):
            day = f"'{cell:%Y-%m-%d}'"
            return day if connection.vendor == "sqlite" else f"DATE {day}"
        return self.value(name, cell)


def spans_table(statement: Statement, name: str, spans) -> str:
    """Return the table *name* of *spans*, for a WITH."""
    rows = [
        (
            span.branch_id,
            span.home_id,
            span.listed_id,
            span.from_month,
            span.until_month,
        )
        for span in spans
    ]
    nobody = (0, 0, None, date(1900, 1, 1), date(1900, 1, 1))
    columns = "branch_id, home_id, listed_id, from_month, until_month"
    return statement.table(name, columns, rows or [nobody])


def of_period(statement: Statement, question) -> str:
    """Return the condition that the value row v is of the question's months. The spans
    say so too, but of this the planner knows how few they are."""
    first = statement.value("period_first", question.first.first_day)
    end = statement.value("period_end", question.last.next_first_day)
    return f"AND v.month >= {first} AND v.month < {end}"


def of_programme(statement: Statement, question) -> str:
    """Return the condition on the programme of the value row v."""
    if question.programme is None:
        return ""
    programmes = statement.values("programme", question.programme_ids)
    return f"AND v.programme_id IN {programmes}"
