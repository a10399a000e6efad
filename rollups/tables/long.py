"""The long table, for machines: one row per month × branch × programme × indicator.

One statement gives finished text, row by row, so that a million rows stream without
one of them becoming an object. No row means zero; a row without own and total means
that the closed month did not count the indicator. A ratio's row carries its numerator
and denominator, so that it can be added up elsewhere. A distinct stands on "no
programme", or on the programme asked for.
"""

# Table names are ours; whatever a reader sends is a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date

from django.db import connection, transaction

from federation.models import Programme
from federation.months import Month
from rollups.registry import Indicator, Kind
from rollups.tables.bases import base_notes
from rollups.tables.changes import Change, below, read_changes
from rollups.tables.coverage import Coverage, read_coverage
from rollups.tables.notes import definition_notes, uncounted_notes
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
from rollups.tables.tree import Place, Span, places, read_spans

CHUNK = 2000  # rows fetched at once

COLUMNS = {
    "month": "月份",
    "branch_code": "组织编码",
    "branch": "妇联组织",
    "level": "层级",
    "programme": "项目",
    "indicator": "指标编码",
    "name": "指标",
    "unit": "单位",
    "own": "本级",
    "total": "合计",
    "status": "状态",
    "numerator": "分子",
    "denominator": "分母",
    "kind": "类型",
}
NUMBERS = ("own", "total", "numerator", "denominator")
NEVER = (date(1900, 1, 1), -1)  # no row of the table of what was not counted
REST_LEVEL = "rest"  # the level of 本级及直属: sum all totals and you have the whole

# What the statement orders by; each is a small integer, for a million rows.
ORDER = "f.month, f.is_rest, place.position, programme.position, indicator.position"


class LongTable:
    """The rows of a question: counted, sliced by pages, or streamed. *spelled* turns
    each name into what a cell may hold: once per name, not once per row."""

    def __init__(self, question: Question, spelled: Callable[[str], str] = str):
        self.question = question
        self.coverage = read_coverage(question)
        self.spans = read_spans(question)
        self._statement = Statement()
        self._with, self._from = _with_and_from(
            question, self.spans, self._statement, spelled, self.coverage
        )
        status = _status(self.coverage, self._statement)
        self.sql = f"{self._with} {_select(status)} {self._from} ORDER BY {ORDER}"

    @property
    def params(self) -> dict:
        return self._statement.params

    def count(self) -> int:
        return self._statement.fetch(f"{self._with} SELECT COUNT(*) {self._from}")[0][0]

    def __len__(self) -> int:
        return self.count()

    @property
    def changes(self) -> list[Change]:
        """The changes of the tree by which 当时口径 and 现口径 differ; one query."""
        changes = read_changes(self.question.first, self.question.last)
        return below(changes, self.question, self.spans)

    @property
    def notes(self) -> list[str]:
        """The sentences without which the figures would say something wrong."""
        return [
            *uncounted_notes(self.coverage, self.question),
            *definition_notes(self.coverage, self.question),
            *base_notes(self.question),
        ]

    def __getitem__(self, page: slice) -> list[tuple]:
        first = page.start or 0
        limit = f"LIMIT {int(page.stop) - int(first)} OFFSET {int(first)}"
        return self._statement.fetch(f"{self.sql} {limit}")

    def chunks(self) -> Iterator[list[tuple]]:
        """Yield lists of rows from a cursor that lives in the database."""
        # Outside a transaction PostgreSQL would first store the whole result; on
        # SQLite a transaction would keep everybody else from writing.
        is_postgresql = connection.vendor == "postgresql"
        reading = transaction.atomic() if is_postgresql else nullcontext()
        with reading, connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, self.params)
            while rows := cursor.fetchmany(CHUNK):
                yield rows


def _with_and_from(
    question: Question,
    spans: list[Span],
    statement: Statement,
    spelled: Callable[[str], str],
    coverage: Coverage,
) -> tuple[str, str]:
    ratios = [one for one in question.asked if one.kind is Kind.RATIO]
    lacking = {one.code: _lacking(one, question, coverage) for one in question.asked}
    uncounted = [
        (month.first_day, position)
        for position, one in enumerate(question.asked)
        for month in lacking[one.code]
    ]
    shown = [one.code for one in question.asked if one.kind is not Kind.RATIO]
    shown = statement.values("shown", shown)
    found = [
        "SELECT month, branch_id, is_rest, programme_id, indicator, own, total, "
        "CAST(NULL AS numeric) AS numerator, CAST(NULL AS numeric) AS denominator "
        f"FROM figures WHERE indicator IN {shown}",
        *(_ratio(one, n, statement, lacking[one.code]) for n, one in enumerate(ratios)),
    ]
    if uncounted:
        found.append(_uncounted(question, statement))
    listed = [span for span in spans if span.is_listed]
    rest = [span for span in spans if span.is_rest]
    tables = f"""WITH {spans_table(statement, "below", spans)},
        {spans_table(statement, "listed", listed)},
        {spans_table(statement, "rest", rest)},
        {_places_table(question, spans, statement, spelled)},
        {_programmes_table(statement, spelled)},
        {_indicators_table(question, statement, spelled)},
        {statement.table("uncounted", "month, position", uncounted or [NEVER])},
        figures (month, branch_id, is_rest, programme_id, indicator, own, total) AS (
            {" UNION ALL ".join(_figures(question, statement))}
        ),
        found AS ({" UNION ALL ".join(found)})"""
    joined = """FROM found f
        JOIN places place ON place.branch_id = f.branch_id
        JOIN programmes programme ON programme.id = f.programme_id
        JOIN indicators indicator ON indicator.code = f.indicator"""
    return tables, joined


