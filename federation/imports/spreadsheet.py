"""Read a workbook from standard input and print its visible sheets as JSON lines:
``{"sheet": name}``, then ``[row number, cells]`` for each row that is not blank.

A program of its own, started by ``federation.imports.workbook``: calamine aborts the
whole process on some small files (one cell at XFD1048576), so it may only take this
one down. Nothing of the site is imported here.
"""

import io
import json
import resource
import sys
from collections import defaultdict
from datetime import date, datetime

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60
COLUMNS = 100
CHARACTERS = 1000  # of a cell: more than any field takes, so it is refused anyway


def main(most_rows: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = io.BytesIO(sys.stdin.buffer.read())
    workbook = CalamineWorkbook.from_filelike(content)
    left = most_rows
    for about in workbook.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        if about.visible != SheetVisibleEnum.Visible:
            print_line({"hidden": about.name})
            continue
        print_line({"sheet": about.name})
        left = print_rows(workbook.get_sheet_by_name(about.name), left)
        if left < 0:
            print_line({"too_long": most_rows})
            return


def print_rows(sheet, left: int) -> int:
    """Print the rows of *sheet* and return how many more may come."""
    merged = merged_rows(sheet)
    above = {}
    # iter_rows begins at the first row of the sheet, empty or not, but at the first
    # column that is used.
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = (margin + [cell_of(cell) for cell in row[:COLUMNS]])[:COLUMNS]
        above = fill(cells, merged.get(number - 1, ()), above)
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            left -= 1
            if left < 0:
                break
            print_line([number, cells])
    return left


def merged_rows(sheet) -> dict[int, list]:
    """Return ``{row: [(range, first row, first column, last column)]}``; a range that
    runs on below the used cells is cut."""
    last_row = sheet.end[0] if sheet.end else -1
    found = defaultdict(list)
    ranges = sheet.merged_cell_ranges or []
    for name, ((top, left), (bottom, right)) in enumerate(ranges):
        for row in range(top, min(bottom, last_row) + 1):
            found[row].append((name, top == row, left, min(right, COLUMNS - 1)))
    return found


def fill(cells: list, ranges, above: dict) -> dict:
    """Write what stands in the corner of each merged range into all its cells, and
    return the corners that the next row may need."""
    corners = {}
    for name, begins, left, right in ranges:
        here = cells[left] if left < len(cells) else ""
        corner = here if begins else above.get(name, "")
        corners[name] = corner
        if corner == "":
            continue
        cells += [""] * (right + 1 - len(cells))
        cells[left : right + 1] = [corner] * (right + 1 - left)
    return corners


def cell_of(cell) -> str | float:
    """Return *cell* as it would stand in a CSV: codes without ``.0``, ISO dates. A
    number with a fraction stays one: 1985.1 may have been 1985.10."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else cell
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()[:CHARACTERS]


def print_line(line) -> None:
    json.dump(line, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    main(int(sys.argv[1]))
