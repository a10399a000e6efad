"""An indicator younger than a closed month reads 未统计 there, never 0."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape

import openpyxl
import pytest

from federation.months import Month
from rollups import closings, engine, registry
from rollups.records import evidence
from rollups.tables import REST, UNCOUNTED, WHOLE, coverage, wide_table
from tests.rollups.reading import (
    ACTIVE,
    ATTENDANCE,
    EXISTING,
    PER_SESSION,
    SESSIONS,
    ask,
    hold,
    long_rows,
    named,
)
from tests.rollups.tables.closed import before, close

JANUARY, FEBRUARY, MARCH = (Month(2026, number) for number in (1, 2, 3))
PER_BRANCH = "activities.attendance_per_branch"


@pytest.fixture
def months(street, community, second_community):
    """January to March with two lectures each, and their branches."""
    for month in (1, 2, 3):
        hold(community, date(2026, month, 5), people=10 * month)
        hold(second_community, date(2026, month, 6), people=100)
    engine.recount_range(JANUARY, MARCH)
    engine.drain_marks()


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


def test_what_a_closed_month_did_not_count_is_no_zero(street, months):
    with before(ATTENDANCE, PER_SESSION):
        close(JANUARY)
    table = wide_table(ask(street, SESSIONS, ATTENDANCE, PER_SESSION, first=JANUARY))
    assert [row.figures for row in table.rows[:3]] == [
        [2, UNCOUNTED, UNCOUNTED],
        [1, UNCOUNTED, UNCOUNTED],
        [1, UNCOUNTED, UNCOUNTED],
    ]
    assert table.notes == ["“参加人次”“场均人次”：2026-01 未统计。"]


@pytest.mark.parametrize("code", [SESSIONS, ACTIVE])
def test_a_sum_counts_the_months_that_were_counted_and_names_the_others(
    street, months, code
):
    with before(code):
        close(JANUARY, FEBRUARY)
    question = ask(street, code, first=JANUARY, last=MARCH)
    table = wide_table(question)
    assert table.whole.figures == [2]
    label = registry.label_of(code)
    assert table.notes == [
        f"“{label}”：2026-01、2026-02 未统计（2 个月），合计不含这些月。"
    ]


def test_an_indicator_of_all_months_says_nothing(street, months):
    close(JANUARY, FEBRUARY)
    table = wide_table(ask(street, SESSIONS, first=JANUARY, last=MARCH))
    assert table.notes == []
    assert table.whole.figures == [6]


def test_a_stock_is_uncounted_where_its_one_month_is(street, months):
    with before(EXISTING):
        close(FEBRUARY)
    until_february = wide_table(ask(street, EXISTING, first=JANUARY, last=FEBRUARY))
    until_march = wide_table(ask(street, EXISTING, first=JANUARY, last=MARCH))
    assert until_february.whole.figures == [UNCOUNTED]
    assert until_february.notes == ["“妇联组织”：2026-02 未统计。"]
    assert until_march.whole.figures == [3]
    assert until_march.notes == []


def test_a_ratio_is_of_the_months_that_counted_both_parts(street, months):
    with before(ATTENDANCE, PER_SESSION):
        close(JANUARY)
    table = wide_table(ask(street, PER_SESSION, SESSIONS, first=JANUARY, last=MARCH))
    # 250 people in 4 sessions, not in the 6 of all three months.
    assert table.whole.figures == [Decimal("62.5"), 6]
    assert named(table)["明一社区妇联"] == 25
    assert "“场均人次”：2026-01 未统计（1 个月）" in table.notes[0]


def test_a_comparison_with_an_uncounted_side_is_none(street, months):
    with before(SESSIONS):
        close(FEBRUARY)
    table = wide_table(ask(street, SESSIONS, ACTIVE, first=MARCH), compare=True)
    now, last_month, growth, year_ago, _, year = table.whole.figures[:6]
    assert (now, last_month, growth, year_ago, year) == (2, UNCOUNTED, None, 0, 4)
    assert table.whole.figures[6:9] == [2, 2, 0]
    assert table.notes == [
        "上月：“活动场次”：2026-02 未统计。",
        "本年累计：“活动场次”：2026-02 未统计（1 个月），合计不含这些月。",
    ]


def test_no_growth_is_measured_against_half_a_period(street, months):
    with before(SESSIONS):
        close(JANUARY)
    question = ask(street, SESSIONS, first=MARCH, last=Month(2026, 4))
    table = wide_table(question, compare=True)
    assert table.whole.figures[:3] == [2, 2, None]


def test_closed_again_the_month_has_counted_it(street, months):
    with before(SESSIONS):
        close(JANUARY)
    closings.reopen(JANUARY, None, reason="补上新指标")
    question = ask(street, SESSIONS, first=JANUARY)
    assert wide_table(question).whole.figures == [2]
    close(JANUARY)
    assert wide_table(question).whole.figures == [2]
    assert wide_table(question).notes == []


def test_another_definition_is_told(street, months, monkeypatch):
    close(JANUARY, FEBRUARY)
    newer = replace(registry.indicator(SESSIONS), version=2)
    monkeypatch.setitem(registry._indicators, SESSIONS, newer)
    table = wide_table(ask(street, SESSIONS, PER_SESSION, first=JANUARY, last=MARCH))
    assert table.whole.figures[0] == 6
    assert table.notes == [
        "“活动场次”“场均人次”的统计办法后来改过："
        "2026-01、2026-02 是按当时的办法统计的。"
    ]


# The long table


def test_the_long_table_has_a_row_without_figures_for_each_branch(street, months):
    with before(SESSIONS, PER_SESSION):
        close(JANUARY)
    codes = (SESSIONS, ATTENDANCE, PER_SESSION)
    rows = long_rows(ask(street, *codes, first=JANUARY, last=FEBRUARY))
    empty = [row for row in rows if row["total"] is None]
    assert [(row["month"], row["branch_code"], row["indicator"]) for row in empty] == [
        ("2026-01", code, indicator)
        for code in ("370114001001", "370114001002", "370114001")
        for indicator in (SESSIONS, PER_SESSION)
    ]
    assert [row["level"] for row in empty[-2:]] == ["rest", "rest"]
    assert {row["own"] for row in empty} == {None}
    assert {row["status"] for row in empty} == {"revision 1"}
    assert {row["programme"] for row in empty} == {"none"}
    counted = {
        (r["month"], r["branch_code"], r["indicator"]) for r in rows if r["total"]
    }
    assert ("2026-01", "370114001001", ATTENDANCE) in counted
    assert ("2026-02", "370114001001", SESSIONS) in counted
    # A ratio of nothing counted would be a zero.
    assert ("2026-01", "370114001001", PER_SESSION) not in counted


def test_a_month_before_nearly_every_indicator_has_a_row_for_each(district, months):
    codes = [one.code for one in registry.all_indicators() if one.code != SESSIONS]
    with before(*codes):
        close(JANUARY)
    rows = long_rows(ask(district, *codes, first=JANUARY))
    assert {row["total"] for row in rows} == {None}
    assert len(rows) == 2 * len(codes)  # the street and the rest


# Pages, files, API


def test_the_page_says_it_and_leads_to_a_sentence(reader, street, months):
    with before(ATTENDANCE):
        close(JANUARY)
    url = f"/rollups/?from=2026-01&indicator={ATTENDANCE}"
    response = reader.get(url)
    cell = response.context["wide"]["rows"][0]["cells"][0]
    assert cell["text"] == "未统计"
    assert "“参加人次”：2026-01 未统计。" in unescape(response.content.decode())
    behind = unescape(reader.get(cell["url"]).content.decode())
    assert "“参加人次”：2026-01 未统计。" in behind
    assert "没有记录" not in behind
    long = reader.get(f"{url}&layout=long").context["long"]
    assert {row["total"] for row in long["rows"]} == {"未统计"}
    assert long["notes"] == ["“参加人次”：2026-01 未统计。"]


def test_the_files_say_it(reader, street, months):
    with before(ATTENDANCE):
        close(JANUARY)
    asked = f"from=2026-01&to=2026-03&indicator={ATTENDANCE}"
    lines = rows_of(reader.get(f"/rollups/monthly.csv?{asked}&layout=wide"))
    note = "“参加人次”：2026-01 未统计（1 个月），合计不含这些月。"
    assert ["说明", note] in lines
    assert ["结账", "2026-01 已结账（第 1 版），2026-02、2026-03 未结账"] in lines
    long = rows_of(reader.get(f"/rollups/monthly.csv?{asked}&layout=long"))
    assert [row[8:11] for row in long if row[0] == "2026-01"] == [
        ["", "", "revision 1"]
    ] * 2
    one = f"from=2026-01&to=2026-01&indicator={ATTENDANCE}&layout=wide"
    response = reader.get(f"/rollups/monthly.xlsx?{one}")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book.active.cell(2, 4).value == "未统计"


def test_the_api_says_it(reader, street, months):
    with before(ATTENDANCE):
        close(JANUARY)
    asked = {"from": "2026-01", "to": "2026-03", "indicator": ATTENDANCE}
    found = reader.get("/api/v1/rollups/", asked).json()
    assert found["uncounted"] == [{"indicator": ATTENDANCE, "months": ["2026-01"]}]
    assert len(found["notes"]) == 1
    empty = [row for row in found["results"] if row["month"] == "2026-01"]
    assert [(row["own"], row["total"]) for row in empty] == [(None, None)] * 2


def test_records_of_uncounted_months_are_not_behind_a_sum(street, months):
    with before(ATTENDANCE, PER_SESSION):
        close(JANUARY)
    question = ask(street, ATTENDANCE, PER_SESSION, first=JANUARY, last=MARCH)
    for code, figure in ((ATTENDANCE, 250), (PER_SESSION, Decimal("62.5"))):
        found = evidence(question, registry.indicator(code), WHOLE)
        assert (found.figure, found.stored) == (figure, figure)
        assert found.records.count() == 4
    assert evidence(question, registry.indicator(ATTENDANCE), REST).figure == 0


def test_what_is_known_of_a_revision_is_read_once(
    street, months, django_assert_num_queries
):
    close(JANUARY, FEBRUARY)
    question = ask(street, SESSIONS, first=JANUARY, last=MARCH)
    with django_assert_num_queries(2):
        coverage.read_coverage(question)
    with django_assert_num_queries(1):
        coverage.read_coverage(question)


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))
