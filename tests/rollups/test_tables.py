"""What a table says: months, trees, programmes, ranges, comparisons."""

from datetime import date
from decimal import Decimal

import pytest

from federation import successions
from federation.models import Branch, ReportingMonth
from federation.months import Month
from federation.successions import Deed
from rollups import engine, registry
from rollups.tables import REST, WHOLE, LongTable, read_figures, wide_table
from rollups.tables.tree import read_spans
from rollups.tables.wide import Aspect
from tests.factories import BranchFactory, MemberFactory, PostFactory, ProgrammeFactory
from tests.rollups import reading
from tests.rollups.reading import (
    ACTIVE,
    ATTENDANCE,
    EXISTING,
    IN_POST,
    PER_SESSION,
    SESSIONS,
    hold,
    long_rows,
    named,
)

MARCH = Month(2026, 3)


def ask(branch, *codes, first=MARCH, **options):
    return reading.ask(branch, *codes, first=first, **options)


def test_each_street_is_a_row_between_the_whole_and_the_rest(district, lectures):
    table = wide_table(ask(district, SESSIONS, ATTENDANCE))
    assert [row.name for row in table.rows] == [
        "章丘区妇联",
        "明水街道妇联",
        "双山街道妇联",
        "本级及直属",
    ]
    assert [row.figures for row in table.rows] == [[5, 152], [4, 145], [1, 7], [0, 0]]


def test_what_stands_at_no_listed_level_is_in_the_rest(district, lectures):
    villages = wide_table(ask(district, SESSIONS, level="village"))
    assert named(villages) == {
        "章丘区妇联": 5,
        "明一社区妇联": 2,
        "明二社区妇联": 1,
        "赵家庄社区妇联": 1,
        "本级及直属": 1,
    }


@pytest.mark.parametrize("level", ["", "town", "village", "unit", "district", "city"])
@pytest.mark.parametrize("code", [SESSIONS, ATTENDANCE, EXISTING, ACTIVE])
def test_a_listing_of_one_month_sums_to_its_whole(district, lectures, level, code):
    rows = wide_table(ask(district, code, level=level)).rows
    assert rows[0].figures[0] > 0
    assert sum(row.figures[0] for row in rows[1:]) == rows[0].figures[0]


def test_a_branch_listed_at_its_own_level_leaves_no_rest(street, lectures):
    table = wide_table(ask(street, SESSIONS, level="town"))
    assert [row.figures[0] for row in table.rows] == [4, 4, 0]


def test_a_village_without_records_has_a_row_of_zeros(district, street, lectures):
    BranchFactory(code="370114001003", short_name="明三社区", parent=street)
    engine.drain_marks()
    table = wide_table(ask(street, SESSIONS, PER_SESSION))
    silent = next(row for row in table.rows if row.name == "明三社区妇联")
    assert silent.figures == [0, None]
    assert not silent.opens


def test_only_rows_with_something_below_them_open(district, lectures):
    table = wide_table(ask(district, SESSIONS))
    assert [row.opens for row in table.rows] == [False, True, True, False]


def test_the_last_day_of_a_month_is_in_it_and_the_next_is_not(community):
    hold(community, date(2026, 2, 28))
    hold(community, date(2026, 3, 31))
    hold(community, date(2026, 4, 1))
    engine.drain_marks()
    assert named(wide_table(ask(community, SESSIONS)))["明一社区妇联"] == 1


def test_a_flow_adds_up_over_months(community):
    hold(community, date(2025, 12, 31))
    hold(community, date(2026, 1, 1))
    hold(community, date(2026, 3, 1))
    engine.drain_marks()
    question = ask(community, SESSIONS, first=Month(2025, 12), last=Month(2026, 3))
    assert wide_table(question).whole.figures == [3]


def test_a_stock_takes_the_last_month_of_the_range(community):
    member = MemberFactory(branch=community)
    PostFactory(member=member, started_on=date(2026, 2, 10))
    leaver = MemberFactory(branch=community)
    PostFactory(
        member=leaver,
        started_on=date(2026, 1, 1),
        ended_on=date(2026, 3, 5),
        ending="resigned",
    )
    engine.recount_range(Month(2026, 1), Month(2026, 3))
    first = Month(2026, 1)
    until_february = ask(community, IN_POST, first=first, last=Month(2026, 2))
    until_march = ask(community, IN_POST, first=first, last=MARCH)
    assert wide_table(until_february).whole.figures == [2]
    assert wide_table(until_march).whole.figures == [1]


