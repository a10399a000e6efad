"""The engine, case by case; ``test_recount_property`` tries what nobody thought of."""

from datetime import date

import pytest

from activities.models import Activity
from federation import successions
from federation.models import Branch, Mark, Programme
from federation.models import ReportingMonth as Row
from federation.months import Month
from members.models import Post
from rollups import engine, tasks
from rollups.models import Rollup, RollupKey
from tests.factories import (
    ActivityFactory,
    MemberFactory,
    PostFactory,
    ProgrammeFactory,
    ResultFactory,
)
from tests.rollups.naive import (
    assert_is_naive,
    own_and_total,
    stored_keys,
    stored_rollups,
)

MARCH = Month(2026, 3)
SESSIONS, PEOPLE = "activities.sessions", "activities.attendance"
ACTIVE, IN_POST = "activities.active_branches", "members.in_post"
EXISTING = "branches.existing"


@pytest.fixture
def result(community, programme):
    return ResultFactory(branch=community, programme=programme)


# What counts, and where ---------------------------------------------------------


def test_a_result_counts_in_its_branch_and_in_every_level_above(
    result, community, street, district, sister_street
):
    engine.drain_marks()

    assert own_and_total(PEOPLE, community, MARCH) == (30, 30)
    assert own_and_total(PEOPLE, street, MARCH) == (0, 30)
    assert own_and_total(PEOPLE, district, MARCH) == (0, 30)
    assert own_and_total(PEOPLE, sister_street, MARCH) == (0, 0)


def test_what_a_street_does_itself_stands_beside_what_its_villages_do(
    result, street, district, programme
):
    ResultFactory(branch=street, programme=programme, attendance_offline=12)
    engine.drain_marks()

    assert own_and_total(PEOPLE, street, MARCH) == (12, 42)
    assert own_and_total(SESSIONS, street, MARCH) == (1, 2)
    assert own_and_total(PEOPLE, district, MARCH) == (0, 42)


@pytest.mark.parametrize(
    "day",
    [
        date(2024, 2, 29),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 3, 1),
        date(2026, 3, 31),
    ],
)
def test_the_edges_of_a_month_belong_to_it(community, programme, day):
    ResultFactory(branch=community, programme=programme, starts_on=day)
    engine.drain_marks()

    counted = Rollup.objects.filter(indicator=SESSIONS, branch=community)
    assert list(counted.values_list("month", "total")) == [(day.replace(day=1), 1)]


@pytest.mark.parametrize(
    "lacking",
    [
        {"happening": Activity.Happening.PLANNED},
        {"happening": Activity.Happening.CANCELLED},
        {"attendance_offline": None, "attendance_online": None},
        {"result_approved_at": None},
        {"review": Activity.Review.WITHDRAWN},
    ],
)
def test_what_was_not_held_counted_and_approved_does_not_count(
    community, programme, lacking
):
    ResultFactory(branch=community, programme=programme, **lacking)
    engine.drain_marks()

    assert not Rollup.objects.filter(indicator__startswith="activities").exists()


def test_nobody_came_is_one_session_and_no_people(community, programme):
    ResultFactory(branch=community, programme=programme, attendance_offline=0)
    engine.drain_marks()

    assert own_and_total(SESSIONS, community, MARCH) == (1, 1)
    assert not Rollup.objects.filter(indicator=PEOPLE).exists()


def test_views_are_never_added_to_the_people(community, programme):
    ResultFactory(
        branch=community, programme=programme, attendance_online=5, view_count=9000
    )
    engine.drain_marks()

    assert own_and_total(PEOPLE, community, MARCH) == (35, 35)


def test_programmes_are_counted_apart(result, community, street):
    talks = ProgrammeFactory(slug="talks", name="巾帼大宣讲")
    ResultFactory(branch=community, programme=talks, attendance_offline=8)
    engine.drain_marks()

    assert own_and_total(PEOPLE, street, MARCH, programme=talks) == (0, 8)
    assert own_and_total(PEOPLE, street, MARCH, programme=result.programme) == (0, 30)


