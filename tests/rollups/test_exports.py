"""CSV and XLSX: what spreadsheets and scripts find in them."""

import csv
import io
import tracemalloc
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from federation.models import Branch
from federation.months import Month
from rollups import engine, exports
from rollups.tables import wide_table
from tests.factories import BranchFactory
from tests.rollups.reading import ATTENDANCE, PER_SESSION, SESSIONS, ask, hold

MARCH = "from=2026-03&to=2026-03"
LONG = f"/rollups/monthly.csv?{MARCH}&layout=long"
WIDE = f"/rollups/monthly.csv?{MARCH}&layout=wide"

LONG_HEADER = [
    "month",
    "branch_code",
    "branch",
    "level",
    "programme",
    "indicator",
    "name",
    "unit",
    "own",
    "total",
    "status",
    "numerator",
    "denominator",
    "kind",
]


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def table(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"), newline="")))


def sheet(response):
    book = openpyxl.load_workbook(io.BytesIO(body(response)))
    return book.worksheets[0]


def test_the_file_begins_with_one_byte_order_mark(reader, lectures):
    for url in (LONG, WIDE, f"{LONG}&indicator=members.in_post"):
        content = body(reader.get(url))
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\xef\xbb\xbf") == 1


def test_the_file_has_a_chinese_name(reader, lectures):
    disposition = reader.get(LONG)["Content-Disposition"]
    name = "%E7%AB%A0%E4%B8%98%E5%8C%BA%E5%A6%87%E8%81%942026-03%E6%98%8E%E7%BB%86.csv"
    assert disposition == f"attachment; filename*=utf-8''{name}"
    assert reader.get(LONG)["Content-Type"] == "text/csv; charset=utf-8"


def test_the_long_header_is_codes_or_chinese_on_request(reader, lectures):
    assert table(reader.get(LONG))[0] == LONG_HEADER
    chinese = table(reader.get(f"{LONG}&header=zh"))
    assert chinese[0][:4] == ["月份", "组织编码", "妇联组织", "层级"]
    assert chinese[1:] == table(reader.get(LONG))[1:]


def test_a_script_that_names_no_layout_gets_the_long_one(reader, lectures):
    assert table(reader.get(f"/rollups/monthly.csv?{MARCH}")) == table(reader.get(LONG))


def test_the_long_file_has_raw_codes_and_bare_numbers(reader, lectures):
    rows = table(reader.get(f"{LONG}&level=village&indicator={ATTENDANCE}"))
    assert [[*row[:2], *row[7:]] for row in rows[1:]] == [
        ["2026-03", "370114001001", "人次", "40", "40", "open", "", "", "flow"],
        ["2026-03", "370114001002", "人次", "5", "5", "open", "", "", "flow"],
        ["2026-03", "370114002001", "人次", "7", "7", "open", "", "", "flow"],
        ["2026-03", "370114", "人次", "0", "100", "open", "", "", "flow"],
    ]


def test_the_wide_file_is_the_page(reader, lectures):
    url = f"{MARCH}&indicator={SESSIONS}&indicator={PER_SESSION}&compare=1"
    rows = table(reader.get(f"/rollups/monthly.csv?{url}&layout=wide"))
    assert rows[0][:5] == [
        "妇联组织",
        "编码",
        "层级",
        "场均人次（人次/场）",
        "场均人次 上月（人次/场）",
    ]
    assert [row[:2] for row in rows if row[0] == "结账"] == [
        ["结账", "2026-03 未结账"],
        ["结账", "上月：2026-02 未结账"],
        ["结账", "去年同月：2025-03 未结账"],
        ["结账", "本年累计：2026-01 至 2026-03 未结账"],
    ]
    rows = [row for row in rows if row[0] != "结账"]
    page = reader.get(f"/rollups/?{url}").context["wide"]["rows"]
    assert [row[0] for row in rows[1:]] == [line["row"].name for line in page]
    # The page writes −3.0% and 1,234 for the eye; nothing else differs.
    eye = str.maketrans({"−": "-", ",": None, "+": None})
    assert [row[3:] for row in rows[1:]] == [
        [cell["text"].translate(eye) for cell in line["cells"]] for line in page
    ]


def test_excel_does_not_round_a_code_of_the_wide_file(reader, lectures):
    rows = table(reader.get(f"{WIDE}&level=village"))[1:]
    codes = [row[1] for row in rows if row[0] != "结账"]
    # A trailing tab makes it text; whoever strips it has the code.
    assert codes == [
        "370114\t",
        "370114001001\t",
        "370114001002\t",
        "370114002001\t",
        "",
    ]


def test_text_that_would_run_is_disarmed(reader, district, street):
    BranchFactory(code="370114001009", name="=1+1", short_name="一加一", parent=street)
    hold(Branch.objects.get(code="370114001009"), date(2026, 3, 1))
    engine.drain_marks()
    query = f"branch=370114001&indicator={SESSIONS}"
    assert table(reader.get(f"{LONG}&{query}"))[1][2] == "'=1+1"
    assert table(reader.get(f"{WIDE}&{query}"))[2][0] == "'=1+1"
    for layout, line, column in (("long", 2, 3), ("wide", 3, 1)):
        url = f"/rollups/monthly.xlsx?{MARCH}&layout={layout}&{query}"
        cell = sheet(reader.get(url)).cell(line, column)
        assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("sign", list("=+-@\t\r＝＋－＠"))
def test_every_sign_of_a_formula_is_guarded(sign):
    assert exports.guarded(f"{sign}SUM(A1)") == f"'{sign}SUM(A1)"


def test_numbers_and_plain_text_are_left_alone():
    assert [
        exports.guarded(cell) for cell in (-5, Decimal("-1.5"), None, "a-b", "")
    ] == [
        -5,
        Decimal("-1.5"),
        None,
        "a-b",
        "",
    ]


def test_the_workbook_keeps_codes_as_text_and_numbers_as_numbers(reader, lectures):
    url = f"/rollups/monthly.xlsx?{MARCH}&level=village&indicator={SESSIONS}"
    long = [[cell.value for cell in row] for row in sheet(reader.get(url)).rows]
    assert long[0] == LONG_HEADER
    assert long[1][1] == "370114001001"
    assert long[1][8:10] == [2, 2]
    wide = sheet(reader.get(f"{url}&layout=wide&compare=1"))
    cells = [[cell.value for cell in row] for row in wide.rows]
    assert cells[2][:4] == ["明一社区妇联", "370114001001", "村社区", 2]
    assert cells[2][5] == "—"
    assert reader.get(url)["Content-Disposition"].endswith(".xlsx")


def test_a_growth_in_a_workbook_is_a_percentage(reader, community):
    hold(community, date(2026, 2, 1))
    for day in (1, 2, 3):
        hold(community, date(2026, 3, day))
    engine.drain_marks()
    url = f"/rollups/monthly.xlsx?{MARCH}&layout=wide&compare=1&indicator={SESSIONS}"
    cell = sheet(reader.get(url)).cell(2, 6)
    assert (cell.value, cell.number_format) == (2, "0.0%")


def test_a_workbook_goes_on_in_a_second_sheet(monkeypatch, tmp_path):
    monkeypatch.setattr(exports, "ROWS_A_SHEET", 3)
    path = tmp_path / "rows.xlsx"
    with path.open("wb") as file:
        exports.write_xlsx(file, ["数"], exports.chunked([n] for n in range(6)))
    sheets = openpyxl.load_workbook(path).worksheets
    assert [[cell.value for cell in one["A"]] for one in sheets] == [
        ["数", 0, 1, 2],
        ["数", 3, 4, 5],
    ]


def test_any_rows_are_written_by_their_columns(db):
    columns = {"名称": lambda row: row[0], "日期": lambda row: row[1]}
    rows = [("+86 明水", date(2026, 3, 8)), ("双山", None)]
    response = exports.csv_response("名册.csv", columns, rows)
    assert table(response) == [
        ["名称", "日期"],
        ["'+86 明水", "2026-03-08"],
        ["双山", ""],
    ]
    cells = [
        [cell.value for cell in row]
        for row in sheet(exports.xlsx_response("名册.xlsx", columns, rows)).rows
    ]
    assert cells[1][0] == "+86 明水"
    assert f"{cells[1][1]:%Y-%m-%d}" == "2026-03-08"


def test_a_growing_file_does_not_grow_in_memory():
    def peak(rows: int) -> int:
        tracemalloc.start()
        lines = ([f"{n}", "明水街道妇联", "12"] for n in range(rows))
        size = sum(
            len(part)
            for part in exports.csv_lines(["a", "b", "c"], exports.chunked(lines))
        )
        assert size > rows * 20
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(40_000) < peak(4_000) * 1.5


def test_the_file_follows_the_readers_sight(client, street_reviewer, lectures):
    client.force_login(street_reviewer)
    rows = table(client.get(f"{LONG}&level=village&indicator={SESSIONS}"))
    assert {row[1] for row in rows[1:]} == {"370114001001", "370114001002", "370114001"}


def test_the_streamed_file_is_whole(reader, district, lectures, monkeypatch):
    monkeypatch.setattr("rollups.tables.long.CHUNK", 2)
    rows = table(reader.get(f"{LONG}&level=village"))[1:]
    assert len(rows) > 6
    assert len({tuple(row) for row in rows}) == len(rows)
    whole = wide_table(ask(district, SESSIONS, first=Month(2026, 3))).whole.figures[0]
    assert sum(int(row[9]) for row in rows if row[5] == SESSIONS) == whole
