"""Until when a month is to be reported, and what another deadline makes of it."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from federation.models import ReportingMonth
from federation.months import Month
from rollups import submissions
from rollups.models import Submission


def local(*parts) -> datetime:
    return timezone.make_aware(datetime(*parts))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (Month(2026, 10), local(2026, 11, 5, 18)),  # a plain Thursday
        (Month(2026, 9), local(2026, 10, 8, 18)),  # over the National Day
        (Month(2025, 9), local(2025, 10, 9, 18)),  # and the Mid-Autumn, one day more
        (Month(2026, 8), local(2026, 9, 7, 18)),  # a Saturday
        (Month(2026, 3), local(2026, 4, 7, 18)),  # Qingming's day off
        (Month(2023, 4), local(2023, 5, 5, 18)),  # the day before a worked Saturday
        (Month(2026, 12), local(2027, 1, 5, 18)),  # December to January
        (Month(2098, 9), local(2098, 10, 6, 18)),  # a Sunday nobody announced
    ],
)
def test_the_usual_deadline_is_the_fifth_or_the_next_workday(month, due):
    assert submissions.usual_deadline(month) == due


def test_a_weekend_day_that_is_worked_instead_is_no_day_off():
    # 4 and 5 February 2024 were a worked Sunday and a Monday; 28 January a Sunday.
    assert submissions.usual_deadline(Month(2024, 1)) == local(2024, 2, 5, 18)
    # 5 October 2019 lay in the week off; 12 October, a Saturday, was worked.
    assert submissions.usual_deadline(Month(2019, 9)) == local(2019, 10, 8, 18)


def test_the_deadline_is_local_time():
    assert submissions.usual_deadline(Month(2026, 10)).astimezone(UTC).hour == 10


def test_the_district_can_set_another_and_take_it_back(october):
    later = local(2026, 11, 9, 12)

    assert submissions.set_deadline(october, later) == later
    assert submissions.due_of(october) == later
    submissions.set_deadline(october, None)

    assert submissions.due_of(october) == submissions.usual_deadline(october)


def test_another_deadline_says_anew_who_was_late(submission, october):
    Submission.objects.filter(pk=submission.pk).update(
        status="zero",
        sessions=0,
        attendance=0,
        reported_at=local(2026, 11, 6, 9),
        is_late=True,
    )

    submissions.set_deadline(october, local(2026, 11, 6, 9))
    submission.refresh_from_db()
    assert not submission.is_late

    submissions.set_deadline(october, local(2026, 11, 6, 8))
    submission.refresh_from_db()
    assert submission.is_late


def test_a_deadline_within_the_month_is_refused(october):
    with pytest.raises(ValidationError, match="要在2026 年 10 月过完之后"):
        submissions.set_deadline(october, local(2026, 10, 31, 23))


def test_a_closed_month_keeps_its_deadline(october):
    ReportingMonth.objects.filter(month=october.first_day).update(
        status="closed", revision=1
    )

    with pytest.raises(ValidationError, match="结账"):
        submissions.set_deadline(october, local(2026, 11, 9, 12))
