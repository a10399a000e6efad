"""Doing it again: an old activity as a new draft, and a dated series."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities import review, series
from activities.models import Activity, ActivityPartner, Series
from federation.models import ReportingMonth
from tests.factories import ActivityFactory, ResultFactory

TOKEN = uuid.UUID("6f1c2a52-6f6f-4a7e-9a53-6b7d36b6e1c1")
WEEKLY, MONTHLY = Series.Rhythm.WEEKLY, Series.Rhythm.MONTHLY


@pytest.fixture
def lesson(community, village_clerk):
    activity = ActivityFactory(
        branch=community,
        recorded_by=village_clerk,
        title="面点课",
        place="妇女之家",
        audience="women,families",
        starts_on=date(2026, 3, 30),
        ends_on=date(2026, 3, 31),
    )
    ActivityPartner.objects.create(
        activity=activity, organisation="明水街道文化站", role="joint"
    )
    return activity


def test_doing_it_again_keeps_the_what_and_drops_the_when_and_how_many(community):
    held = ResultFactory(branch=community, place="妇女之家", children_count=4)
    values = series.again(held)
    assert (values["title"], values["place"]) == ("反家庭暴力法宣讲", "妇女之家")
    assert values["starts_on"] is None
    assert values["attendance_offline"] is None
    assert values["children_count"] is None
    assert values["happening"] == Activity.Happening.PLANNED


def test_doing_it_again_takes_the_change_that_waits(community, village_clerk):
    held = ResultFactory(branch=community)
    held.place = "新的活动室"
    review.save(held, village_clerk)
    assert series.again(Activity.objects.get())["place"] == "新的活动室"


@pytest.mark.parametrize(
    ("rhythm", "first", "expected"),
    [
        (WEEKLY, date(2025, 12, 25), [date(2026, 1, 1), date(2026, 1, 8)]),
        (MONTHLY, date(2025, 12, 15), [date(2026, 1, 15), date(2026, 2, 15)]),
        (MONTHLY, date(2026, 1, 31), [date(2026, 2, 28), date(2026, 3, 31)]),
        (MONTHLY, date(2024, 1, 30), [date(2024, 2, 29), date(2024, 3, 30)]),
    ],
)
def test_the_days_of_a_series(rhythm, first, expected):
    assert series.dates(first, rhythm, 2) == expected


def test_a_series_makes_separate_drafts(lesson, village_clerk):
    made = series.repeat(lesson, village_clerk, WEEKLY, 3, token=TOKEN)
    assert [a.starts_on for a in made] == [
        date(2026, 4, 6),
        date(2026, 4, 13),
        date(2026, 4, 20),
    ]
    first = Activity.objects.get(pk=made[0].pk)
    assert first.ends_on == date(2026, 4, 7)
    assert first.review == Activity.Review.DRAFT
    assert first.recorded_by == village_clerk
    assert (first.title, first.place) == ("面点课", "妇女之家")
    assert first.partners.get().organisation == "明水街道文化站"
    lesson.refresh_from_db()
    assert first.series == lesson.series
    assert first.series.rhythm == WEEKLY


def test_a_series_can_be_submitted_right_away(lesson, village_clerk, street_reviewer):
    made = series.repeat(lesson, village_clerk, WEEKLY, 2, token=TOKEN, submit=True)
    assert {a.review for a in made} == {Activity.Review.SUBMITTED}
    review.approve(made[0], street_reviewer)
    assert list(Activity.objects.public()) == [made[0]]


def test_a_series_sent_twice_is_made_once(lesson, village_clerk):
    first = series.repeat(lesson, village_clerk, WEEKLY, 3, token=TOKEN)
    second = series.repeat(lesson, village_clerk, WEEKLY, 3, token=TOKEN)
    assert second == first
    assert Activity.objects.count() == 4
    assert Series.objects.count() == 1


def test_a_series_of_an_approved_result_makes_plans(community, village_clerk):
    held = ResultFactory(branch=community, recorded_by=village_clerk)
    made = series.repeat(held, village_clerk, MONTHLY, 1, token=TOKEN)
    stored = Activity.objects.get(pk=made[0].pk)
    assert stored.happening == Activity.Happening.PLANNED
    assert stored.attendance is None
    assert stored.approved_at is None
    assert stored.result_approved_at is None
    assert list(Activity.objects.counted()) == [held]


def test_one_refused_day_refuses_all(lesson, village_clerk):
    ReportingMonth.objects.create(month=date(2026, 4, 1), status="closed", revision=1)
    with pytest.raises(ValidationError, match="2026-04-06：2026 年 4 月已"):
        series.repeat(lesson, village_clerk, WEEKLY, 3, token=TOKEN)
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("sessions", [0, 53])
def test_absurd_numbers_of_sessions_are_refused(lesson, village_clerk, sessions):
    with pytest.raises(ValidationError, match="1 到 52"):
        series.repeat(lesson, village_clerk, WEEKLY, sessions, token=TOKEN)


def test_nobody_repeats_another_branchs_activity(lesson, sister_reviewer, auditor):
    for user in (sister_reviewer, auditor):
        with pytest.raises(PermissionDenied):
            series.repeat(lesson, user, WEEKLY, 2, token=TOKEN)


def test_a_session_is_moved_and_cancelled_on_its_own(lesson, village_clerk):
    first, second = series.repeat(lesson, village_clerk, WEEKLY, 2, token=TOKEN)
    first.happening = Activity.Happening.CANCELLED
    review.save(first, village_clerk)
    second.refresh_from_db()
    assert second.happening == Activity.Happening.PLANNED
