"""Who stood below the branch asked for, month by month.

A span is a branch in some months of the period, with the listed branch above it (or
itself): none for what no listed branch covers, 本级及直属. Everything shown, and every
record behind it, is read through the spans, so a transfer in mid-range counts here
until it, and there from it on.
"""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from federation.models import Branch, Placement
from federation.models.branches import Level
from federation.months import Month
from rollups.tables.question import CHILDREN, Question
from rollups.tables.statement import Statement

PLACEMENT = Placement._meta.db_table
BRANCH = Branch._meta.db_table


@dataclass(frozen=True, slots=True)
class Span:
    """A branch below the one asked for, from a month to another one, excluded."""

    branch_id: int
    listed_id: int | None
    from_month: date
    until_month: date

    @property
    def is_listed(self) -> bool:
        return self.branch_id == self.listed_id

    @property
    def is_rest(self) -> bool:
        return self.listed_id is None


@dataclass(frozen=True, slots=True)
class Place:
    """What a branch was called, and where it stood. Sorts as the tree does."""

    path: str
    name: str
    code: str
    level: str

    @property
    def level_label(self) -> str:
        return Level(self.level).label


def read_spans(question: Question) -> list[Span]:
    """Return the spans of *question*'s period."""
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
        Span(branch_id, listed_id, _as_day(from_month), _as_day(until_month))
        for branch_id, listed_id, from_month, until_month in rows
    ]


def within_period(spans: list[Span], question: Question) -> list[Span]:
    """Return *spans* of a longer period, cut to the one of *question*."""
    first, end = question.first.first_day, question.last.next_first_day
    return [
        Span(
            span.branch_id,
            span.listed_id,
            max(span.from_month, first),
            min(span.until_month, end),
        )
        for span in spans
        if span.from_month < end and span.until_month > first
    ]


def places(branch_ids, last: Month) -> dict[int, Place]:
    """Return ``{branch: place}`` as they stood in *last*, or most recently before."""
    placements = Placement.objects.filter(
        branch__in=branch_ids, from_month__lte=last.first_day
    ).order_by("from_month")
    rows = placements.values_list("branch_id", "path", "name", "branch__code", "level")
    return {pk: Place(*place) for pk, *place in rows}  # the latest placement wins


def parents_among(branch_ids, last: Month) -> set[int]:
    """Return the branches that had others directly below them in *last*."""
    children = Placement.objects.covering(last).filter(parent__in=branch_ids)
    return set(children.order_by().values_list("parent_id", flat=True).distinct())


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
