"""A roster as it comes, read into people, posts and what is wrong with them.

Nothing is looked up here: which branch a word means, and who is known already, is for
``members.rosters.planning`` and for whoever fills an election from a roster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from federation.imports.layout import Table, Titles, find_tables
from federation.imports.lines import FOOTNOTE, text_across
from federation.imports.values import Reader, text_of
from federation.imports.workbook import Cell, read_sheets
from members.models.choices import Title
from members.rosters import cells as of_cells
from members.rosters.columns import NEEDED, TITLES

MOST_LINES = 100_000
PLAIN_VICE = "只写“副主席”的，按兼职副主席登记；是专职或挂职的，请在表中写明。"
NO_ROSTER = "没有找到名册：表头里要有“姓名”一列和职务等列，表头下面每人一行。"
NO_TITLES = "表中没有职务一列，都按执委登记。"


@dataclass(slots=True)
class RosterLine:
    """One person's line. ``values`` holds what was read, by field of the member;
    blank cells are left out. ``faults`` are sentences, each about one cell."""

    sheet: str
    row: int
    branch: str  # the words of the column; nothing if it is blank or there is none
    above: str  # the title lines of the sheet
    values: dict[str, object]
    title: Title | None = None
    post: dict[str, object] = field(default_factory=dict)
    votes: int | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.values.get("name", "")


@dataclass(slots=True)
class Roster:
    lines: list[RosterLine]
    notes: list[str]


def read_roster(content: bytes) -> Roster:
    """
    Read the roster whose file's bytes are *content*.

    Raises ValidationError with the sentence for the reader if it cannot be read, or
    holds no roster at all.
    """
    tables = read_tables(content)
    if not any(NEEDED in table.places for table in tables):
        raise ValidationError(NO_ROSTER)
    return parse(tables)


def read_tables(content: bytes, titles: Titles = TITLES) -> list[Table]:
    """Return the roster's tables without ID numbers: what may be kept of it."""
    tables = find_tables(read_sheets(content, MOST_LINES), titles, NEEDED)
    if not any(table.rows for table in tables):
        raise ValidationError(NO_ROSTER)
    return tables


def parse(tables: Iterable[Table]) -> Roster:
    """Return the lines of *tables* and what is to be said about them as a whole."""
    lines, notes = [], []
    for table in tables:
        notes += table.notes
        if table.rows:
            lines += _SheetReader(table).lines(notes)
    return Roster(lines, list(dict.fromkeys(notes)))


PERSON = (
    "name",
    "gender",
    "birth_month",
    "ethnicity",
    "education",
    "political_status",
    "work_unit",
    "occupation",
    "phone",
    "is_village_cadre",
    "is_grid_worker",
    "is_new_employment",
    "skills",
)
POST = ("concurrent_office", "started_on", "ended_on", "ending")


class _SheetReader:
    """Reads the lines of one table, each distinct cell of a column once."""

    def __init__(self, table: Table):
        self.table = table
        self.readers = {
            column: Reader(self._reader(column))
            for column in (*PERSON, *POST, "title", "votes")
            if column in table.places
        }
        self.person = [column for column in PERSON if column in self.readers]
        self.post = [column for column in POST if column in self.readers]

    def lines(self, notes: list[str]) -> Iterator[RosterLine]:
        if "title" not in self.readers:
            notes.append(NO_TITLES)
        for number, cells in self.table.rows:
            if line := self._line(number, cells):
                if line.title == Title.VICE_PART and "title" in self.readers:
                    kind = text_of(self.table.cell(cells, "title"))
                    if "兼" not in kind:
                        notes.append(PLAIN_VICE)
                yield line

    def _line(self, number: int, cells: list[Cell]) -> RosterLine | None:
        if text_across(cells):
            return None
        faults: list[str] = []
        found = {column: self._read(column, cells, faults) for column in self.person}
        if not found["name"] and not faults:
            if self._is_outside(cells):
                return None
            faults.append("姓名是空的，请填写。")
        elif FOOTNOTE.match(str(found["name"] or "")) and self._is_outside(cells):
            return None
        line = RosterLine(
            self.table.sheet,
            number,
            text_of(self.table.cell(cells, "branch")),
            self.table.above,
            {column: value for column, value in found.items() if value is not None},
            Title.COMMITTEE,
            faults=faults,
        )
        if "title" in self.readers:
            line.title = self._read("title", cells, faults)
            if line.title is None and not text_of(self.table.cell(cells, "title")):
                faults.append("职务是空的，请填写，如主席、副主席、执委。")
        told = {column: self._read(column, cells, faults) for column in self.post}
        line.post = {column: value for column, value in told.items() if value}
        if "votes" in self.readers:
            line.votes = self._read("votes", cells, faults)
        return line

    def _read(self, column: str, cells: list[Cell], faults: list[str]):
        value, fault = self.readers[column](self.table.cell(cells, column))
        if fault:
            faults.append(fault)
        return value

    def _is_outside(self, cells: list[Cell]) -> bool:
        """Tell whether a row says nothing of a person, as the foot of a page."""
        known = (*PERSON[1:], *POST, "title")
        return all(self.table.cell(cells, column) == "" for column in known)

    def _reader(self, column: str):
        if column in of_cells.DATES:
            column_cells = (self.table.cell(row, column) for _, row in self.table.rows)
            return of_cells.date_reader(column, column_cells)
        return of_cells.READERS[column]
