"""The tree of each month (当时口径): who stood below the branch asked for, then."""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from datetime import date

from django.db import connection

from federation.models import Branch, Placement
from rollups.tables.question import CHILDREN, Question
from rollups.tables.spans import Span
from rollups.tables.statement import Statement

PLACEMENT = Placement._meta.db_table
BRANCH = Branch._meta.db_table


def read_then(question: Question) -> list[Span]:
    """Return the spans of *question*'s period, each month in its own tree."""
    later, earlier = ("GREATEST", "LEAST")
    if connection.vendor == "sqlite":
        later, earlier = ("MAX", "MIN")
    statement = Statement()
    first = statement.value("first", question.first.first_day)
    end = statement.value("end", question.last.next_first_day)
    is_listed, root_listed = _listing(question, statement)
    rows = statement.fetch(f"""
        WITH RECURSIVE below (branch_id, listed_id, from_month, until_month) AS (
            SELECT p.branch_id, {root_listed},
                {later}(p.from_month, {first}), {earlier}(p.until_month, {end})
            FROM {PLACEMENT} p
            WHERE p.branch_id = {statement.value("branch", question.branch.pk)}
                AND p.from_month < {end} AND p.until_month > {first}
            UNION ALL
            SELECT p.branch_id,
                COALESCE(b.listed_id, CASE WHEN {is_listed} THEN p.branch_id END),
                {later}(p.from_month, b.from_month),
                {earlier}(p.until_month, b.until_month)
            FROM below b JOIN {PLACEMENT} p ON p.parent_id = b.branch_id
                AND p.from_month < b.until_month AND p.until_month > b.from_month
        )
        SELECT branch_id, listed_id, from_month, until_month FROM below""")
    return [
        Span(branch_id, branch_id, listed_id, _as_day(from_month), _as_day(until_month))
        for branch_id, listed_id, from_month, until_month in rows
    ]


def _listing(question: Question, statement: Statement) -> tuple[str, str]:
    """Return the condition on a placement p to be listed, and the listed_id of the
    branch asked for itself."""
    if question.level == CHILDREN:
        parent = statement.value("parent", question.branch.pk)
        return f"p.parent_id = {parent}{_in_sight(question, statement)}", (
            "CAST(NULL AS bigint)"
        )
    is_listed = f"p.level = {statement.value('level', question.level)}"
    return f"{is_listed}{_in_sight(question, statement)}", (
        f"CASE WHEN {is_listed} THEN p.branch_id END"
    )


def _in_sight(question: Question, statement: Statement) -> str:
    if "" in question.paths:
        return ""
    # Paths are made of digits, U and slashes: nothing LIKE would read as a pattern.
    granted = " OR ".join(
        f"s.path LIKE {statement.value(f'path_{n}', f'{path}%')}"
        for n, path in enumerate(question.paths)
    )
    return f" AND p.branch_id IN (SELECT s.id FROM {BRANCH} s WHERE {granted or '1=0'})"


def _as_day(value) -> date:
    # SQLite gives a computed date as text.
    return date.fromisoformat(value) if isinstance(value, str) else value