def test_a_partner_does_not_count_what_another_branch_holds(result, second_community):
    result.partners.create(branch=second_community, role="joint")
    engine.drain_marks()

    assert own_and_total(SESSIONS, second_community, MARCH) == (0, 0)


# Changes ------------------------------------------------------------------------


def test_a_deleted_lecture_leaves_the_report_of_every_level(result, district):
    engine.drain_marks()
    result.delete()
    engine.drain_marks()

    assert not Rollup.objects.filter(indicator__startswith="activities").exists()
    assert not RollupKey.objects.exists()


def test_counting_twice_counts_once(result):
    engine.drain_marks()
    first = stored_rollups()
    engine.recount([MARCH])
    engine.recount([MARCH], {result.branch_id})

    assert stored_rollups() == first


def test_a_moved_lecture_leaves_its_old_month_and_branch(
    result, community, sister_community, street
):
    engine.drain_marks()
    result.branch, result.starts_on = sister_community, date(2026, 4, 2)
    result.ends_on = result.starts_on
    result.save()
    engine.drain_marks()

    assert own_and_total(PEOPLE, street, MARCH) == (0, 0)
    assert own_and_total(PEOPLE, sister_community, Month(2026, 4)) == (30, 30)
    assert_is_naive()


def test_values_that_cancel_each_other_leave_no_row(
    community, second_community, street, programme, more_indicators
):
    ResultFactory(branch=community, programme=programme)
    other = ResultFactory(
        branch=second_community,
        programme=programme,
        attendance_offline=0,
        attendance_online=30,
    )
    engine.drain_marks()
    assert own_and_total("test.balance", second_community, MARCH) == (-30, -30)
    assert not Rollup.objects.filter(indicator="test.balance", branch=street).exists()

    other.title = "再记一次"
    other.save()
    engine.drain_marks()

    assert_is_naive()
    assert engine.differences([MARCH], repair=False) == []


# Distinct -----------------------------------------------------------------------


def test_a_distinct_is_counted_anew_at_each_level_and_never_added(
    community, second_community, street, district, programme, more_indicators
):
    crafts = ProgrammeFactory(slug="crafts")
    for branch in (community, second_community, street):
        ResultFactory(branch=branch, programme=programme)
        ResultFactory(branch=branch, programme=programme)
    ResultFactory(branch=community, programme=crafts)
    engine.drain_marks()

    assert own_and_total("test.programmes", community, MARCH) == (2, 2)
    assert own_and_total("test.programmes", second_community, MARCH) == (1, 1)
    assert own_and_total("test.programmes", street, MARCH) == (1, 2)
    assert own_and_total("test.programmes", district, MARCH) == (0, 2)


def test_a_distinct_keeps_its_keys(result, community):
    engine.drain_marks()

    assert stored_keys() == {
        (ACTIVE, date(2026, 3, 1), community.pk, result.programme_id, community.pk)
    }


def test_a_distinct_stands_on_no_programme(result):
    engine.drain_marks()

    programmes = Rollup.objects.filter(indicator=ACTIVE).values_list("programme")
    assert set(programmes) == {(Programme.NONE_ID,)}


# Stocks -------------------------------------------------------------------------


def test_a_stock_counts_in_every_open_month_from_its_day_on(community, street):
    now = Month.current()
    for month in (now.plus(-2), now.plus(-1)):
        engine.open_month(month)
    PostFactory(
        member=MemberFactory(branch=community), started_on=now.plus(-1).first_day
    )
    engine.drain_marks()

    assert own_and_total(IN_POST, street, now.plus(-2)) == (0, 0)
    assert own_and_total(IN_POST, street, now.plus(-1)) == (0, 1)
    assert own_and_total(IN_POST, street, now) == (0, 1)


