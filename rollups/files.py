"""The tables as files: exactly what the page shows for the same parameters."""

from __future__ import annotations

from collections.abc import Iterator

from rollups import exports
from rollups.closings import chain_head
from rollups.exports import Change
from rollups.forms import LONG, TableForm
from rollups.reported import baselines_for
from rollups.tables import UNCOUNTED, LongTable, Question, WideTable, wide_table
from rollups.tables.columns import OF_TARGET, Column
from rollups.tables.figures import Figure
from rollups.tables.long import COLUMNS, NUMBERS
from rollups.wording import NOTHING

NUMBER_COLUMNS = [n for n, code in enumerate(COLUMNS) if code in NUMBERS]


def csv_file(form: TableForm, question: Question):
    """Return the response with the CSV; a script that names no layout gets the long
    one."""
    if is_long(form):
        table = LongTable(question, spelled=exports.guarded)
        return exports.stream_csv(
            file_name(question, "明细", "csv"),
            long_header(form),
            table.chunks(),
            ready=True,
        )
    table = wide_table(question, **form.columns)
    lines = list(wide_lines(table, spell_code=_kept_as_text))
    return exports.stream_csv(
        file_name(question, "汇总", "csv"), wide_header(table), [lines, foot(table)]
    )


def xlsx_file(form: TableForm, question: Question):
    """Return the response with the workbook."""
    if is_long(form):
        return exports.stream_xlsx(
            file_name(question, "明细", "xlsx"),
            long_header(form),
            LongTable(question).chunks(),
            numbers=NUMBER_COLUMNS,
        )
    table = wide_table(question, **form.columns)
    return exports.stream_xlsx(
        file_name(question, "汇总", "xlsx"),
        wide_header(table),
        [list(wide_lines(table)), foot(table)],
    )


def is_long(form: TableForm) -> bool:
    return form.cleaned_data["layout"] in ("", LONG)


def file_name(question: Question, what: str, suffix: str) -> str:
    """Return ``章丘区妇联2026-01至2026-03汇总.csv``."""
    period = str(question.first)
    if question.last != question.first:
        period += f"至{question.last}"
    return f"{question.branch.name}{period}{what}.{suffix}"


def long_header(form: TableForm) -> list[str]:
    is_chinese = form.cleaned_data["header"] == "zh"
    return list(COLUMNS.values() if is_chinese else COLUMNS)


def wide_header(table: WideTable) -> list[str]:
    return ["妇联组织", "编码", "层级", *(column.title for column in table.columns)]


def wide_lines(table: WideTable, spell_code=str) -> Iterator[list]:
    for row in table.rows:
        cells = (
            _cell(figure, column)
            for column, figure in zip(table.columns, row.figures, strict=True)
        )
        yield [row.name, spell_code(row.code), row.level, *cells]


def foot(table: WideTable) -> list[list]:
    """Return the lines below the figures: what they lack, by which tree they are read,
    which revisions they are; and the line that proves the closed months later, the
    head of the chain on the day of the export. None before the first closing."""
    lines = [["说明", note] for note in table.notes]
    lines += [["口径", note] for note in table.tree_notes]
    lines += [
        ["原属", f"{row.name}：{origin}"]
        for row in table.rows
        for origin in row.origins
    ]
    lines += [["结账", state] for state in table.states]
    lines += [["另有期初数", note.sentence] for note in baselines_for(table.question)]
    head = chain_head()
    return [*lines, ["校验值", head]] if head else lines


def _cell(figure: Figure, column: Column):
    if figure is None:
        # A row without a target has none; what has no figure says so.
        return "" if column.aspect in OF_TARGET else NOTHING
    if figure is UNCOUNTED:
        return str(figure)
    return Change(figure) if column.is_change or column.is_share else figure


def _kept_as_text(code: str) -> str:
    # Excel shows twelve digits as 3.70114E+11; a tab, which nobody sees, makes it text.
    return f"{code}\t" if code.isdigit() else code
