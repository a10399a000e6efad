"""When reminders go out: on which days, in which hours, for which month."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from federation.models import ReportingMonth
from federation.months import Month
from rollups.models import Reminder
from rollups.reminders.timing import is_working_time, occasion_of
from rollups.submissions import set_deadline, usual_deadline
from tests.rollups.reminders.conftest import AFTER, BEFORE, at

OCTOBER = Month(2026, 10)


def occasion(day: date, hour=10, month=OCTOBER, due_at=None):
    return occasion_of(month, due_at or usual_deadline(month), at(day, hour))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 30), None),
        (date(2026, 11, 2), "before"),  # three workdays before Thursday the 5th
        (date(2026, 11, 3), "before"),  # for what failed the day before
        (date(2026, 11, 4), None),
        (date(2026, 11, 5), None),
        (date(2026, 11, 6), "after"),
        (date(2026, 11, 9), "after"),  # Monday
        (date(2026, 11, 10), None),
    ],
)
def test_the_days_around_a_deadline(day, expected):
    assert occasion(day) == expected


def test_holidays_are_no_workdays_before_a_deadline():
    # September is reported until 8 October; what lies before it is National Day.
    september = Month(2026, 9)
    assert occasion(date(2026, 9, 29), month=september) is None
    assert occasion(date(2026, 9, 30), month=september) == "before"
    assert occasion(date(2026, 10, 8), month=september) == "before"
    assert occasion(date(2026, 10, 9), month=september) == "after"


def test_nothing_is_asked_for_before_the_month_can_be_reported():
    due_at = at(date(2026, 11, 2), 18)
    assert occasion(date(2026, 10, 28), due_at=due_at) is None
    assert occasion(date(2026, 11, 2), due_at=due_at) == "before"
    assert occasion(date(2026, 11, 2), 19, due_at=due_at) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ((2026, 11, 2, 8, 59), False),
        ((2026, 11, 2, 9, 0), True),
        ((2026, 11, 2, 16, 59), True),
        ((2026, 11, 2, 17, 0), False),
        ((2026, 11, 1, 10, 0), False),  # Sunday
        ((2026, 10, 1, 10, 0), False),  # National Day, a Thursday
        ((2026, 10, 10, 10, 0), True),  # a Saturday that is worked instead
    ],
)
def test_only_in_working_hours(moment, expected):
    assert is_working_time(timezone.make_aware(datetime(*moment))) is expected


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_a_day_is_working_time_or_nothing_leaves(addressed, remind, day):
    assert remind(day, hour=8) == 0
    assert remind(day, hour=17) == 0
    assert remind(date(2026, 11, 7)) == 0
    assert remind(day, hour=10) == 3


def test_a_closed_month_is_never_asked_for(addressed, remind):
    months = ReportingMonth.objects.filter(month=addressed.first_day)
    months.update(status="closed", revision=1)

    assert remind() == 0
    assert remind(AFTER) == 0
    assert Reminder.objects.count() == 0


def test_the_districts_own_deadline_moves_the_reminders(addressed, remind):
    set_deadline(addressed, at(date(2026, 11, 12), 12))

    assert remind(BEFORE) == 0
    assert remind(date(2026, 11, 9)) == 3
    assert remind(date(2026, 11, 13)) == 3
