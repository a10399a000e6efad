"""年度目标 and 完成率 beside the figures."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from federation.months import Month
from rollups import engine
from rollups.models import Target
from rollups.tables import UNCOUNTED, wide_table
from tests.factories import ProgrammeFactory
from tests.rollups.reading import ATTENDANCE, EXISTING, SESSIONS, ask, hold
from tests.rollups.tables.closed import before, close

JANUARY, MARCH = Month(2026, 1), Month(2026, 3)


def target(branch, value, code=SESSIONS, year=2026):
    Target.objects.create(
        indicator=code,
        year=year,
        branch=branch,
        value=value,
        document_number="章妇字〔2026〕2 号",
    )


@pytest.fixture
def year(district, street, sister_street, community, sister_community):
    """Three lectures of the one street since January, one of the other; of 8 and 4."""
    for month in (1, 2, 3):
        hold(community, date(2026, month, 5))
    hold(sister_community, date(2026, 3, 6))
    engine.recount_range(JANUARY, MARCH)
    engine.drain_marks()
    target(street, 8)
    target(sister_street, 4)
    target(district, 999, year=2025)


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


def test_what_was_done_since_january_is_measured_by_the_target(district, year):
    table = wide_table(ask(district, SESSIONS, ATTENDANCE, first=MARCH), target=True)
    assert [(one.indicator.code, one.label) for one in table.columns] == [
        (SESSIONS, "本月"),
        (SESSIONS, "本年累计"),
        (SESSIONS, "年度目标"),
        (SESSIONS, "完成率"),
        (ATTENDANCE, "本月"),
    ]
    assert [row.figures for row in table.rows] == [
        [2, 4, None, None, 60],  # the district has none this year
        [1, 3, 8, Decimal("0.375"), 30],
        [1, 1, 4, Decimal("0.25"), 30],
        [0, 0, None, None, 0],
    ]


def test_a_year_until_now_needs_no_second_column_of_it(district, year):
    table = wide_table(ask(district, SESSIONS, first=JANUARY, last=MARCH), target=True)
    assert [one.label for one in table.columns] == ["本期", "年度目标", "完成率"]
    compared = wide_table(
        ask(district, SESSIONS, first=MARCH), compare=True, target=True
    )
    assert [one.label for one in compared.columns][-3:] == [
        "本年累计",
        "年度目标",
        "完成率",
    ]


def test_a_stock_is_measured_by_its_last_value(district, street, year):
    target(street, 4, code=EXISTING)
    table = wide_table(ask(district, EXISTING, first=MARCH), target=True)
    assert table.rows[1].figures == [2, 2, 4, Decimal("0.5")]


def test_one_programme_and_an_untargeted_year_have_no_columns(district, year):
    programme = ProgrammeFactory(slug="talks", name="巾帼宣讲")
    for question in (
        ask(district, SESSIONS, first=MARCH, programme=programme),
        ask(district, SESSIONS, first=Month(2024, 3)),
    ):
        assert len(wide_table(question, target=True).columns) == 1


def test_what_was_not_counted_is_not_measured(district, year):
    with before(SESSIONS):
        close(JANUARY, Month(2026, 2), MARCH)
    table = wide_table(ask(district, SESSIONS, first=MARCH), target=True)
    assert table.rows[1].figures == [UNCOUNTED, UNCOUNTED, 8, UNCOUNTED]


def test_page_files_and_api_say_the_same(reader, district, year):
    asked = f"from=2026-03&to=2026-03&indicator={SESSIONS}&target=1"
    page = reader.get(f"/rollups/?{asked}").context["wide"]["rows"]
    assert [[cell["text"] for cell in line["cells"]] for line in page] == [
        ["2", "4", "", ""],
        ["1", "3", "8", "37.5%"],
        ["1", "1", "4", "25.0%"],
        ["0", "0", "", ""],
    ]
    assert [bool(cell["url"]) for cell in page[1]["cells"]] == [
        True,
        True,
        False,
        False,
    ]
    rows = reader.get(f"/rollups/monthly.csv?{asked}&layout=wide")
    rows = list(csv.reader(io.StringIO(body(rows).decode("utf-8-sig"))))
    assert rows[0][3:] == [
        "活动场次（场次）",
        "活动场次 本年累计（场次）",
        "活动场次 年度目标（场次）",
        "活动场次 完成率",
    ]
    assert rows[2][3:] == ["1", "3", "8", "37.5%"]
    assert rows[1][3:] == ["2", "4", "", ""]
    file = reader.get(f"/rollups/monthly.xlsx?{asked}&layout=wide")
    cell = openpyxl.load_workbook(io.BytesIO(body(file))).active.cell(3, 7)
    assert (cell.value, cell.number_format) == (0.375, "0.0%")
    found = reader.get(f"/api/v1/rollups/?{asked}").json()["targets"]
    assert found[0] == {
        "indicator": SESSIONS,
        "year": 2026,
        "branch_code": "370114001",
        "branch": "明水街道妇联",
        "target": 8,
        "achieved": 0.375,
    }
    assert len(found) == 2


def test_the_choice_stays_with_the_reader(reader, year):
    context = reader.get("/rollups/?from=2026-03&target=1").context
    assert "target=1" in context["links"]["csv"]
    assert "target=1" in context["wide"]["rows"][1]["url"]
    assert (
        "年的这些指标还没有定目标"
        not in reader.get("/rollups/?from=2026-03&target=1").content.decode()
    )
    said = reader.get("/rollups/?from=2024-03&target=1").content.decode()
    assert "2024 年的这些指标还没有定目标" in said


def body(response) -> bytes:
    return b"".join(response.streaming_content)
