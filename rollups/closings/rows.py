"""The figures of a month as they are kept: every row of the rollups, with the place,
programme and parent it had in that month."""

# Table names are ours; values are parameters.
# ruff: noqa: S608

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from federation.models import Branch, Placement, Programme
from federation.months import Month
from rollups.models import Revision, RevisionRow, Rollup


class Line(NamedTuple):
    """One figure of a month, in the order of the stored columns."""

    branch_code: str
    branch_name: str
    level: str
    parent_code: str
    programme: str
    indicator: str
    own: Decimal
    total: Decimal


# A branch that has left the tree still has what it did itself: it stands without a
# parent, under today's name.
SELECT = f"""
    SELECT b.code, COALESCE(p.name, b.name), COALESCE(p.level, b.level),
        COALESCE(above.code, ''), g.slug, r.indicator, r.own, r.total
    FROM {Rollup._meta.db_table} r
    JOIN {Branch._meta.db_table} b ON b.id = r.branch_id
    JOIN {Programme._meta.db_table} g ON g.id = r.programme_id
    LEFT JOIN {Placement._meta.db_table} p ON p.branch_id = r.branch_id
        AND p.from_month <= r.month AND p.until_month > r.month
    LEFT JOIN {Branch._meta.db_table} above ON above.id = p.parent_id
    WHERE r.month = %s
    ORDER BY COALESCE(p.path, b.path), r.indicator, g.slug
"""

COLUMNS = ("revision_id", "position", *Line._fields)
ROWS_AT_ONCE = 2000


def of(month: Month) -> list[Line]:
    """Return the lines of *month* in the order of its tree."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [month.first_day])
        rows = cursor.fetchall()
    if connection.vendor == "sqlite":
        rows = ((*row[:-2], _exact(row[-2]), _exact(row[-1])) for row in rows)
    return [Line(*row) for row in rows]


def keep(revision: Revision, lines: list[Line]) -> None:
    """Store *lines* as the rows of *revision*."""
    places = ", ".join(["%s"] * len(COLUMNS))
    statement = (
        f"INSERT INTO {RevisionRow._meta.db_table} ({', '.join(COLUMNS)}) "
        f"VALUES ({places})"
    )
    plain = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for start in range(0, len(lines), ROWS_AT_ONCE):
            cursor.executemany(
                statement,
                [
                    (
                        revision.pk,
                        start + n,
                        *line[:-2],
                        *(str(value) if plain else value for value in line[-2:]),
                    )
                    for n, line in enumerate(lines[start : start + ROWS_AT_ONCE])
                ],
            )


def _exact(value) -> Decimal:
    """Return *value* with two decimals: SQLite has no decimals of its own."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
