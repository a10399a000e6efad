"""A roster of households as it comes, read into lines and what is wrong with them.
Nothing is looked up here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from families.groups import group_of
from families.rosters import cells as of_cells
from families.rosters.columns import NEEDED, TITLES
from federation.imports.layout import Table, Titles, find_tables
from federation.imports.lines import TOTAL, is_foot, text_across
from federation.imports.values import Reader, text_of
from federation.imports.workbook import Cell, read_sheets

MOST_LINES = 200_000
LONGEST_VILLAGE = 20  # characters of a heading
# What is written into a household; a blank cell says nothing of it.
FACTS = ("contact_name", "group", "door", "phone", "has_courtyard", "occupancy")
SERIALS = (
    "“序号”只当作顺序：同一户按户主、村组和门牌认。要按号码认，请把列名改成“户号”。"
)
_GROUP = re.compile("[0-9]+组")
# 明二社区 or 赵家庄村委会 over its households; 李新村 alone may be somebody's name.
_VILLAGE = re.compile(
    "(.{2,}社区|.{3,}(?<!自然)村|.{2,}村(?=委会|民委员会))"
    "(?:居?委会|居?民?委员会|妇联)?:?"
)


@dataclass(slots=True)
class HouseholdLine:
    """One household's line. ``facts`` holds what was read, by field of the household;
    ``number`` is its own, ``serial`` only its place in the list. ``faults`` are
    sentences, each about one cell."""

    sheet: str
    row: int
    branch: str  # the words of the column, or of the heading above; nothing if none
    above: str  # the title lines of the sheet
    facts: dict[str, object]
    number: int | None = None
    serial: int | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.facts.get("contact_name", "")

    @property
    def place(self) -> tuple[str, str]:
        """Return the group and the door, as far as they are told."""
        return self.facts.get("group", ""), self.facts.get("door", "")


def read_tables(content: bytes, titles: Titles = TITLES) -> list[Table]:
    """Return the roster's tables without ID numbers: what may be kept of it. Raises
    ValidationError with the sentence for the reader if there is none."""
    tables = find_tables(read_sheets(content, MOST_LINES), titles, NEEDED)
    if not any(table.rows for table in tables):
        raise ValidationError(
            "没有找到家庭户名册：表头里要有“户主”一列和门牌、电话等列，"
            "表头下面每户一行。"
        )
    return tables


def parse(tables: Iterable[Table]) -> tuple[list[HouseholdLine], list[str]]:
    """Return the lines of *tables* and what is to be said about them as a whole."""
    lines, notes = [], []
    for table in tables:
        notes += table.notes
        if table.rows:
            reader = _SheetReader(table)
            lines += reader.lines()
            if "number" not in table.places and "serial" in table.places:
                notes.append(SERIALS)
    return lines, list(dict.fromkeys(notes))


class _SheetReader:
    """Reads the lines of one table, each distinct cell of a column once."""

    def __init__(self, table: Table):
        self.table = table
        self.readers = {
            column: Reader(read)
            for column, read in of_cells.READERS.items()
            if column in table.places
        }
        self.village = self.group = ""  # of the headings between the rows

    def lines(self) -> Iterator[HouseholdLine]:
        for number, cells in self.table.rows:
            if not self._stands_between(cells) and (line := self._line(number, cells)):
                yield line

    def _stands_between(self, cells: list[Cell]) -> bool:
        """Tell whether the row is no household's: 三组 or 明二社区 over the households
        of that group or village, a note across the sheet, a total."""
        texts = [cell for cell in cells if cell != ""]
        alone = text_of(texts[0]) if len(texts) == 1 else text_across(cells)
        if alone and _GROUP.fullmatch(group_of(alone)) and "组" in alone:
            self.group = group_of(alone)
            return True
        if len(alone) <= LONGEST_VILLAGE and (found := _VILLAGE.fullmatch(alone)):
            self.village, self.group = found[1], ""
            return True
        name = text_of(self.table.cell(cells, NEEDED))
        return bool(text_across(cells) or TOTAL.match(name)) or is_foot(cells)

    def _line(self, row: int, cells: list[Cell]) -> HouseholdLine | None:
        faults: list[str] = []
        found = {column: self._read(column, cells, faults) for column in self.readers}
        number, serial = found.pop("number", None), found.pop("serial", None)
        is_empty = found.pop("is_empty", None)
        if is_empty is not None and found.get("occupancy") is None:
            found["occupancy"] = is_empty
        if self.group and found.get("group") is None:
            found["group"] = self.group
        facts = {name: found[name] for name in FACTS if found.get(name) is not None}
        if not text_of(self.table.cell(cells, "contact_name")):
            if number is None and not facts.keys() & {"door", "phone"}:
                return None  # nothing that would tell a household
            faults.insert(0, "户主是空的，请填写。")
        return HouseholdLine(
            self.table.sheet,
            row,
            text_of(self.table.cell(cells, "branch")) or self.village,
            self.table.above,
            facts,
            number,
            serial,
            faults,
        )

    def _read(self, column: str, cells: list[Cell], faults: list[str]):
        value, fault = self.readers[column](self.table.cell(cells, column))
        if fault:
            faults.append(fault)
        return value
