"""Find the table in a sheet as it comes: title lines above, a header of one or two
lines whose words vary, the rows below; and leave out what nobody may keep.

Whatever is or looks like an ID number goes here, before anything is stored or logged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from federation.id_numbers import looks_like_id_number
from federation.imports.workbook import Cell, Sheet

DEEPEST_HEADER = 20  # rows that are searched for it
FEWEST_TITLES = 2  # known ones, that make a row a header
ID_TITLE = re.compile("身份证|证件号|公民身份|身份号码")
# Known, and of no use here.
IGNORED = {"序号", "编号", "备注", "说明", "签名", "签字", "年龄", "照片"}
# In front of the lines that came back: why, and where they stood.
OF_REFUSED = ("没能导入的原因", "原工作表", "原行号")
IGNORED |= set(OF_REFUSED)
_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
_ORNAMENT = re.compile(r"[\s*#:：·、,，。.]+")


@dataclass(slots=True)
class Table:
    """The table of one sheet, without ID numbers.

    ``header`` names every column that is kept, ``places`` says in which of them the
    known ones stand, ``rows`` are (number in the file, cells), as they came. ``notes``
    are for whoever hands the file in; ``left_out`` are those among them that stay true
    whatever the titles are taken to mean.
    """

    sheet: str
    header: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    above: str = ""  # the title lines
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def settle(self, titles: Titles) -> None:
        """Find the known columns by what *titles* mean, and say which are unknown."""
        self.places = _places(self.header, titles)
        self.notes = [*self.left_out, *_unknown(self)]

    def as_json(self) -> dict:
        # Not asdict(): it copies each cell.
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def of_json(cls, stored: dict) -> Table:
        return cls(**stored)

    def cell(self, cells: list[Cell], column: str) -> Cell:
        """Return what stands under *column* in the row *cells*; blank if nothing."""
        place = self.places.get(column, -1)
        return cells[place] if 0 <= place < len(cells) else ""


class Titles:
    """The titles each column may bear: ``{column: (title, other title, …)}``."""

    def __init__(self, columns: dict[str, Iterable[str]]):
        self.column_of = {
            plain(alias): column
            for column, aliases in columns.items()
            for alias in aliases
        }
        self.order = {title: place for place, title in enumerate(self.column_of)}
        self.labels = {column: next(iter(titles)) for column, titles in columns.items()}
        self._meaningless: frozenset[str] = frozenset()

    def known(self, title: str) -> str:
        """Return the title as it is known here, or nothing."""
        whole = plain(title)
        if whole in self._meaningless:
            return ""
        for form in (whole, plain(_BRACKETED.sub("", _folded(title)))):
            if form in self.column_of:
                return form
        return ""

    def meaning(self, title: str) -> str:
        """Return the column under *title*, or nothing."""
        return self.column_of.get(self.known(title), "")

    def learned(self, meanings: dict[str, str]) -> Titles:
        """Return the titles with what somebody said of some: ``{plain title: column}``,
        or no column. These come before all others of their columns."""
        told = {
            title: column
            for title, column in meanings.items()
            if column != self.meaning(title) and (not column or column in self.labels)
        }
        better = Titles({})
        better.labels = self.labels
        better.column_of = {title: told[title] for title in told if told[title]}
        for title, column in self.column_of.items():
            if title not in told:
                better.column_of[title] = column
        better.order = {title: place for place, title in enumerate(better.column_of)}
        better._meaningless = frozenset(title for title in told if not told[title])
        return better


def find_tables(sheets: Iterable[Sheet], titles: Titles, needed: str) -> list[Table]:
    """Return the table of each sheet that has one with the column *needed*; a sheet
    with rows and no such header gives a table without rows and with a note. Where no
    sheet has that column, those with a header stay: somebody may know it."""
    found = []
    for sheet in sheets:
        if sheet.is_hidden:
            found.append(_without_rows(sheet, "是隐藏的，没有读取"))
        elif sheet.rows:
            table = _table_of(sheet, titles)
            if not table.header:
                table = _without_rows(sheet, "没有找到表头，没有读取")
            found.append(table)
    if any(needed in table.places for table in found):
        for place, table in enumerate(found):
            if table.header and needed not in table.places:
                found[place] = _without_header(table.sheet)
    return found


def plain(title: str) -> str:
    """Return *title* without what varies: width, spaces, line breaks, ornaments."""
    return _ORNAMENT.sub("", _folded(title))


def _folded(title: str) -> str:
    return unicodedata.normalize("NFKC", title).lower()


def _without_rows(sheet: Sheet, reason: str) -> Table:
    name = f"工作表“{_shown(sheet.name)}”" if sheet.name else "这个文件"
    said = [f"{name}{reason}。"]
    return Table(_shown(sheet.name), notes=said, left_out=said)


def _without_header(name: str) -> Table:
    return _without_rows(Sheet(name), "没有找到表头，没有读取")


def _shown(text: str) -> str:
    """Return *text* for a page or a note: an ID number in it is not repeated."""
    return "（已略去）" if looks_like_id_number(text) else text


def _table_of(sheet: Sheet, titles: Titles) -> Table:
    rows = [(number, cells) for number, cells in sheet.rows]
    depth, height = _header_place(rows, titles)
    if not height:
        return Table(_shown(sheet.name))
    header = _header(rows[depth : depth + height], titles)
    lines = [_once(cells) for _, cells in rows[:depth]]
    table = Table(_shown(sheet.name), above=" ".join(map(_shown, lines))[:200])
    body = rows[depth + height :]
    width = max([len(header), *(len(cells) for _, cells in body)])
    header += [""] * (width - len(header))
    left_out = _columns_of_id_numbers(header, body, titles)
    kept = [place for place in range(width) if place not in left_out]
    table.header = [header[place] for place in kept]
    touched = set()
    for number, cells in body:
        row = [cells[place] if place < len(cells) else "" for place in kept]
        for place, cell in enumerate(row):
            if isinstance(cell, str) and looks_like_id_number(cell):
                row[place] = ""
                touched.add(place)
        if any(cell != "" for cell in row) and not _repeats_header(row, table.header):
            table.rows.append((number, row))
    _note_left_out(table, [header[place] for place in sorted(left_out)], touched)
    table.settle(titles)
    return table


def _header_place(rows, titles: Titles) -> tuple[int, int]:
    """Return (index of the header's first line, how many lines); (0, 0) for none."""
    best, where = FEWEST_TITLES - 1, (0, 0)
    top = rows[:DEEPEST_HEADER]
    # Two lines only where one alone says less.
    for height in (1, 2):
        for index in range(len(top) - height + 1):
            lines = top[index : index + height]
            if not all(_may_be_header(cells) for _, cells in lines):
                continue
            known = {titles.known(title) for title in _header(lines, titles)}
            count = len({titles.column_of[title] for title in known - {""}})
            if count > best:
                best, where = count, (index, height)
    return where


def _may_be_header(cells: list[Cell]) -> bool:
    """Tell whether a line holds several short texts, not one title across the sheet."""
    texts = {str(cell) for cell in cells if cell != ""}
    return len(texts) >= 2 and all(len(text) <= 30 for text in texts)


def _header(lines, titles: Titles) -> list[str]:
    """Return the title of each column; of two lines the lower one, unless the upper
    one, or both together, are better known."""
    upper, lower = lines[0][1], lines[-1][1]
    if len(lines) == 1:
        return [_title(cell) for cell in upper]
    width = max(len(upper), len(lower))
    found = []
    for place in range(width):
        above = _title(upper[place]) if place < len(upper) else ""
        below = _title(lower[place]) if place < len(lower) else ""
        choices = (above + below, below, above)
        known = (text for text in choices if text and titles.known(text))
        found.append(next(known, below or above))
    return found


def _title(cell: Cell) -> str:
    return re.sub(r"\s+", "", _shown(str(cell)))


def _once(cells: list[Cell]) -> str:
    """Return the texts of a title line, each once however many cells it is merged
    over."""
    return " ".join(dict.fromkeys(str(cell) for cell in cells if cell != ""))


def _columns_of_id_numbers(header, body, titles: Titles) -> set[int]:
    """Return the places of columns named so, of those that nobody knows and that hold
    one, and of those that hold little else."""
    filled, suspicious = [0] * len(header), [0] * len(header)
    for _, cells in body:
        for place, cell in enumerate(cells):
            filled[place] += cell != ""
            suspicious[place] += isinstance(cell, str) and looks_like_id_number(cell)
    return {
        place
        for place, title in enumerate(header)
        if ID_TITLE.search(_folded(title))
        or (suspicious[place] and not titles.known(title))
        or suspicious[place] * 2 > filled[place]
    }


def _places(header: list[str], titles: Titles) -> dict[str, int]:
    """Return the place of each column's best title: the first of its titles wins."""
    ranked = sorted(
        (titles.order[known], place)
        for place, title in enumerate(header)
        if (known := titles.known(title))
    )
    names = list(titles.column_of.values())
    found: dict[str, int] = {}
    for rank, place in ranked:
        found.setdefault(names[rank], place)
    return found


def _repeats_header(row, header) -> bool:
    """Tell whether *row* is the header once more, as on each printed page."""
    texts = [(_title(cell), title) for cell, title in zip(row, header, strict=True)]
    pairs = [(cell, title) for cell, title in texts if cell]
    return len(pairs) >= FEWEST_TITLES and all(cell == title for cell, title in pairs)


def _note_left_out(table: Table, left_out: list[str], touched: set[int]) -> None:
    where = _where(table)
    for title in left_out:
        name = f"“{title}”一列" if title else "没有列名的一列"
        table.left_out.append(f"{where}{name}是身份证号或像身份证号，没有读取。")
    for place in sorted(touched):
        title = table.header[place] or "没有列名的一列"
        table.left_out.append(f"{where}“{title}”里像身份证号的内容没有读取。")


def _unknown(table: Table) -> Iterable[str]:
    used = set(table.places.values())
    unknown = [
        title
        for place, title in enumerate(table.header)
        if title and place not in used and plain(title) not in IGNORED
    ]
    if unknown:
        names = "、".join(f"“{title}”" for title in dict.fromkeys(unknown))
        yield f"{_where(table)}未识别的列：{names}，没有导入。"


def _where(table: Table) -> str:
    return f"工作表“{table.sheet}”的" if table.sheet else ""
