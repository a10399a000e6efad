"""What the templates print: texts and addresses, ready."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby

from federation.months import Month
from rollups.links import Links
from rollups.records import Evidence
from rollups.registry import Kind
from rollups.reported import baselines_for
from rollups.tables import (
    REST,
    UNCOUNTED,
    WHOLE,
    Coverage,
    LongTable,
    Question,
    WideTable,
)
from rollups.tables.columns import Column
from rollups.tables.figures import Figure
from rollups.tables.long import COLUMNS, NUMBERS
from rollups.tables.notes import tree_notes
from rollups.tables.wide import Row
from rollups.wording import NOTHING, grouped_text, shown, shown_change, shown_share


def wide_page(table: WideTable, links: Links) -> dict:
    """Return the head, the rows and their cells of the wide table."""
    by_indicator = groupby(table.columns, key=lambda column: column.indicator)
    groups = [(indicator, len(list(some))) for indicator, some in by_indicator]
    return {
        "groups": groups,
        "columns": table.columns if len(table.columns) > len(groups) else [],
        "notes": table.notes,
        "baselines": baselines_for(table.question),
        "states": table.states[1:],  # the first stands in the head of the page
        "has_targets": any(column.is_share for column in table.columns),
        "rows": [
            {
                "row": row,
                "origins": [
                    (origin, links.opened_before(origin.code) if origin.code else "")
                    for origin in row.origins
                ],
                "kind": row.key if row.key in (WHOLE, REST) else "branch",
                "url": links.opened(row.code) if row.opens else "",
                "cells": _cells(row, table.columns, links),
            }
            for row in table.rows
        ],
    }


def tree_part(table: WideTable | LongTable, links: Links) -> dict:
    """Return the two ways to read months across a change of the tree (label, address,
    whether it is this one), and what changed. Nothing where they are the same."""
    changes, is_now = table.changes, table.question.basis is not None
    if not (is_now or changes):
        return {}
    return {
        "choices": [
            ("当时口径", links.basis(None), not is_now),
            ("现口径", links.basis("now"), is_now),
        ],
        "notes": tree_notes(table.question, changes, table.spans),
    }


def _cells(row: Row, columns: list[Column], links: Links) -> list[dict]:
    return [
        _cell(row, column, figure, links)
        for column, figure in zip(columns, row.figures, strict=True)
    ]


def _cell(row: Row, column: Column, figure: Figure, links: Links) -> dict:
    if column.is_change:
        return {"text": shown_change(figure), "url": "", "style": "change"}
    if not column.has_records:
        write = shown_share if column.is_share else shown
        text = "" if figure is None else write(figure)
        return {"text": text, "url": "", "style": "change"}
    is_linked = bool(figure) or figure is UNCOUNTED
    return {
        "text": shown(figure),
        "url": links.figure(row, column) if is_linked else "",
        "style": "" if figure else "zero",
    }


def closed_months(question: Question, coverage: Coverage) -> list[tuple]:
    """Return ``[(month, revision)]`` of a period of several months, None for one that
    is not closed."""
    if question.length == 1:
        return []
    revisions = {one.month: one.revision for one in coverage.closed}
    months = Month.range(question.first, min(question.last, Month.current()))
    return [(str(month), revisions.get(month)) for month in months]


def long_page(table: LongTable, rows: Iterable[tuple], links: Links) -> dict:
    """Return the titles and rows of one page of the long table."""
    lines = []
    for cells in rows:
        row = dict(zip(COLUMNS, cells, strict=True))
        is_counted = row["total"] is not None
        row["own_url"] = links.long_figure(row, own=True) if row["own"] else ""
        row["total_url"] = links.long_figure(row, own=False)
        for name in NUMBERS:
            row[name] = grouped_text(row[name])
        if not is_counted:
            row["total"] = str(UNCOUNTED)
        lines.append(row)
    titles = [(title, code in NUMBERS) for code, title in COLUMNS.items()]
    return {
        "titles": titles,
        "rows": lines,
        "notes": table.notes,
    }


def page_links(links: Links) -> dict:
    """Return the addresses above a table: its files, its neighbours in time, its two
    layouts."""
    question = links.question
    months = question.length
    span = "月" if months == 1 else "期"
    return {
        "csv": links.file("rollups:monthly_csv"),
        "xlsx": links.file("rollups:monthly_xlsx"),
        "earlier": links.period(
            question.first.plus(-months), question.last.plus(-months)
        ),
        "earlier_label": f"上{span}",
        "later_label": f"下{span}",
        "later": links.period(question.first.plus(months), question.last.plus(months)),
        "year": links.period(Month(question.last.year, 1), question.last),
        "wide": links.table(layout=None),
        "long": links.table(layout="long"),
    }


def record_page(evidence: Evidence, records: Iterable) -> dict:
    """Return titles and rows of one page of records, with each one's share in the
    number; a distinct has none, for several records may be one key."""
    part = evidence.parts[0][0]
    columns = dict(part.source.columns)
    if part.kind is not Kind.DISTINCT:
        columns["计入"] = part.record_value
    link = part.source.link
    rows = [
        {
            "url": link(record) if link else "",
            "cells": [_record_cell(read(record)) for read in columns.values()],
        }
        for record in records
    ]
    are_numbers = [cell["is_number"] for cell in rows[0]["cells"]] if rows else []
    return {"titles": list(zip(columns, are_numbers, strict=False)), "rows": rows}


def _record_cell(value) -> dict:
    is_number = isinstance(value, int | Decimal)
    return {
        "text": shown(value) if is_number else _spelled(value),
        "is_number": is_number,
    }


def _spelled(value) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value)
