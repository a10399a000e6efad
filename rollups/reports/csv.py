"""A report as CSV: one line of titles, the rows, and what proves them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.http import StreamingHttpResponse

from rollups import exports
from rollups.models import ReportColumn
from rollups.reports.filling import Report
from rollups.reports.wording import DRAFT, corner_lines, file_name, titled, written
from rollups.tables.figures import Figure

# The page writes −3.0% and 1,234 for the eye.
BARE = str.maketrans({"−": "-", ",": None})


class Number:
    """A number as it is written: no text, which a guard would disarm."""

    def __init__(self, written: str):
        self.written = written

    def __str__(self):
        return self.written


def csv_file(report: Report) -> StreamingHttpResponse:
    return exports.stream_csv(
        file_name(report, "csv"), list(_titles(report)), [list(_lines(report))]
    )


def _titles(report: Report) -> Iterator[str]:
    yield from ("妇联组织", "编码", "层级")
    for column in report.columns:
        yield f"{column.group} {titled(column)}".strip()


def _lines(report: Report) -> Iterator[list]:
    for row in report.rows:
        cells = (
            _cell(report, column, figure)
            for column, figure in zip(report.columns, row.figures, strict=True)
        )
        # Excel shows twelve digits as 3.70114E+11; a tab, unseen, makes it text.
        code = f"{row.code}\t" if row.code.isdigit() else row.code
        yield [row.name, code, row.level, *cells]
    yield []
    yield ["报表", report.template.title]
    yield from ([label, text] for label, text in corner_lines(report))
    yield ["期间", report.period.label]
    yield ["填报单位", report.branch.name]
    yield ["单位", report.units]
    yield from (["说明", note] for note in report.notes)
    if report.is_draft:
        yield ["状态", DRAFT]
    yield from ([state.month, state.label] for state in report.proof.states)
    if report.proof.head:
        yield ["校验值", report.proof.head]


def _cell(report: Report, column: ReportColumn, figure: Figure):
    text = written(report, column, figure)
    if not isinstance(figure, Decimal):
        return text
    return Number(text.translate(BARE).removeprefix("+"))
