"""Workbooks and CSV as somebody would send them, made in memory."""

import io

import openpyxl
import xlwt


def xlsx(sheets: dict[str, list[list]], merged: dict[str, list[str]] | None = None):
    """Return the bytes of a workbook of *sheets*; *merged* ranges by sheet: B2:C2."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in (merged or {}).get(name, ()):
            sheet.merge_cells(cells)
    return _saved(book)


def xls(sheets: dict[str, list[list]]) -> bytes:
    """Return the same as old Excel and WPS write it."""
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write(number, place, cell)
    return _saved(book)


def csv(rows: list[list], encoding: str = "utf-8-sig") -> bytes:
    text = "\r\n".join(",".join(map(str, row)) for row in rows)
    return text.encode(encoding)


def _saved(book) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
