"""Read the first sheet of a workbook and print it as JSON lines: [row number, cells].

A program of its own, started by ``federation.imports.tables``: calamine aborts the
whole process on some small files (one cell at XFD1048576), so it may only take this
one down. Nothing of the site is imported here.
"""

import json
import resource
import sys
from datetime import date, datetime

from python_calamine import CalamineWorkbook

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60


def main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    # iter_rows begins at the first row of the sheet, empty or not.
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [text_of(cell) for cell in row]
        if any(cells):
            json.dump([number, cells], sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")


def text_of(cell) -> str:
    """Return *cell* as it would stand in a CSV: codes without ``.0``, ISO dates."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(sys.argv[1])
