"""The report as a workbook with native charts: counts only, and no name of a person."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter import Workbook

from members.structure.comparing import Cells, Comparison
from members.structure.lines import GROUPS, LINES

SHEET, BY_BRANCH = "结构对比", "分组织"
CHART_ROWS = 16  # how many rows of the sheet a chart covers
SIGNED_BY = ("填表人：", "审核人：", "负责人：", "单位（盖章）", "年　　月　　日")


def write_workbook(file, comparison: Comparison) -> None:
    """Write *comparison* into *file*."""
    with Workbook(file, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        _write_comparison(workbook, comparison, bold)
        _write_branches(workbook, comparison, bold)


def _write_comparison(workbook: Workbook, comparison: Comparison, bold) -> None:
    sheet = workbook.add_worksheet(SHEET)
    title = workbook.add_format({"bold": True, "font_size": 14})
    percent = workbook.add_format({"num_format": '0.0"%"'})
    signed = workbook.add_format({"num_format": "+0;-0;0"})
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 6, 13)
    sheet.write_string(0, 0, f"{comparison.title}班子结构分析", title)
    head = ["类别", "项目", comparison.before, "占比", comparison.after, "占比", "增减"]
    for column, text in enumerate(head):
        sheet.write_string(2, column, text, bold)
    row, chart_at = 3, 2
    for group, lines in comparison.groups():
        first = row
        for cells in lines:
            _write_line(sheet, row, group.title, cells, percent, signed)
            row += 1
        if group.parts:
            sheet.insert_chart(
                chart_at, 8, _chart(workbook, comparison, group.title, first, row - 1)
            )
            chart_at += CHART_ROWS
    row = _write_ages(sheet, row, comparison)
    for label, before, after, change in comparison.committees:
        sheet.write_string(row, 0, "组织")
        sheet.write_string(row, 1, label)
        sheet.write_number(row, 2, before)
        sheet.write_number(row, 4, after)
        sheet.write_number(row, 6, change, signed)
        row += 1
    row += 1
    for group in GROUPS:
        if group.note:
            sheet.write_string(row, 0, f"{group.title}：{group.note}")
            row += 1
    sheet.write_string(row + 1, 0, "　　　　　".join(SIGNED_BY))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_line(sheet, row: int, group: str, cells: Cells, percent, signed) -> None:
    sheet.write_string(row, 0, group)
    sheet.write_string(row, 1, cells.line.label)
    for column, count, share in (
        (2, cells.before, cells.share_before),
        (4, cells.after, cells.share_after),
    ):
        sheet.write_number(row, column, count)
        if share is not None:
            sheet.write_number(row, column + 1, float(share), percent)
    sheet.write_number(row, 6, cells.change, signed)


def _write_ages(sheet, row: int, comparison: Comparison) -> int:
    sheet.write_string(row, 0, "年龄")
    sheet.write_string(row, 1, "平均年龄（岁）")
    for column, age in zip((2, 4), comparison.average_ages(), strict=True):
        if isinstance(age, Decimal):
            sheet.write_number(row, column, float(age))
    return row + 1


def _chart(workbook: Workbook, comparison: Comparison, title: str, first, last):
    chart = workbook.add_chart({"type": "column"})
    for column, name, colour in (
        (2, comparison.before, "#8B8577"),
        (4, comparison.after, "#A32A46"),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": [SHEET, first, 1, last, 1],
                "values": [SHEET, first, column, last, column],
                "fill": {"color": colour},
                "data_labels": {"value": True},
            }
        )
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}})
    return chart


def _write_branches(workbook: Workbook, comparison: Comparison, bold) -> None:
    sheet = workbook.add_worksheet(BY_BRANCH)
    sheet.freeze_panes(2, 1)
    sheet.set_column(0, 0, 24)
    sheet.set_row(0, 48)
    sheet.write_string(1, 0, "妇联组织", bold)
    for place, line in enumerate(LINES):
        column = 1 + 2 * place
        sheet.merge_range(0, column, 0, column + 1, line.label, bold)
        sheet.write_string(1, column, comparison.before, bold)
        sheet.write_string(1, column + 1, comparison.after, bold)
    for row, branch in enumerate([*comparison.rows, comparison.whole], start=2):
        sheet.write_string(row, 0, branch.name)
        for place, line in enumerate(LINES):
            sheet.write_number(row, 1 + 2 * place, branch.before[line.code])
            sheet.write_number(row, 2 + 2 * place, branch.after[line.code])
