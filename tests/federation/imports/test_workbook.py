"""Every sheet of whatever is sent, as rows."""

import io
from contextlib import suppress
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.imports.workbook import read_sheets
from tests.federation.imports import books


def test_every_sheet_is_read_with_the_numbers_of_its_rows():
    content = books.xlsx({"明一社区": [["姓名"], [], ["王芳"]], "明二社区": [["姓名"]]})

    first, second = read_sheets(content)

    assert (first.name, first.rows) == ("明一社区", [(1, ["姓名"]), (3, ["王芳"])])
    assert (second.name, second.rows) == ("明二社区", [(1, ["姓名"])])


def test_old_workbooks_are_read_too():
    [sheet] = read_sheets(books.xls({"名册": [["姓名", "出生"], ["王芳", 1985.3]]}))

    assert sheet.rows == [(1, ["姓名", "出生"]), (2, ["王芳", 1985.3])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_any_usual_encoding(encoding):
    [sheet] = read_sheets(books.csv([["姓名", "职务"], ["王䶮", "主席"]], encoding))

    assert sheet.rows == [(1, ["姓名", "职务"]), (2, ["王䶮", "主席"])]


def test_merged_cells_all_hold_what_their_corner_holds():
    rows = [["名册", None, None], ["官庄村", "王芳", 1], [None, "李英", 2]]
    merged = {"名册": ["A1:C1", "A2:A3"]}

    [sheet] = read_sheets(books.xlsx({"名册": rows}, merged))

    assert sheet.rows == [
        (1, ["名册", "名册", "名册"]),
        (2, ["官庄村", "王芳", "1"]),
        (3, ["官庄村", "李英", "2"]),
    ]


def test_a_table_that_begins_further_right_keeps_its_columns():
    book = openpyxl.Workbook()
    book.active["C2"], book.active["D2"] = "姓名", "职务"
    book.active.merge_cells("D2:E2")
    written = io.BytesIO()
    book.save(written)

    [sheet] = read_sheets(written.getvalue())

    assert sheet.rows == [(2, ["", "", "姓名", "职务", "职务"])]


def test_codes_dates_and_fractions_come_as_they_stand():
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "yyyy/m/d"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [370114001001, 1985.1, 31117])
        sheet.write_datetime(0, 3, datetime(1985, 3, 12))

    [sheet] = read_sheets(written.getvalue())

    assert sheet.rows == [(1, ["370114001001", 1985.1, "31117", "1985-03-12"])]


def test_a_hidden_sheet_is_named_and_not_read():
    book = openpyxl.Workbook()
    book.active.append(["姓名"])
    hidden = book.create_sheet("底稿")
    hidden.append(["秘密"])
    hidden.sheet_state = "hidden"
    written = io.BytesIO()
    book.save(written)

    _, sheet = read_sheets(written.getvalue())

    assert (sheet.name, sheet.rows, sheet.is_hidden) == ("底稿", [], True)


@pytest.mark.parametrize("make", [books.csv, lambda rows: books.xlsx({"一": rows})])
def test_too_many_rows_are_refused(make):
    with pytest.raises(ValidationError, match="超过 3 行"):
        read_sheets(make([["王芳"]] * 4), most_rows=3)


def test_a_cell_at_the_far_corner_takes_only_the_child_down():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "姓名", "远"
    written = io.BytesIO()
    book.save(written)

    with pytest.raises(ValidationError, match="远处有多余的单元格"):
        read_sheets(written.getvalue())


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_read_or_refused_with_a_sentence(content):
    _read_or_refused(content)


@given(st.binary(max_size=300), st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0"]))
@settings(max_examples=10, deadline=None)
def test_random_bytes_that_claim_to_be_a_workbook_are_refused(content, magic):
    _read_or_refused(magic + content)


def _read_or_refused(content):
    with suppress(ValidationError):  # with its sentence; anything else is a fault
        read_sheets(content)