def test_a_stock_of_a_range_that_goes_on_is_todays(community, monkeypatch):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 3, 15))
    PostFactory(member__branch=community, started_on=date(2026, 2, 10))
    engine.recount_range(Month(2026, 2), MARCH)
    year = ask(community, IN_POST, first=Month(2026, 1), last=Month(2026, 12))
    to_come = ask(community, IN_POST, first=Month(2026, 4))
    assert wide_table(year).whole.figures == [1]
    assert wide_table(to_come).whole.figures == [None]


def test_a_distinct_is_recounted_over_the_range(street, community, second_community):
    for month in (1, 2, 3):
        hold(community, date(2026, month, 5))
    hold(second_community, date(2026, 2, 5))
    engine.drain_marks()
    question = ask(street, ACTIVE, first=Month(2026, 1), last=MARCH)
    assert named(wide_table(question)) == {
        "明水街道妇联": 2,
        "明一社区妇联": 1,
        "明二社区妇联": 1,
        "本级及直属": 0,
    }


def test_a_ratio_is_made_of_its_two_sums(street, community, second_community):
    hold(community, date(2026, 3, 1), people=100)
    for day in (2, 3):
        hold(second_community, date(2026, 3, day), people=10)
    engine.drain_marks()
    table = wide_table(ask(street, PER_SESSION))
    # 120 / 3, not the mean of 100 and 10.
    assert named(table)["明水街道妇联"] == 40
    assert named(table)["明二社区妇联"] == 10
    assert named(table)["本级及直属"] is None


def test_a_programme_includes_its_children_and_nothing_else(street, community):
    parent = ProgrammeFactory(slug="talks", name="巾帼宣讲")
    child = ProgrammeFactory(slug="big-talks", name="巾帼大宣讲", parent=parent)
    hold(community, date(2026, 3, 1), programme=parent)
    hold(community, date(2026, 3, 2), programme=child)
    hold(community, date(2026, 3, 3))
    hold(street, date(2026, 3, 4))
    engine.drain_marks()
    table = wide_table(ask(street, SESSIONS, ACTIVE, EXISTING, programme=parent))
    # What knows no programmes has no figure under one, rather than a zero.
    assert [row.figures for row in table.rows] == [
        [2, 1, None],
        [2, 1, None],
        [0, 0, None],
    ]


def transfer(branch, parent, day):
    deed = Deed(on=day, reason="区划调整", document_number="章妇〔2026〕3 号")
    successions.transfer(deed, branch, parent=parent)


def test_each_month_counts_in_its_own_tree(
    district, street, sister_street, community, second_community
):
    hold(community, date(2026, 2, 10))
    hold(community, date(2026, 3, 10))
    hold(second_community, date(2026, 2, 11))
    transfer(community, sister_street, date(2026, 3, 1))
    engine.recount_range(Month(2026, 2), MARCH)
    spring = ask(district, SESSIONS, ACTIVE, first=Month(2026, 2), last=MARCH)
    assert [row.figures for row in wide_table(spring).rows] == [
        [3, 2],  # the district
        [2, 2],  # 明水街道: both communities in February
        [1, 1],  # 双山街道: the moved one in March
        [0, 0],
    ]
    street.refresh_from_db()
    of_street = wide_table(ask(street, SESSIONS, first=Month(2026, 2), last=MARCH))
    assert named(of_street) == {
        "明水街道妇联": 2,
        "明二社区妇联": 1,
        "明一社区妇联": 1,
        "本级及直属": 0,
    }


def test_names_are_those_of_the_last_month_shown(district, street, lectures):
    deed = Deed(on=date(2026, 5, 1), reason="更名", document_number="章妇〔2026〕5 号")
    successions.rename(deed, street, name="明水新街道妇联", short_name="明水新街道")
    in_march = wide_table(ask(district, SESSIONS))
    until_may = wide_table(ask(district, SESSIONS, last=Month(2026, 5)))
    assert in_march.rows[1].name == "明水街道妇联"
    assert until_may.rows[1].name == "明水新街道妇联"
    names = {row["branch"] for row in long_rows(ask(district, SESSIONS))}
    assert names == {"明水街道妇联", "双山街道妇联"}


def test_a_branch_out_of_sight_stays_in_the_rest(street, sister_street, community):
    hold(community, date(2026, 2, 10))
    transfer(community, sister_street, date(2026, 3, 1))
    engine.recount_range(Month(2026, 2), MARCH)
    question = ask(street, SESSIONS, first=Month(2026, 2), paths=(street.path,))
    assert named(wide_table(question)) == {"明水街道妇联": 1, "本级及直属": 1}


