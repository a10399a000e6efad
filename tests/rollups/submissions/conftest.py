"""A month that is over and was expected of four branches, in a fixed autumn."""

from datetime import date

import pytest

from federation import months
from federation.models import ReportingMonth
from federation.months import Month
from rollups import submissions
from rollups.models import Expectation, Submission
from tests.factories import ResultFactory

OCTOBER = Month(2026, 10)
NOVEMBER = Month(2026, 11)


@pytest.fixture
def on(monkeypatch):
    """Let it be another day, in the one place that knows which."""

    def set_day(day: date):
        for module in (
            "federation.months",
            "federation.successions",
            "rollups.submissions.acts",
            "rollups.submissions.expecting",
            "rollups.submissions.reading",
        ):
            monkeypatch.setattr(f"{module}.local_today", lambda: day)

    assert months.local_today
    return set_day


@pytest.fixture
def november(on):
    on(date(2026, 11, 3))


def open_month(month: Month) -> None:
    """Open *month* as the night of its first day does."""
    ReportingMonth.objects.get_or_create(month=month.first_day)
    submissions.expect([month])


@pytest.fixture
def october(november, street, community, second_community, sister_community):
    Expectation.objects.create(pk=Expectation.THE_ONE, since=Month(2020, 1).first_day)
    open_month(OCTOBER)
    return OCTOBER


@pytest.fixture
def submission(october, community):
    return Submission.objects.get(branch=community, month=october.first_day)


def held(branch, people=30, day=date(2026, 10, 9), **values):
    return ResultFactory(
        branch=branch, starts_on=day, attendance_offline=people, **values
    )