def _figures(question: Question, statement: Statement) -> Iterator[str]:
    """Yield the selects of all values: of the listed branches, and of the rest, which
    is what its branches have themselves."""
    additive = statement.values("additive", question.codes(Kind.FLOW, Kind.STOCK))
    distinct = question.codes(Kind.DISTINCT)
    programme = of_programme(statement, question)
    branch = f"CAST({statement.value('branch', question.branch.pk)} AS bigint)"
    counted = f"JOIN {ROLLUP} v ON {COVERS} WHERE v.indicator IN"
    row = f"COALESCE(l.listed_id, {branch})"
    is_rest = "CASE WHEN l.listed_id IS NULL THEN 1 ELSE 0 END"
    summed = "rest"
    if question.basis:
        summed = "below"  # the engine's totals are those of another tree
        programme = f"{programme} {of_period(statement, question)}"
    else:
        yield f"""
            SELECT v.month, v.branch_id, 0, v.programme_id, v.indicator, v.own, v.total
            FROM listed l {counted} {additive} {programme}"""
    yield f"""
        SELECT v.month, {row}, {is_rest}, v.programme_id, v.indicator,
            SUM(CASE WHEN l.home_id = {row} THEN v.own ELSE 0 END), SUM(v.own)
        FROM {summed} l {counted} {additive} {programme}
        GROUP BY v.month, l.listed_id, v.programme_id, v.indicator
        HAVING SUM(ABS(v.own)) <> 0"""
    if not distinct:
        return
    distinct = statement.values("distinct", distinct)
    holder = question.programme.pk if question.programme else Programme.NONE_ID
    recounted = "below"
    if not question.programme and not question.basis:
        # The engine stands a distinct on no programme; under one it is counted anew.
        recounted = "rest"
        yield f"""
            SELECT v.month, v.branch_id, 0, v.programme_id, v.indicator, v.own, v.total
            FROM listed l {counted} {distinct}"""
    yield f"""
        SELECT v.month, {row}, {is_rest},
            CAST({statement.value("holder", holder)} AS bigint), v.indicator,
            COUNT(DISTINCT CASE WHEN l.home_id = {row} THEN v.key END),
            COUNT(DISTINCT v.key)
        FROM {recounted} l JOIN {KEYS} v ON {COVERS}
        WHERE v.indicator IN {distinct} {programme}
        GROUP BY v.month, l.listed_id, v.indicator"""


def _lacking(
    indicator: Indicator, question: Question, coverage: Coverage
) -> list[Month]:
    """Return the months of the period that lack *indicator*, each asked for itself: a
    stock too has a row in every month."""
    return [
        one.month
        for one in coverage.within(question)
        if coverage.gap(indicator, question.during(one.month, one.month))
    ]


def _uncounted(question: Question, statement: Statement) -> str:
    """Return the select of the rows without figures: of each listed branch, and of the
    rest, in the months that lack an indicator."""
    programme = question.programme.pk if question.programme else Programme.NONE_ID
    branch = statement.value("uncounted_branch", question.branch.pk)
    nothing = ", ".join(["CAST(NULL AS numeric)"] * 4)
    return f"""
        SELECT DISTINCT u.month, COALESCE(l.listed_id, CAST({branch} AS bigint)),
            CASE WHEN l.listed_id IS NULL THEN 1 ELSE 0 END,
            CAST({statement.value("uncounted_programme", programme)} AS bigint),
            i.code, {nothing}
        FROM uncounted u
            JOIN indicators i ON i.position = u.position
            JOIN below l ON l.from_month <= u.month AND l.until_month > u.month"""


