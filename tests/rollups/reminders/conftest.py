"""An October that five branches are to report, and the people with addresses."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from rollups import reminders
from tests.rollups.submissions.conftest import (  # noqa: F401
    november,
    october,
    on,
    submission,
)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))


# October's deadline is Thursday, 5 November 2026, 18:00.
BEFORE = date(2026, 11, 2)
AFTER = date(2026, 11, 6)


@pytest.fixture
def remind(on):  # noqa: F811
    """Let beat come by at a moment of another day; return how many messages left."""

    def come_by(day: date = BEFORE, hour: int = 10, minute: int = 0) -> int:
        on(day)
        return reminders.remind(at(day, hour, minute))

    return come_by


@pytest.fixture
def addressed(october, village_clerk, street_reviewer, district_admin, auditor):  # noqa: F811
    """Give everybody an address: who gets a letter is then a matter of what is left."""
    for user in (village_clerk, street_reviewer, district_admin, auditor):
        user.email = f"{user.username}@example.com"
        user.save()
    return october