def test_comparisons_cross_the_new_year(community):
    hold(community, date(2025, 1, 20))
    for day in (1, 31):
        hold(community, date(2025, 12, day))
    for day in (1, 2, 3):
        hold(community, date(2026, 1, day))
    engine.drain_marks()
    table = wide_table(ask(community, SESSIONS, first=Month(2026, 1)), compare=True)
    labels = [column.label for column in table.columns]
    assert labels == ["本月", "上月", "环比", "去年同月", "同比", "本年累计"]
    assert table.whole.figures == [3, 2, Decimal("0.5"), 1, 2, 3]


def test_a_zero_base_has_no_growth(community):
    hold(community, date(2026, 3, 1))
    engine.drain_marks()
    table = wide_table(ask(community, SESSIONS, PER_SESSION), compare=True)
    assert table.whole.figures[:6] == [1, 0, None, 0, None, 1]
    assert table.whole.figures[6:] == [30, None, None, None, None, 30]


def test_a_range_compares_with_the_range_before_it(community):
    hold(community, date(2025, 12, 5))
    hold(community, date(2026, 2, 5))
    engine.drain_marks()
    question = ask(community, SESSIONS, first=Month(2026, 2), last=MARCH)
    table = wide_table(question, compare=True)
    assert [column.label for column in table.columns][:2] == ["本期", "上期"]
    before = next(c for c in table.columns if c.aspect is Aspect.BEFORE).question
    assert (before.first, before.last) == (Month(2025, 12), Month(2026, 1))
    assert table.whole.figures[:2] == [1, 1]


def test_who_left_keeps_a_row_while_an_earlier_month_is_shown(
    street, sister_street, community
):
    hold(community, date(2026, 2, 10))
    transfer(community, sister_street, date(2026, 3, 1))
    engine.recount_range(Month(2026, 1), MARCH)
    street.refresh_from_db()
    table = wide_table(ask(street, SESSIONS), compare=True)
    assert named(table, 0)["明一社区妇联"] == 0
    assert named(table, 1)["明一社区妇联"] == 1


def test_the_long_table_has_a_row_per_month_branch_programme_and_indicator(
    district, lectures
):
    rows = long_rows(ask(district, SESSIONS, PER_SESSION, level="village"))
    assert rows[0] == {
        "month": "2026-03",
        "branch_code": "370114001001",
        "branch": "明一社区妇联",
        "level": "village",
        "programme": "everyday",
        "indicator": SESSIONS,
        "name": "活动场次",
        "unit": "场次",
        "own": "2",
        "total": "2",
        "status": "open",
        "numerator": None,
        "denominator": None,
        "kind": "flow",
    }
    assert rows[1] | {"month": ""} == rows[0] | {
        "month": "",
        "indicator": PER_SESSION,
        "name": "场均人次",
        "unit": "人次/场",
        "own": "20",
        "total": "20",
        "numerator": "40",
        "denominator": "2",
        "kind": "ratio",
    }
    rest = [row for row in rows if row["level"] == "rest"]
    assert [(row["indicator"], row["own"], row["total"]) for row in rest] == [
        (SESSIONS, "0", "1"),
        (PER_SESSION, None, "100"),
    ]


def test_the_totals_of_the_long_table_sum_to_the_whole(district, lectures):
    for level in ("", "town", "village", "district", "unit"):
        for code in (SESSIONS, ATTENDANCE, ACTIVE, EXISTING):
            question = ask(district, code, level=level)
            whole = wide_table(question).whole.figures[0]
            found = sum(Decimal(row["total"]) for row in long_rows(question))
            assert (level, code, found) == (level, code, whole)


def test_long_and_wide_say_the_same_of_each_branch(district, lectures):
    codes = (SESSIONS, ATTENDANCE, ACTIVE, PER_SESSION, EXISTING, IN_POST)
    question = ask(district, *codes, level="village")
    wide = {
        (row.code, column.indicator.code): figure
        for row in wide_table(question).rows[1:-1]
        for column, figure in zip(
            wide_table(question).columns, row.figures, strict=True
        )
        if figure
    }
    long = {
        (row["branch_code"], row["indicator"]): Decimal(row["total"])
        for row in long_rows(question)
        if row["level"] != "rest"
    }
    assert long == wide


