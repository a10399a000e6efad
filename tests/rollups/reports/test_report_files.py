"""The files of a report: what the page says, ready for Excel and for the printer."""

import csv
import io
from datetime import date

import openpyxl
import pytest

from federation.models import ReportingMonth
from federation.months import Month
from rollups import closings, engine
from tests.factories import BranchFactory
from tests.rollups.reading import ATTENDANCE, PER_SESSION, SESSIONS, hold
from tests.rollups.tables.closed import before, close

MARCH = "period=2026-03"


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


@pytest.fixture
def template(design):
    return design(
        (SESSIONS, "now", None, "活动", "场次"),
        (SESSIONS, "share", None, "活动", "占比"),
        (PER_SESSION,),
        (SESSIONS, "year_change"),
        table_number="章妇统 1 表",
        notes="以审核通过的为准。",
    )


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def lines(client, query=MARCH) -> list[list[str]]:
    content = body(client.get(f"/rollups/reports/table.csv?{query}"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(client, query=MARCH):
    content = body(client.get(f"/rollups/reports/table.xlsx?{query}"))
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def cells(sheet) -> list[list]:
    return [[cell.value for cell in row] for row in sheet.rows]


def page_rows(client, query=MARCH) -> list[list[str]]:
    page = client.get(f"/rollups/reports/table/?{query}")
    return [
        [line["row"].name, *(cell["text"] for cell in line["cells"])]
        for line in page.context["filled"]["rows"]
    ]


def test_the_csv_is_the_page(reader, template, lectures):
    found = lines(reader)

    assert found[0] == [
        "妇联组织",
        "编码",
        "层级",
        "活动 场次",
        "活动 占比",
        "场均人次（人次/场）",
        "活动场次同比增减",
    ]
    assert [[row[0], *row[3:]] for row in found[1:4]] == page_rows(reader)
    assert found[2][1] == "370114001\t"  # text, or Excel would round it
    said = {row[0]: row[1] for row in found[4:] if row}
    assert said["表号"] == "章妇统 1 表"
    assert said["期间"] == "2026 年 3 月"
    assert said["状态"] == "草稿"
    assert said["2026-03"] == "2026-03 未结账"


def test_what_would_run_in_a_spreadsheet_is_disarmed(reader, design, street):
    template = design(
        (SESSIONS, "now", None, "=1+1", "@2"),
        title="=HYPERLINK(1)",
        notes="=1+1",
        unit_line="=2",
    )
    BranchFactory(code="370114001009", name="=1+1", short_name="一加一", parent=street)
    query = f"{MARCH}&branch=370114001"
    found = lines(reader, query)
    assert found[0][3].startswith("'=1+1")
    assert found[2][0] == "'=1+1"
    assert ["报表", "'=HYPERLINK(1)"] in found

    kinds = {
        cell.data_type
        for row in sheet(reader, query).rows
        for cell in row
        if isinstance(cell.value, str)
    }
    assert kinds == {"s"}
    assert template.title == "=HYPERLINK(1)"


def test_the_workbook_is_the_page_and_ready_to_print(reader, template, lectures):
    found = sheet(reader)
    rows = cells(found)

    assert rows[1][0] == "活动情况表"
    assert rows[0][0] == "表号：章妇统 1 表"
    assert rows[2][0] == "2026 年 3 月（草稿）"
    assert rows[3][0] == "填报单位（盖章）：章丘区妇联"
    assert rows[3][5] == "单位：场次、人次/场"
    assert rows[4][:4] == ["妇联组织", "编码", "活动", None]
    assert rows[5][2:4] == ["场次", "占比"]
    assert {"A5:A6", "B5:B6", "C5:D5", "E5:E6"} <= {
        str(one) for one in found.merged_cells.ranges
    }
    assert rows[6] == ["合计", "370114", 5, 1, 30.4, "—"]
    assert rows[7] == ["明水街道妇联", "370114001", 4, 0.8, 36.3, "—"]
    assert found.cell(8, 2).data_type == "s"
    assert found.cell(8, 3).number_format == "#,##0"
    assert found.cell(8, 4).number_format == "0.0%"
    assert found.cell(8, 5).number_format == "#,##0.0"
    assert found.print_title_rows == "$5:$6"
    assert (found.page_setup.paperSize, found.page_setup.fitToHeight) == (9, 0)
    assert found.page_setup.orientation == "portrait"
    assert found.oddHeader.center.text == "草稿"
    text = "".join(str(row[0]) for row in rows if row[0])
    for words in (
        "说明：以审核通过的为准。",
        "单位负责人：",
        "报出日期：",
        "2026-03 未结账",
    ):
        assert words in text


def test_a_closed_month_is_no_draft_and_has_its_hash(
    reader, template, lectures, monkeypatch
):
    ReportingMonth.objects.get_or_create(month=date(2026, 3, 1))
    revision = closings.close(Month(2026, 3), None)
    found = sheet(reader)
    text = "".join(str(row[0]) for row in cells(found) if row[0])

    assert not found.oddHeader.center.text
    assert "草稿" not in text
    assert f"2026-03/1 {revision.sha256[:8]}" in text
    assert f"校验值：{revision.head}" in text
    assert ["校验值", revision.head] in lines(reader)


def test_a_table_of_many_columns_lies_on_its_side(reader, design, lectures):
    aspects = ("now", "before", "change", "year_ago", "year_change", "year_to_date")
    design(
        *((SESSIONS, aspect) for aspect in aspects),
        (ATTENDANCE,),
        (ATTENDANCE, "before"),
    )
    assert sheet(reader).page_setup.orientation == "landscape"
    page = reader.get(f"/rollups/reports/table/?{MARCH}").content.decode()
    assert "report_landscape.css" in page


def test_the_files_have_chinese_names(reader, template, lectures):
    for suffix, kind in (("csv", "text/csv"), ("xlsx", "application/vnd.openxml")):
        response = reader.get(f"/rollups/reports/table.{suffix}?{MARCH}")
        assert response["Content-Type"].startswith(kind)
        assert "filename*=utf-8''%E6%B4%BB%E5%8A%A8" in response["Content-Disposition"]


def test_the_file_follows_the_readers_sight(
    client, street_reviewer, template, lectures
):
    client.force_login(street_reviewer)
    names = [row[0] for row in lines(client)[1:5]]
    assert names == ["合计", "明一社区妇联", "明二社区妇联", "本级及直属"]


def test_what_nobody_counted_is_no_zero_in_any_file(reader, design, lectures):
    design((ATTENDANCE,))
    with before(ATTENDANCE):
        close(Month(2026, 3))
    note = "“参加人次”：2026-03 未统计。"

    assert page_rows(reader)[0] == ["合计", "未统计"]
    found = lines(reader)
    assert found[1][3] == "未统计"
    assert ["说明", note] in found
    rows = cells(sheet(reader))
    assert [row[2] for row in rows if row[0] == "合计"] == ["未统计"]
    assert note in [row[0] for row in rows]
    answer = reader.get(f"/api/v1/reports/table/?{MARCH}").json()
    assert answer["rows"][0]["cells"] == [{"value": None, "text": "未统计"}]
    assert answer["notes"] == [note]
    assert note in reader.get(f"/rollups/reports/table/?{MARCH}").content.decode()


def test_a_loss_is_a_number_in_every_file(reader, design, community):
    design((SESSIONS, "year_change"))
    for day in (1, 2):
        hold(community, date(2025, 3, day))
    hold(community, date(2026, 3, 1))
    engine.drain_marks()

    assert lines(reader)[1][3] == "-50.0%"
    assert page_rows(reader)[0][1] == "−50.0%"
    assert [row[2] for row in cells(sheet(reader)) if row[0] == "合计"] == [-0.5]
