"""Read a table that somebody sends: CSV of any usual encoding, or a workbook."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError

SECONDS = 90
LARGEST_FILE = 200 * 1024 * 1024
READER = Path(__file__).with_name("spreadsheet.py")


class Line(NamedTuple):
    """One row under the header: its number in the file, and its cells by column."""

    number: int
    cells: dict[str, str]


def read_lines(path: Path, columns: dict[str, tuple[str, ...]]) -> list[Line]:
    """
    Return the lines of the table at *path*, blank ones left out.

    *columns* are the wanted ones, each with the titles it may bear in the header.
    Raises ValidationError with the sentence for the reader if the file is no table or
    lacks a column.
    """
    rows = read_rows(path)
    number, header = next(rows, (1, []))
    places = _places(header, columns)
    lines = []
    for number, cells in rows:
        chosen = {
            column: cells[place].strip() if place < len(cells) else ""
            for column, place in places.items()
        }
        if any(chosen.values()):
            lines.append(Line(number, chosen))
    return lines


def _places(header: list[str], columns) -> dict[str, int]:
    titles = [title.strip().lower() for title in header]
    places = {
        column: titles.index(alias)
        for column, aliases in columns.items()
        for alias in aliases
        if alias in titles
    }
    missing = [
        f"“{aliases[-1]}”（{aliases[0]}）"
        for column, aliases in columns.items()
        if column not in places
    ]
    if missing:
        raise ValidationError(
            f"第一行缺少列：{'、'.join(missing)}。请补上列名后再导入。"
        )
    return places


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (number in the file, cells) of each row that is not blank."""
    try:
        size = path.stat().st_size
    except OSError:
        raise ValidationError("找不到这个文件，请核对文件路径。") from None
    if size > LARGEST_FILE:
        raise ValidationError("文件超过 200 MB，请分成几个文件再导入。")
    if zipfile.is_zipfile(path):
        return _workbook_rows(path)
    return _csv_rows(path.read_bytes())


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    first_line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield first_line, cells
            first_line = reader.line_num + 1
    except csv.Error:
        raise ValidationError(
            f"第 {first_line} 行不是有效的 CSV，请用 Excel 或 WPS 另存为 CSV 后再导入。"
        ) from None


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


def _workbook_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        # -I: neither the environment nor the folder decides what the child imports.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(READER), str(path.resolve())],
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise ValidationError(
            "这个表格无法读取：可能已损坏、加了密码，或远处有多余的单元格。"
            "请把要导入的内容复制到新表格，另存为 .xlsx 后再导入。"
        ) from None
    for row in child.stdout.decode().splitlines():
        number, cells = json.loads(row)
        yield number, cells
