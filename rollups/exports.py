"""The one way out: CSV and XLSX, streamed, with what spreadsheets need.

One byte order mark, or Excel and WPS read Chinese as noise; an apostrophe before text
that would run as a formula; a Chinese file name. Exports take rows that are already
scoped.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice

from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from xlsxwriter import Workbook

BOM = "\ufeff"
CHUNK = 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_SHEET = 1_000_000  # Excel ends at 1,048,576

# The full-width ones start a formula too, in a Chinese or Japanese Excel.
FORMULA_SIGNS = tuple("=+-@\t\r＝＋－＠")


class Change(Decimal):
    """A growth as a fraction, which files show as a percentage: 0.125 is 12.5 %."""

    def __str__(self):
        return f"{self * 100:.1f}%"


def guarded(cell):
    """Return *cell*; with an apostrophe in front if it is text a spreadsheet would
    run."""
    if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS):
        return f"'{cell}"
    return cell


def chunked(rows: Iterable[Sequence]) -> Iterator[list[Sequence]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def csv_response(
    filename: str, columns: dict[str, Callable], rows: Iterable
) -> StreamingHttpResponse:
    """Stream *rows* as CSV; *columns* is ``{"名称": lambda row: row.name}``."""
    return stream_csv(filename, list(columns), chunked(_cells(columns, rows)))


def xlsx_response(
    filename: str, columns: dict[str, Callable], rows: Iterable
) -> FileResponse:
    """Send *rows* as a workbook; *columns* as for ``csv_response``."""
    return stream_xlsx(filename, list(columns), chunked(_cells(columns, rows)))


def stream_csv(
    filename: str,
    header: Sequence[str],
    chunks: Iterable[list[Sequence]],
    *,
    ready=False,
) -> StreamingHttpResponse:
    """Stream *chunks* of rows; *ready* rows are text that needs no guard."""
    return StreamingHttpResponse(
        csv_lines(header, chunks, ready=ready),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=filename
            )
        },
    )


def csv_lines(
    header: Sequence[str], chunks: Iterable[list[Sequence]], *, ready=False
) -> Iterator[bytes]:
    """Yield the file, some thousand rows at a time; one buffer serves all of them."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([guarded(title) for title in header])
    for rows in chunks:
        if not ready:
            rows = ([guarded(cell) for cell in row] for row in rows)
        writer.writerows(rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()  # the header, if there were no rows


def stream_xlsx(
    filename: str,
    header: Sequence[str],
    chunks: Iterable[list[Sequence]],
    *,
    numbers: Sequence[int] = (),
) -> FileResponse:
    """Send a workbook written row by row to a temporary file. Text stays text, codes
    with it; columns in *numbers* hold numbers written as text."""
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 FileResponse closes it
    write_xlsx(file, header, chunks, numbers=numbers)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=XLSX)


def write_xlsx(
    file,
    header: Sequence[str],
    chunks: Iterable[list[Sequence]],
    *,
    numbers: Sequence[int] = (),
) -> None:
    """Write a workbook into *file*, in memory that does not grow with the rows."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with Workbook(file, options) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1})
        percent = workbook.add_format({"num_format": "0.0%"})
        rows = chain.from_iterable(chunks)
        row = next(rows, None)
        while True:
            sheet = workbook.add_worksheet()
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(header), 14)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
            line = 0
            while row is not None and line < ROWS_A_SHEET:
                line += 1
                _write_row(sheet, line, row, numbers, percent)
                row = next(rows, None)
            if row is None:
                return


def _write_row(sheet, line: int, row: Sequence, numbers, percent) -> None:
    for column, cell in enumerate(row):
        if cell is None or cell == "":
            continue
        if column in numbers:
            sheet.write_number(line, column, float(cell))
        elif isinstance(cell, Change):
            sheet.write_number(line, column, float(cell), percent)
        elif isinstance(cell, int | float | Decimal):
            sheet.write_number(line, column, float(cell))
        elif isinstance(cell, date):
            sheet.write_datetime(line, column, cell)
        else:
            sheet.write_string(line, column, str(cell))


def _cells(columns: dict[str, Callable], rows: Iterable) -> Iterator[list]:
    readers = list(columns.values())
    return ([read(row) for read in readers] for row in rows)