def test_a_post_that_ends_is_held_no_more_that_day(community):
    now = Month.current()
    engine.open_month(now.previous())
    post = PostFactory(member=MemberFactory(branch=community))
    engine.drain_marks()
    post.ended_on, post.ending = now.previous().last_day, Post.Ending.RESIGNED
    post.save()
    engine.drain_marks()

    assert own_and_total(IN_POST, community, now.previous()) == (0, 0)
    assert own_and_total(IN_POST, community, now) == (0, 0)


def test_two_posts_of_one_person_are_one_person_in_post(community):
    member = MemberFactory(branch=community)
    PostFactory(member=member)
    PostFactory(member=member, title=Post.Title.CHAIR)
    engine.drain_marks()

    assert own_and_total(IN_POST, community, Month.current()) == (1, 1)


def test_a_month_to_come_has_no_stock_yet_and_all_of_it_when_it_comes(
    community, programme, monkeypatch
):
    PostFactory(member=MemberFactory(branch=community))
    to_come = Month.current().next()
    ActivityFactory(branch=community, programme=programme, starts_on=to_come.first_day)
    engine.drain_marks()
    assert not Rollup.objects.filter(month=to_come.first_day).exists()
    assert not Row.objects.filter(month=to_come.first_day).exists()

    monkeypatch.setattr("federation.months.local_today", lambda: to_come.first_day)
    tasks.open_current_month()

    assert own_and_total(IN_POST, community, to_come) == (1, 1)
    assert own_and_total(EXISTING, community, to_come) == (1, 1)


def test_an_onward_mark_is_spread_when_no_month_is_open(community):
    Row.objects.all().delete()
    PostFactory(member=MemberFactory(branch=community))

    engine._spread_onward_marks()
    assert not Mark.objects.filter(onward=True).exists()
    engine.open_month(Month.current())

    assert own_and_total(IN_POST, community, Month.current()) == (1, 1)


def test_a_unit_founded_in_a_month_not_open_yet_opens_it(street):
    engine.drain_marks()
    deed = successions.Deed(date(2024, 6, 18), "新就业群体", "1号")
    unit = successions.found(
        deed,
        parent=street,
        name="青年骑手妇联",
        short_name="青年骑手",
        kind=Branch.Kind.NEW_JOBS,
        level=Branch.Level.UNIT,
    )
    engine.drain_marks()

    month = Month(2024, 6)
    assert own_and_total("branches.new_fields_founded", unit, month) == (1, 1)
    assert own_and_total("branches.new_fields_founded", street, month) == (0, 1)


# Trees --------------------------------------------------------------------------


def test_each_month_keeps_its_own_tree(
    result, community, street, sister_street, programme
):
    ResultFactory(branch=community, programme=programme, starts_on=date(2026, 5, 3))
    deed = successions.Deed(date(2026, 5, 1), "区划调整", "1号")
    successions.transfer(deed, community, parent=sister_street)
    engine.drain_marks()

    assert own_and_total(SESSIONS, street, MARCH) == (0, 1)
    assert own_and_total(SESSIONS, sister_street, MARCH) == (0, 0)
    assert own_and_total(SESSIONS, street, Month(2026, 5)) == (0, 0)
    assert own_and_total(SESSIONS, sister_street, Month(2026, 5)) == (0, 1)


def test_what_a_branch_did_after_it_left_the_tree_is_its_own(
    community, street, programme
):
    deed = successions.Deed(date(2026, 3, 31), "撤村", "1号")
    successions.close(deed, community)
    late = ResultFactory(
        branch=community, programme=programme, starts_on=date(2026, 4, 2)
    )
    engine.drain_marks()
    late.title = "再记一次"
    late.save()
    engine.drain_marks()

    april = Month(2026, 4)
    assert own_and_total(SESSIONS, community, april) == (1, 1)
    assert own_and_total(ACTIVE, community, april) == (1, 1)
    assert own_and_total(SESSIONS, street, april) == (0, 0)
    assert engine.differences([april], repair=False) == []
