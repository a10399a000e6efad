"""A month that is over, with something counted in it."""

from datetime import timedelta

import pytest

from federation.months import Month
from rollups import engine
from tests.factories import ResultFactory

LAST = Month.current().previous()


def held(branch, month=LAST, **values):
    """Enter a held and approved activity of *month*."""
    day = month.first_day + timedelta(days=7)
    return ResultFactory(branch=branch, starts_on=day, **values)


@pytest.fixture
def month(community, second_community, sister_community, programme):
    """Two streets, three communities, 100 people in three sessions."""
    for branch, people in (
        (community, 30),
        (second_community, 50),
        (sister_community, 20),
    ):
        held(branch, attendance_offline=people)
    engine.drain_marks()
    return LAST