def _ratio(
    indicator: Indicator, number: int, statement: Statement, lacking: list[Month]
) -> str:
    numerator, denominator = indicator.parts
    upper = statement.value(f"numerator_{number}", numerator.code)
    lower = statement.value(f"denominator_{number}", denominator.code)
    own, total = (
        _quotient(f"n.{part}", f"d.{part}", indicator.per) for part in ("own", "total")
    )
    days = [month.first_day for month in lacking]
    lacking = statement.values(f"lacking_{number}", days)
    counted = f"AND d.month NOT IN {lacking}" if days else ""
    rows = "figures"
    if _stands_on_programmes(numerator) != _stands_on_programmes(denominator):
        # 人次 by programme over 妇女数 without: only the sum of programmes compares.
        none = statement.value("none", Programme.NONE_ID)
        rows = f"""(
            SELECT month, branch_id, is_rest, CAST({none} AS bigint) AS programme_id,
                indicator, SUM(own) AS own, SUM(total) AS total
            FROM figures GROUP BY month, branch_id, is_rest, indicator)"""
    return f"""
        SELECT d.month, d.branch_id, d.is_rest, d.programme_id,
            {statement.value(f"ratio_{number}", indicator.code)},
            CASE WHEN d.own <> 0 THEN {own} END,
            {total}, COALESCE(n.total, 0), d.total
        FROM {rows} d LEFT JOIN {rows} n ON n.month = d.month
            AND n.branch_id = d.branch_id AND n.is_rest = d.is_rest
            AND n.programme_id = d.programme_id AND n.indicator = {upper}
        WHERE d.total <> 0 AND d.indicator = {lower} {counted}"""


def _stands_on_programmes(part: Indicator) -> bool:
    return part.is_additive and part.has_programmes


def _places_table(question, spans: list[Span], statement: Statement, spelled) -> str:
    """Return the branches of the rows, named as in the last month, in tree order."""
    branch = question.branch
    listed = {span.listed_id for span in spans} - {None}
    found = places({branch.pk, *listed}, question.named_in)
    found.setdefault(
        branch.pk, Place(branch.path, branch.name, branch.code, branch.level)
    )
    rows = [
        (pk, place.code, spelled(place.name), place.level, position)
        for position, (pk, place) in enumerate(
            sorted(found.items(), key=lambda item: item[1].path)
        )
    ]
    return statement.table("places", "branch_id, code, name, level, position", rows)


def _programmes_table(statement: Statement, spelled) -> str:
    rows = [
        (pk, spelled(slug), position)
        for position, (pk, slug) in enumerate(
            Programme.objects.values_list("pk", "slug")
        )
    ]
    return statement.table("programmes", "id, slug, position", rows)


def _indicators_table(question: Question, statement: Statement, spelled) -> str:
    rows = [
        (one.code, spelled(one.label), spelled(one.unit), one.kind.value, position)
        for position, one in enumerate(question.asked)
    ]
    columns = "code, name, unit, kind, position"
    return statement.table("indicators", columns, rows or [("", "", "", "", 0)])


def _status(coverage: Coverage, statement: Statement) -> str:
    """Return the column that says which revision a month's figures are."""
    cases = [
        f"WHEN {statement.value(f'closed_{n}', one.month.first_day)} "
        f"THEN {statement.value(f'revision_{n}', f'revision {one.revision}')}"
        for n, one in enumerate(coverage.closed)
    ]
    return f"CASE f.month {' '.join(cases)} ELSE 'open' END" if cases else "'open'"


def _select(status: str) -> str:
    """Return the SELECT of the columns, finished text in each."""
    month = "SUBSTR(CAST(f.month AS varchar), 1, 7)"
    return f"""
        SELECT {month}, place.code,
            CASE WHEN f.is_rest = 1 THEN place.name || '（本级及直属）'
                ELSE place.name END,
            CASE WHEN f.is_rest = 1 THEN '{REST_LEVEL}' ELSE place.level END,
            programme.slug, f.indicator, indicator.name, indicator.unit,
            {_text("f.own")}, {_text("f.total")}, {status},
            {_text("f.numerator")}, {_text("f.denominator")}, indicator.kind"""


def _text(number: str) -> str:
    """Return *number* as text without idle zeros: 12, 12.5."""
    if connection.vendor == "sqlite":
        # PRINTF turns NULL into 0.00.
        padded = f"CASE WHEN {number} IS NOT NULL THEN PRINTF('%%.2f', {number}) END"
        return f"RTRIM(RTRIM({padded}, '0'), '.')"
    return f"CAST(TRIM_SCALE({number}) AS varchar)"


def _quotient(numerator: str, denominator: str, per: int) -> str:
    """Return the quotient, times *per*, to two decimals, halves up, in whole numbers:
    SQLite's ROUND goes through binary fractions."""
    upper = f"CAST(COALESCE({numerator}, 0) * {100 * per} AS bigint)"
    lower = f"CAST({denominator} * 100 AS bigint)"
    sign = f"CASE WHEN ({numerator} < 0) = ({denominator} < 0) THEN 1 ELSE -1 END"
    rounded = f"(ABS({upper}) * 200 + ABS({lower})) / (2 * ABS({lower}))"
    return f"{rounded} * ({sign}) / 100.0"
