"""Read a plain list: one header in the first row, one record in each row below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError

from federation.imports.workbook import LARGEST_FILE, read_sheets


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
    """Yield (number in the file, cells) of each row of the first sheet that is not
    blank."""
    try:
        size = path.stat().st_size
    except OSError:
        raise ValidationError("找不到这个文件，请核对文件路径。") from None
    if size > LARGEST_FILE:
        raise ValidationError("文件超过 200 MB，请分成几个文件再导入。")
    shown = [sheet for sheet in read_sheets(path.read_bytes()) if not sheet.is_hidden]
    for sheet in shown[:1]:
        for number, cells in sheet.rows:
            yield number, [str(cell) for cell in cells]
