"""The engine by hand, at night and in closed months; what it costs; what it counts."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from federation.models import Heartbeat, Mark, Programme
from federation.models import ReportingMonth as Row
from federation.months import Month, local_today
from rollups import engine, registry, tasks
from rollups.models import Rollup
from rollups.registry import Indicator, Kind
from tests.factories import (
    BranchFactory,
    MemberFactory,
    PostFactory,
    ResultFactory,
)
from tests.rollups.naive import (
    assert_is_naive,
    own_and_total,
    stored_rollups,
)

MARCH = Month(2026, 3)
SESSIONS, PEOPLE = "activities.sessions", "activities.attendance"
ACTIVE, IN_POST = "activities.active_branches", "members.in_post"
EXISTING = "branches.existing"


@pytest.fixture
def result(community, programme):
    return ResultFactory(branch=community, programme=programme)


def close(month: Month) -> None:
    Row.objects.update_or_create(
        month=month.first_day, defaults={"status": Row.Status.CLOSED}
    )


# Closed months ------------------------------------------------------------------


def test_a_closed_month_keeps_its_figures(community, street):
    engine.drain_marks()
    last = Month.current().previous()
    engine.open_month(last)
    close(last)
    PostFactory(member=MemberFactory(branch=community), started_on=last.first_day)
    engine.drain_marks()
    engine.recount_range(last, Month.current())

    assert own_and_total(IN_POST, street, last) == (0, 0)
    assert own_and_total(IN_POST, street, Month.current()) == (0, 1)
    assert not Mark.objects.exists()
    assert engine.differences([last], repair=True) == []


def test_a_mark_left_in_a_month_that_was_closed_is_served_without_counting(result):
    close(MARCH)

    engine.drain_marks()

    assert not Mark.objects.exists()
    assert not Rollup.objects.filter(month=MARCH.first_day).exists()


# By hand, and at night ----------------------------------------------------------


def spoil(result) -> None:
    """A fault: one figure is wrong, one is missing, one should not be there."""
    rows = Rollup.objects.filter(month=MARCH.first_day)
    rows.filter(indicator=PEOPLE, branch=result.branch).update(total=999)
    rows.filter(indicator=SESSIONS, branch__depth=0).delete()
    Rollup.objects.create(
        indicator=SESSIONS,
        month=MARCH.first_day,
        branch=result.branch.parent,
        programme_id=Programme.NONE_ID,
        total=4,
    )


def test_the_nightly_job_repairs_and_reports_what_differs(result, caplog):
    engine.drain_marks()
    spoil(result)

    found = tasks.reconcile_open_months()

    assert found == 3
    assert_is_naive()
    faults = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(faults) == 3
    assert "stored own 30.00 total 999.00, counted own 30.00 total 30.00" in caplog.text


def test_what_waits_for_its_drain_is_no_fault(result, street):
    engine.drain_marks()
    result.attendance_offline = 50
    result.save()

    assert engine.differences([MARCH], repair=False) == []
    assert Mark.objects.exists()


def test_check_drains_first_and_changes_nothing_else(result):
    engine.drain_marks()
    spoil(result)
    before = stored_rollups()

    with pytest.raises(CommandError) as refusal:
        rollup("2026-03", "2026-04", "--check")

    assert refusal.value.returncode == 1
    assert stored_rollups() == before
    rollup("2026-03", "2026-04")
    assert "与记录一致" in rollup("2026-03", "2026-04", "--check")
    assert_is_naive()


def rollup(first, last, *options) -> str:
    out = StringIO()
    call_command("rollup", "--from", first, "--to", last, *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-3月", "2026-04", "月份请写成"),
        ("2026-05", "2026-04", "截止月份不能早于起始月份"),
    ],
)
def test_a_mistyped_range_is_refused(db, first, last, sentence):
    with pytest.raises(CommandError, match=sentence):
        rollup(first, last)


def test_a_range_serves_its_marks_and_opens_its_months(result, community):
    engine.recount_range(Month(2026, 2), Month(2026, 4))

    opened = Row.objects.filter(month__range=(date(2026, 2, 1), date(2026, 4, 1)))
    assert opened.count() == 3
    assert not Mark.objects.filter(month=MARCH.first_day).exists()
    assert own_and_total(EXISTING, community, Month(2026, 2)) == (1, 1)
    assert own_and_total(SESSIONS, community, MARCH) == (1, 1)


def test_a_drain_tells_how_much_it_served_and_leaves_a_heartbeat(result):
    engine.drain_marks()
    result.save()

    assert tasks.drain_marks() == 1
    assert tasks.drain_marks() == 0
    assert Heartbeat.objects.get(name="rollup").beat_at.date() >= (
        local_today() - timedelta(days=1)
    )


def test_more_marks_than_one_batch_are_all_served(street, programme):
    villages = [BranchFactory(parent=street) for _ in range(7)]
    for village in villages:
        ResultFactory(branch=village, programme=programme)

    engine.drain_marks(limit=2)

    assert not Mark.objects.exists()
    assert own_and_total(SESSIONS, street, MARCH) == (0, 7)


# Cost ---------------------------------------------------------------------------


def statements_of_a_drain(activity) -> int:
    activity.save()
    with CaptureQueriesContext(connection) as queries:
        engine.drain_marks()
    return len(queries)


def test_a_bucket_costs_the_same_however_much_lies_beside_it(
    result, community, street, sister_street, programme
):
    engine.drain_marks()
    few = statements_of_a_drain(result)
    for parent in (street, sister_street):
        for _ in range(6):
            village = BranchFactory(parent=parent)
            for _ in range(3):
                ResultFactory(branch=village, programme=programme)
    engine.drain_marks()

    assert statements_of_a_drain(result) == few
    # One reading for each source, and as much again for the tree and the marks.
    sources = {one.source.name for one in registry.all_indicators() if one.source}
    assert few <= 2 * len(sources) + 30


# Registry -----------------------------------------------------------------------


def ratio(code, numerator=PEOPLE, denominator=SESSIONS):
    return Indicator(
        code=code,
        label="场均人次",
        unit="人次/场",
        kind=Kind.RATIO,
        numerator=numerator,
        denominator=denominator,
    )


@pytest.mark.parametrize(
    ("indicator", "reason"),
    [
        (registry.indicator(SESSIONS), "two indicators"),
        (ratio("test.ratio", numerator="no.such"), "unknown"),
        (Indicator("test.empty", "空", "个", Kind.FLOW), "no source"),
    ],
)
def test_a_wrong_indicator_is_refused_at_start(indicator, reason):
    with pytest.raises(ValueError, match=reason):
        registry.register(indicator)


def test_indicators_stand_by_their_places_and_then_by_their_codes(db):
    indicators = registry.all_indicators()
    codes = [indicator.code for indicator in indicators]

    assert codes[:2] == ["activities.sessions", "activities.attendance"]
    keys = [(indicator.place, indicator.code) for indicator in indicators]
    assert keys == sorted(keys)
    assert {SESSIONS, PEOPLE, ACTIVE, IN_POST, EXISTING} <= set(codes)


def test_a_ratio_has_no_rows_of_its_own(result):
    engine.drain_marks()

    assert not Rollup.objects.filter(indicator="activities.attendance_per_session")


def test_values_are_decimals(result, community):
    engine.drain_marks()

    row = Rollup.objects.get(indicator=PEOPLE, branch=community)
    assert isinstance(row.total, Decimal)
