"""Read whatever table somebody sends, sheet by sheet: a workbook, or CSV of any usual
encoding. The file itself is only ever in memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError

SECONDS = 90
LARGEST_FILE = 200 * 1024 * 1024
MOST_ROWS = 1_000_000
READER = Path(__file__).with_name("spreadsheet.py")
# Zip (.xlsx, .ods), and the compound file of old Excel and WPS (.xls).
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

Cell = str | float  # a float is a number with a fraction, as calamine read it


@dataclass(slots=True)
class Sheet:
    """One sheet: its name, and (number in the file, cells) of each row that is not
    blank. Merged cells all hold what their corner holds. A CSV has one, unnamed."""

    name: str
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    is_hidden: bool = False  # then nothing of it was read


def read_sheets(content: bytes, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """
    Return the sheets of the file whose bytes are *content*, in their order.

    Raises ValidationError with the sentence for the reader if it is no table, or has
    more than *most_rows* rows.
    """
    if not content:
        raise ValidationError("这个文件是空的，请重新选择。")
    if len(content) > LARGEST_FILE:
        raise ValidationError("文件超过 200 MB，请分成几个文件再导入。")
    if content.startswith(WORKBOOKS):
        return _workbook_sheets(content, most_rows)
    if content.lstrip().startswith(b"<"):
        # Many a system exports a web page and calls it .xls.
        raise ValidationError(
            "这个文件其实是网页，不是 Excel 表格：请用 Excel 或 WPS 打开它，"
            "另存为 .xlsx 后再导入。"
        )
    return [_csv_sheet(content, most_rows)]


def _csv_sheet(content: bytes, most_rows: int) -> Sheet:
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    sheet, first_line = Sheet(""), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                sheet.rows.append((first_line, [cell.strip() for cell in cells]))
            if len(sheet.rows) > most_rows:
                raise _too_long(most_rows)
            first_line = reader.line_num + 1
    except csv.Error:
        raise ValidationError(
            f"第 {first_line} 行不是有效的 CSV，请用 Excel 或 WPS 另存为 CSV 后再导入。"
        ) from None
    return sheet


def _decoded(content: bytes) -> str:
    """Excel writes GB18030 or UTF-8 with a mark, everybody else plain UTF-8."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValidationError("认不出文件的编码，请另存为 UTF-8 的 CSV 或 .xlsx 后再导入。")


def _workbook_sheets(content: bytes, most_rows: int) -> list[Sheet]:
    try:
        # -I: neither the environment nor the folder decides what the child imports.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(READER), str(most_rows)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise ValidationError(
            "这个表格无法读取：可能已损坏、加了密码，或远处有多余的单元格。"
            "请把要导入的内容复制到新表格，另存为 .xlsx 后再导入。"
        ) from None
    sheets: list[Sheet] = []
    # As bytes, which end lines at \n alone: a cell may hold U+2028, which JSON leaves
    # as it is; and so that the whole text is not in memory twice.
    for text in io.BytesIO(child.stdout):
        line = json.loads(text)
        if isinstance(line, list):
            sheets[-1].rows.append((line[0], line[1]))
        elif "too_long" in line:
            raise _too_long(most_rows)
        elif line:
            name = line.get("sheet", line.get("hidden"))
            sheets.append(Sheet(name, is_hidden="hidden" in line))
    return sheets


def _too_long(most_rows: int) -> ValidationError:
    return ValidationError(f"表格超过 {most_rows:,} 行，请分成几个文件再导入。")
