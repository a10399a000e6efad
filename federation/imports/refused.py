"""The lines that could not be taken in, as they came, with the reason in front: to be
mended and handed in again."""

from __future__ import annotations

from federation.imports.layout import OF_REFUSED
from federation.imports.plans import Kind
from federation.imports.runs import outcomes_of, tables_of
from federation.imports.workbook import Cell
from federation.models import ImportRun

PLACE = "所属妇联"


def sheet_of(run: ImportRun) -> tuple[list[str], list[list[Cell]]]:
    """Return (header, rows) of one sheet with the refused lines of all. The columns of
    a title stand together; where a line belongs is said on it, since the sheet it stood
    on may have told."""
    outcomes, _, _ = outcomes_of(run)
    refused = {
        (outcome.sheet, outcome.row): outcome
        for outcome in outcomes
        if outcome.kind == Kind.REFUSED and outcome.row
    }
    tables = tables_of(run)
    titles = list(
        dict.fromkeys(title for table in tables for title in _titles(table.header))
    )
    has_place = any("branch" in table.places for table in tables)
    places = [] if has_place else [PLACE]
    rows = []
    for table in tables:
        spots = {title: place for place, title in enumerate(_titles(table.header))}
        for number, cells in table.rows:
            outcome = refused.get((table.sheet, number))
            if outcome is None:
                continue
            row = [outcome.detail, table.sheet, number]
            row += [outcome.place] * len(places)
            for title in titles:
                spot = spots.get(title, len(cells))
                row.append(cells[spot] if spot < len(cells) else "")
            rows.append(row)
    return [*OF_REFUSED, *places, *titles], rows


def _titles(header: list[str]) -> list[str]:
    """Return the titles, each different: two columns may bear one title, or none."""
    found: list[str] = []
    for title in header:
        name, number = title, 2
        while name in found:
            name, number = f"{title}{number}", number + 1
        found.append(name)
    return found
