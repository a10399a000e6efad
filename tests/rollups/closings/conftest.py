"""A month that is over, with something counted in it."""

import threading
from datetime import timedelta

import pytest

from federation.months import Month
from rollups import engine
from rollups.closings import closing
from tests.factories import ResultFactory
from tests.rollups.parallel import LONG

LAST = Month.current().previous()


def held(branch, month=LAST, **values):
    """Enter a held and approved activity of *month*."""
    day = month.first_day + timedelta(days=7)
    return ResultFactory(branch=branch, starts_on=day, **values)


def attendance_of(revision, branch) -> int:
    row = revision.rows.get(branch_code=branch.code, indicator="activities.attendance")
    return row.total


@pytest.fixture
def held_up(monkeypatch):
    """Let a closing stop when it has counted: return the event it sets then, and the
    one it waits for."""
    counted, go_on = threading.Event(), threading.Event()
    keep = closing.keep

    def slowly(*arguments):
        counted.set()
        assert go_on.wait(LONG)
        return keep(*arguments)

    monkeypatch.setattr(closing, "keep", slowly)
    return counted, go_on


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
