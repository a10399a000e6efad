"""What the titles of a file mean: told by the register, corrected by whoever hands the
file in, and remembered for the next file of her branch."""

from __future__ import annotations

from collections.abc import Iterable

from federation.imports.layout import IGNORED, Table, Titles, plain
from federation.imports.plans import Kind, Outcome, Plan
from federation.imports.registers import Register
from federation.models import Branch, ColumnMeaning


def titles_for(register: Register, branch: Branch) -> Titles:
    """Return the register's titles with what was said of some at *branch* or above."""
    said = ColumnMeaning.objects.known_to(branch, register.code)
    return register.titles.learned(said)


def meanings_in(tables: Iterable[Table], titles: Titles) -> dict[str, str]:
    """Return ``{title: column}`` of what stands in *tables*; nothing where a title has
    no meaning."""
    found = {}
    for table in tables:
        for title in map(plain, table.header):
            if title and (title not in IGNORED or titles.known(title)):
                found[title[:100]] = titles.meaning(title)
    return found


def remember(register: Register, branch: Branch, meanings: dict[str, str]) -> None:
    """Keep for *branch* what was said of titles where it is not what is usual there."""
    usual = register.titles.learned(
        ColumnMeaning.objects.exclude(branch=branch).known_to(branch, register.code)
    )
    own = ColumnMeaning.objects.filter(
        register=register.code, branch=branch, title__in=list(meanings)
    )
    own = {meaning.title: meaning for meaning in own}
    for title, column in meanings.items():
        known = own.get(title)
        if column == usual.meaning(title):
            if known:
                known.delete()
        elif known is None:
            ColumnMeaning.objects.create(
                register=register.code, branch=branch, title=title, column=column
            )
        elif known.column != column:
            known.column = column
            known.save()


def plan_without(register: Register, tables: Iterable[Table]) -> Plan | None:
    """Return a plan that refuses all lines if no table has the column that the register
    needs; None if one has it."""
    tables = list(tables)
    if any(register.needed in table.places for table in tables):
        return None
    label = register.titles.labels[register.needed]
    reason = f"不知道哪一列是“{label}”，请先在“列名对应”里选定。"
    notes = [note for table in tables for note in table.notes]
    return Plan(
        [
            Outcome(Kind.REFUSED, table.sheet, row, "", f"第 {row} 行", reason)
            for table in tables
            for row, _ in table.rows
        ],
        notes=notes,
    )
