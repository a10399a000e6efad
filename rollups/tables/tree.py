"""The SQL all tables share: who stood below the branch asked for, month by month.

``below`` holds each branch × span of months, clipped to the period. ``listed_id`` is
the listed branch above it (or itself), and NULL for what no listed branch covers:
本级及直属. Everything that is shown, and every record behind it, is read through it,
so a transfer in mid-range counts here until it, and there from it on.
"""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from datetime import date

from django.db import connection

from federation.models import Branch, Placement, Programme
from rollups.models import Rollup, RollupKey
from rollups.tables.question import CHILDREN, Question

ROLLUP = Rollup._meta.db_table
KEYS = RollupKey._meta.db_table
PLACEMENT = Placement._meta.db_table
BRANCH = Branch._meta.db_table
PROGRAMME = Programme._meta.db_table

# The value row v of a branch in a month of its span.
COVERS = (
    "v.branch_id = l.branch_id AND v.month >= l.from_month AND v.month < l.until_month"
)


class Statement:
    """SQL text with named parameters, put together piece by piece."""

    def __init__(self):
        self.params: dict = {}

    def value(self, name: str, value) -> str:
        """Return the placeholder of *value*."""
        self.params[name] = value
        return f"%({name})s"

    def values(self, name: str, values) -> str:
        """Return ``(…)`` for IN; ``(NULL)``, which nothing is in, for none."""
        marks = [self.value(f"{name}_{n}", value) for n, value in enumerate(values)]
        return f"({', '.join(marks) or 'NULL'})"

    def fetch(self, sql: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return cursor.fetchall()


def below(question: Question, statement: Statement) -> str:
    """Return ``WITH RECURSIVE below (…) AS (…)`` for *question*."""
    later, earlier = _later_and_earlier()
    first = statement.value("first", question.first.first_day)
    end = statement.value("end", question.last.next_first_day)
    branch = statement.value("branch", question.branch.pk)
    itself = "CAST(NULL AS bigint)"
    if question.level == CHILDREN:
        is_listed = f"p.parent_id = {branch}"
    else:
        is_listed = f"p.level = {statement.value('level', question.level)}"
        itself = f"CASE WHEN {is_listed} THEN p.branch_id END"
    is_listed += _in_sight(question, statement)
    return f"""
        WITH RECURSIVE below (branch_id, listed_id, from_month, until_month) AS (
            SELECT p.branch_id, {itself},
                {later}(p.from_month, {first}), {earlier}(p.until_month, {end})
            FROM {PLACEMENT} p
            WHERE p.branch_id = {branch}
                AND p.from_month < {end} AND p.until_month > {first}
            UNION ALL
            SELECT p.branch_id,
                COALESCE(b.listed_id, CASE WHEN {is_listed} THEN p.branch_id END),
                {later}(p.from_month, b.from_month),
                {earlier}(p.until_month, b.until_month)
            FROM below b JOIN {PLACEMENT} p ON p.parent_id = b.branch_id
                AND p.from_month < b.until_month AND p.until_month > b.from_month
        )"""


def of_programme(question: Question, statement: Statement) -> str:
    """Return the condition on the programme of the value row v."""
    if question.programme is None:
        return ""
    programmes = statement.values("programme", question.programme_ids)
    return f"AND v.programme_id IN {programmes}"


def as_day(value) -> date:
    """Return a date the database computed: SQLite gives it as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _later_and_earlier() -> tuple[str, str]:
    if connection.vendor == "sqlite":
        return "MAX", "MIN"
    return "GREATEST", "LEAST"


def _in_sight(question: Question, statement: Statement) -> str:
    if "" in question.paths:
        return ""
    # Paths are made of digits, U and slashes: nothing LIKE would read as a pattern.
    granted = " OR ".join(
        f"s.path LIKE {statement.value(f'path_{n}', f'{path}%')}"
        for n, path in enumerate(question.paths)
    )
    return f" AND p.branch_id IN (SELECT s.id FROM {BRANCH} s WHERE {granted or '1=0'})"
