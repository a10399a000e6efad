"""What the page of a report prints: texts and addresses, ready."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode

from rollups.links import Links
from rollups.registry import Indicator
from rollups.reports.filling import Report, Row
from rollups.reports.periods import Period, offered
from rollups.reports.wording import DRAFT, corner_lines, state_line, unit_of, written
from rollups.reports.workbook import is_wide
from rollups.tables import REST, WHOLE, Question

TABLE, CSV, XLSX = "rollups:report_table", "rollups:report_csv", "rollups:report_xlsx"


class Asked(NamedTuple):
    """What a figure stands for, as the list of its records asks for it."""

    question: Question
    indicator: Indicator


def report_page(report: Report) -> dict:
    """Return the head, the rows and their cells, and what stands around them."""
    return {
        "heads": [_head(report, head) for head in report.heads],
        "columns": [
            {"title": column.label, "unit": unit_of(column)}
            for head in report.heads
            if head.is_group
            for column in head.columns
        ],
        "rows": _rows(report),
        "is_wide": is_wide(report),
        "corner": corner_lines(report),
        "draft": DRAFT if report.is_draft else "",
        "states": state_line(report),
        "are_many": len(report.proof.states) > 3,
        "csv": address(CSV, report.template, report.period, report.branch.code),
        "xlsx": address(XLSX, report.template, report.period, report.branch.code),
    }


def _head(report: Report, head) -> dict:
    alone = not head.is_group
    return {
        "title": head.title,
        "span": len(head.columns),
        "is_group": head.is_group,
        "is_high": alone and report.has_groups,
        "unit": unit_of(head.columns[0]) if alone else "",
    }


def _rows(report: Report) -> list[dict]:
    asked = [
        Asked(question, column.counted) if question else None
        for column, question in zip(report.columns, report.questions, strict=True)
    ]
    links = Links(next(filter(None, report.questions), None), {})
    return [
        {
            "row": row,
            "kind": row.key if row.key in (WHOLE, REST) else "branch",
            "url": address(TABLE, report.template, report.period, row.code)
            if row.key not in (WHOLE, REST)
            else "",
            "cells": _cells(report, row, asked, links),
        }
        for row in report.rows
    ]


def _cells(report: Report, row: Row, asked: list[Asked | None], links) -> list[dict]:
    cells = []
    for column, figure, behind in zip(report.columns, row.figures, asked, strict=True):
        has_records = behind and figure and behind.indicator in behind.question.asked
        cells.append(
            {
                "text": written(report, column, figure),
                "url": links.figure(row, behind) if has_records else "",
                "style": "" if figure else "zero",
            }
        )
    return cells


def picker(template, period: Period, branch_code: str) -> dict:
    """Return the way to the period's neighbours, and the periods to choose from."""
    return {
        "earlier": _neighbour(template, period.plus(-1), branch_code),
        "later": _neighbour(template, period.plus(1), branch_code),
        "periods": [
            {"value": str(one), "label": one.label, "is_chosen": one == period}
            for one in offered(template, period)
        ],
    }


def _neighbour(template, period: Period | None, branch_code: str) -> str:
    return address(TABLE, template, period, branch_code) if period else ""


def address(name: str, template, period: Period, branch_code: str) -> str:
    query = urlencode({"period": period, "branch": branch_code})
    return f"{reverse(name, args=[template.slug])}?{query}"
