"""A report as a workbook, ready to print: title, two-row header, numbers as numbers,
the lines to sign on, A4, the header on every page, 草稿 while a month is open."""

from __future__ import annotations

import tempfile
from decimal import Decimal

from django.http import FileResponse
from xlsxwriter import Workbook

from rollups.exports import XLSX
from rollups.models import ReportColumn
from rollups.reports.filling import Report, Row
from rollups.reports.wording import (
    CHANGES,
    DRAFT,
    corner_lines,
    digits_of,
    file_name,
    state_line,
    unit_of,
)
from rollups.tables import WHOLE
from rollups.wording import shown

A4 = 9
WIDE = 7  # with more columns a table lies on its side
NAME_WIDTH, CODE_WIDTH, FIGURE_WIDTH = 24, 15, 12


def xlsx_file(report: Report) -> FileResponse:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 FileResponse closes it
    write_workbook(file, report)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=file_name(report, "xlsx"),
        content_type=XLSX,
    )


def is_wide(report: Report) -> bool:
    """Tell whether the table lies on its side on A4."""
    return len(report.columns) > WIDE


def write_workbook(file, report: Report) -> None:
    """Write *report* into *file*."""
    # What somebody typed is text, whatever it looks like.
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, {"in_memory": True, **options}) as workbook:
        _Sheet(workbook, report).write()


class _Sheet:
    def __init__(self, workbook: Workbook, report: Report):
        self.report = report
        self.sheet = workbook.add_worksheet("报表")
        self.last = 1 + len(report.columns)  # the last column; codes stand in column 1
        self.line = 0
        add = workbook.add_format
        frame = {"border": 1, "valign": "vcenter"}
        self.title = add({"bold": True, "font_size": 16, "align": "center"})
        self.centred = add({"align": "center"})
        self.right = add({"align": "right"})
        self.note = add({"text_wrap": True, "valign": "top", "font_size": 9})
        self.head = add({**frame, "bold": True, "align": "center", "text_wrap": True})
        self.bold = add({**frame, "bold": True})
        self.text = add({**frame, "num_format": "@", "text_wrap": True})
        self.nothing = add({**frame, "align": "right"})
        digits = report.template.decimals
        places = "." + "0" * digits if digits else ""
        self.number = add({**frame, "num_format": f"#,##0{places}"})
        self.whole = add({**frame, "num_format": "#,##0"})
        percent = f"0{places}%"
        self.percent = add({**frame, "num_format": percent})
        signed = f"+{percent};-{percent};{percent}"
        self.change = add({**frame, "num_format": signed})

    def write(self) -> None:
        self._write_top()
        first = self.line
        self._write_header()
        self.sheet.repeat_rows(first, self.line - 1)
        self.sheet.freeze_panes(self.line, 1)
        for row in self.report.rows:
            self._write_row(row)
        self._write_foot()
        self._set_page()

    def _across(self, text: str, style) -> None:
        self.sheet.merge_range(self.line, 0, self.line, self.last, text, style)
        self.line += 1

    def _write_top(self) -> None:
        report = self.report
        for label, text in corner_lines(report):
            self._across(f"{label}：{text}", self.right)
        self.sheet.set_row(self.line, 28)
        self._across(report.template.title, self.title)
        draft = f"（{DRAFT}）" if report.is_draft else ""
        self._across(f"{report.period.label}{draft}", self.centred)
        name = f"填报单位（盖章）：{report.branch.name}"
        self.sheet.write_string(self.line, 0, name)
        units = f"单位：{report.units}"
        self.sheet.write_string(self.line, self.last, units, self.right)
        self.line += 1

    def _write_header(self) -> None:
        line, high = self.line, self.report.has_groups
        self._head(line, 0, "妇联组织", high)
        self._head(line, 1, "编码", high)
        at = 2
        for head in self.report.heads:
            if not head.is_group:
                self._head(line, at, _title(head.columns[0]), high)
                at += 1
                continue
            end = at + len(head.columns) - 1
            if end > at:
                self.sheet.merge_range(line, at, line, end, head.title, self.head)
            else:
                self.sheet.write_string(line, at, head.title, self.head)
            for column in head.columns:
                self._head(line + 1, at, _title(column), False)
                at += 1
        rows = (line, line + 1) if high else (line,)
        for row in rows:
            self.sheet.set_row(row, 32)
        self.line += len(rows)

    def _head(self, line: int, at: int, title: str, is_high: bool) -> None:
        if is_high:
            self.sheet.merge_range(line, at, line + 1, at, title, self.head)
        else:
            self.sheet.write_string(line, at, title, self.head)

    def _write_row(self, row: Row) -> None:
        self.sheet.set_row(self.line, 18)
        name = self.bold if row.key == WHOLE else self.text
        self.sheet.write_string(self.line, 0, row.name, name)
        self.sheet.write_string(self.line, 1, row.code, self.text)
        pairs = zip(self.report.columns, row.figures, strict=True)
        for at, (column, figure) in enumerate(pairs, start=2):
            if not isinstance(figure, Decimal):
                self.sheet.write_string(self.line, at, shown(figure), self.nothing)
                continue
            self.sheet.write_number(
                self.line, at, float(figure), self._style(column, figure)
            )
        self.line += 1

    def _style(self, column: ReportColumn, figure: Decimal):
        if column.aspect in CHANGES:
            return self.change
        if column.is_percentage:
            return self.percent
        return self.number if digits_of(self.report, column, figure) else self.whole

    def _write_foot(self) -> None:
        template, proof = self.report.template, self.report.proof
        if template.notes:
            self._note(f"说明：{template.notes}")
        for note in self.report.notes:
            self._note(note)
        self.line += 1
        if template.signature_labels:
            signed = (f"{label}：" for label in template.signature_labels)
            self._across("　　　　　　".join(signed), None)
        self._note(state_line(self.report))
        if proof.head:
            self._note(f"校验值：{proof.head}")

    def _note(self, text: str) -> None:
        width = NAME_WIDTH + CODE_WIDTH + FIGURE_WIDTH * len(self.report.columns)
        # At nine points a Chinese character is less than two of the width's units.
        lengths = (
            sum(1.7 if c > "ÿ" else 0.9 for c in part) for part in text.split("\n")
        )
        lines = sum(length // width + 1 for length in lengths)
        self.sheet.set_row(self.line, 13 * lines)
        self._across(text, self.note)

    def _set_page(self) -> None:
        sheet = self.sheet
        sheet.set_column(0, 0, NAME_WIDTH)
        sheet.set_column(1, 1, CODE_WIDTH)
        sheet.set_column(2, self.last, FIGURE_WIDTH)
        sheet.set_paper(A4)
        if is_wide(self.report):
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        if self.report.is_draft:
            sheet.set_header(f"&C&24{DRAFT}")
        sheet.set_footer("&C第 &P 页，共 &N 页")


def _title(column: ReportColumn) -> str:
    unit = unit_of(column)
    return f"{column.label}\n（{unit}）" if unit else column.label
