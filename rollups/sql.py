"""The engine's statements. Django builds the reading part from the apps' querysets;
what is set-based over all indicators is written here, for SQLite and PostgreSQL."""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from federation.models import Placement, Programme
from federation.months import Month
from rollups.models import Rollup, RollupKey
from rollups.registry import Indicator

ROLLUP = Rollup._meta.db_table
KEYS = RollupKey._meta.db_table
PLACEMENT = Placement._meta.db_table
COLUMNS = "(indicator, month, branch_id, programme_id, own, total)"

# In the order of the index: its pages are then filled one after the other.
IN_ORDER = "SELECT * FROM ({reading}) AS read ORDER BY month, branch_id, programme_id"
# A placement that stood in the month of the joined row.
STANDING = "p.from_month <= {month} AND p.until_month > {month}"


def execute(sql: str, params=()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _month_column() -> str:
    # TruncMonth is a timestamp on PostgreSQL and a text on SQLite.
    return "CAST(month AS date)" if connection.vendor == "postgresql" else "month"


def placeholders(values) -> str:
    return ", ".join(["%s"] * len(values))


def insert_own(queryset: QuerySet, indicators: list[Indicator]) -> None:
    """Insert the own values of *indicators*, which share one source, by one reading."""
    try:
        reading, params = queryset.query.sql_with_params()
    except EmptyResultSet:
        return
    codes = [indicator.code for indicator in indicators]
    measures = [indicator.measure for indicator in indicators]
    unpivoted = _unpivoted(IN_ORDER.format(reading=reading), measures)
    execute(f"INSERT INTO {ROLLUP} {COLUMNS} {unpivoted}", [*params, *codes])


def _unpivoted(reading: str, measures: list[str]) -> str:
    """Return a select of one row for each measure that is not 0 in a row of *reading*;
    its parameters are the reading's and then the codes."""
    place = f"{_month_column()}, branch_id, programme_id"
    if connection.vendor == "postgresql":
        # Side by side, a bucket's rows stand together in table and index.
        # Qualified: a source may call its own column "value".
        pairs = ", ".join(f"(%s, counted.{measure})" for measure in measures)
        return (
            f"SELECT each.indicator, {place}, each.value, each.value "
            f"FROM ({reading}) AS counted "
            f"CROSS JOIN LATERAL (VALUES {pairs}) AS each (indicator, value) "
            "WHERE each.value <> 0"
        )
    parts = (
        f"SELECT %s, {place}, {measure}, {measure} FROM counted WHERE {measure} <> 0"
        for measure in measures
    )
    return f"WITH counted AS MATERIALIZED ({reading}) {' UNION ALL '.join(parts)}"


def insert_keys(queryset: QuerySet, indicator: Indicator) -> None:
    """Insert the keys of a distinct *indicator*."""
    try:
        reading, params = queryset.query.sql_with_params()
    except EmptyResultSet:
        return
    execute(
        f"INSERT INTO {KEYS} (indicator, month, branch_id, programme_id, key) "
        f"SELECT %s, {_month_column()}, branch_id, programme_id, {indicator.measure} "
        f"FROM ({IN_ORDER.format(reading=reading)}) AS counted",
        [indicator.code, *params],
    )


def carry_up(
    months: list[Month], depth: int, indicators: list[str], parents: list[int] | None
) -> None:
    """Add the totals of the branches at *depth* + 1 to their parents' own values, in
    the tree of each month."""
    days = [month.first_day for month in months]
    standing = STANDING.format(month="r.month")
    chosen = f"AND p.parent_id IN ({placeholders(parents)})" if parents else ""
    execute(
        f"INSERT INTO {ROLLUP} {COLUMNS} "
        "SELECT r.indicator, r.month, p.parent_id, r.programme_id, 0, SUM(r.total) "
        f"FROM {ROLLUP} r JOIN {PLACEMENT} p "
        f"ON p.branch_id = r.branch_id AND {standing} "
        f"WHERE r.month IN ({placeholders(days)}) AND p.depth = %s "
        f"AND r.indicator IN ({placeholders(indicators)}) {chosen} "
        "GROUP BY r.indicator, r.month, p.parent_id, r.programme_id "
        "ON CONFLICT (month, branch_id, indicator, programme_id) "
        f"DO UPDATE SET total = {ROLLUP}.own + excluded.total",
        [*days, depth + 1, *indicators, *(parents or [])],
    )


def count_distinct(
    months: list[Month], indicator: Indicator, branches: list[int] | None
) -> None:
    """Insert how many different keys each branch has, itself and with all below it."""
    days = [month.first_day for month in months]
    standing = STANDING.format(month="up.month")
    chosen = f"WHERE up.branch_id IN ({placeholders(branches)})" if branches else ""
    keys = (
        f"SELECT DISTINCT month, branch_id, key FROM {KEYS} "
        f"WHERE indicator = %s AND month IN ({placeholders(days)})"
    )
    execute(
        # UNION drops what is there already, so each key climbs to each ancestor once.
        f"WITH RECURSIVE own AS ({keys}), up AS (SELECT * FROM own UNION "
        f"SELECT up.month, p.parent_id, up.key FROM up JOIN {PLACEMENT} p "
        f"ON p.branch_id = up.branch_id AND {standing} WHERE p.parent_id IS NOT NULL) "
        f"INSERT INTO {ROLLUP} {COLUMNS} "
        "SELECT %s, up.month, up.branch_id, %s, COUNT(own.key), COUNT(*) FROM up "
        "LEFT JOIN own ON own.month = up.month AND own.branch_id = up.branch_id "
        f"AND own.key = up.key {chosen} GROUP BY up.month, up.branch_id",
        [indicator.code, *days, indicator.code, Programme.NONE_ID, *(branches or [])],
    )