def test_fractions_keep_their_two_decimals(community):
    hold(community, date(2026, 3, 1), people=10)
    hold(community, date(2026, 3, 2), people=10)
    hold(community, date(2026, 3, 3), people=12)
    engine.drain_marks()
    question = ask(community, PER_SESSION)
    assert wide_table(question).whole.figures == [Decimal("10.67")]
    assert long_rows(question)[0]["total"] == "10.67"


def test_what_may_be_negative_is_shown_as_it_is(
    more_indicators, street, community, second_community
):
    hold(community, date(2026, 3, 1), people=5)
    hold(second_community, date(2026, 3, 2), people=0, attendance_online=5)
    hold(street, date(2026, 3, 3), people=0, attendance_online=8)
    engine.drain_marks()
    question = ask(street, "test.balance")
    assert named(wide_table(question)) == {
        "明水街道妇联": -8,
        "明一社区妇联": 5,
        "明二社区妇联": -5,
        "本级及直属": -8,
    }
    assert [row["total"] for row in long_rows(question)] == ["5", "-5", "-8"]


def test_a_key_of_several_branches_counts_once_above_them(
    more_indicators, district, street, community, second_community
):
    other = ProgrammeFactory(slug="other", name="普法")
    hold(community, date(2026, 3, 1))
    hold(second_community, date(2026, 3, 2))
    hold(second_community, date(2026, 3, 3), programme=other)
    hold(district, date(2026, 3, 4), programme=other)
    engine.drain_marks()
    question = ask(district, "test.programmes", level="village")
    assert [row.figures[0] for row in wide_table(question).rows] == [2, 1, 2, 1]
    rows = long_rows(question)
    assert [(row["level"], row["total"]) for row in rows] == [
        ("village", "1"),
        ("village", "2"),
        ("rest", "1"),
    ]


def test_long_rows_of_a_programme_recount_the_distinct(street, community):
    parent = ProgrammeFactory(slug="talks", name="巾帼宣讲")
    child = ProgrammeFactory(slug="big-talks", name="巾帼大宣讲", parent=parent)
    hold(community, date(2026, 3, 1), programme=parent)
    hold(community, date(2026, 3, 2), programme=child)
    hold(street, date(2026, 3, 4), programme=child)
    engine.drain_marks()
    rows = long_rows(ask(street, SESSIONS, ACTIVE, programme=parent))
    found = {
        (row["level"], row["programme"], row["indicator"]): (row["own"], row["total"])
        for row in rows
    }
    assert found == {
        ("village", "talks", SESSIONS): ("1", "1"),
        ("village", "big-talks", SESSIONS): ("1", "1"),
        ("village", "talks", ACTIVE): ("1", "1"),
        ("rest", "big-talks", SESSIONS): ("1", "1"),
        ("rest", "talks", ACTIVE): ("1", "1"),
    }


def test_a_closed_month_names_its_revision(district, lectures):
    ReportingMonth.objects.update_or_create(
        month=MARCH.first_day, defaults={"status": "closed", "revision": 2}
    )
    rows = long_rows(ask(district, SESSIONS, first=MARCH, last=Month(2026, 4)))
    assert {row["status"] for row in rows} == {"revision 2"}


def test_a_period_before_the_branch_is_empty(street):
    young = BranchFactory(
        code="370114001U001",
        short_name="快递行业",
        parent=street,
        level=Branch.Level.UNIT,
        founded_on=date(2026, 2, 1),
    )
    engine.drain_marks()
    question = ask(young, SESSIONS, EXISTING, first=Month(2020, 1))
    figures = read_figures(question, read_spans(question))
    assert [
        figures.of(key, one) for key in (WHOLE, REST) for one in question.asked
    ] == [
        0,
        0,
        0,
        0,
    ]
    assert wide_table(question).whole.name == "快递行业妇联"
    assert long_rows(question) == []


@pytest.mark.parametrize("villages", [1, 12])
def test_a_table_costs_the_same_queries_whatever_its_rows(
    street, villages, django_assert_num_queries
):
    for number in range(villages):
        branch = BranchFactory(code=f"37011400100{number:03d}", parent=street)
        hold(branch, date(2026, 3, 1 + number))
    engine.drain_marks()
    codes = [one.code for one in registry.all_indicators()]
    question = ask(street, *codes)
    with django_assert_num_queries(6):
        wide_table(question)
    with django_assert_num_queries(9):
        wide_table(question, compare=True)
    with django_assert_num_queries(5):
        assert LongTable(question)[0:100]
