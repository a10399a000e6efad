"""Whoever stands in for somebody decides nothing that this one handed in."""

from datetime import timedelta

import pytest

from federation import deputies
from federation.months import Month, local_today
from federation.roles import Role
from rollups.corrections.acts import may_decide, why_not_decide
from rollups.models import Correction
from tests.conftest import staff

TODAY = local_today()


@pytest.fixture
def deputy(street, street_reviewer):
    colleague = staff(street, Role.CLERK, "deputy")
    grant = street_reviewer.grants.get()
    last = TODAY + timedelta(days=3)
    deputies.appoint(grant, colleague, TODAY, last, street_reviewer)
    return colleague


def waiting(branch, author) -> Correction:
    return Correction(
        branch=branch,
        author=author,
        month=Month.current().previous().first_day,
        state=Correction.State.STREET,
    )


def test_a_deputy_decides_what_others_handed_in(deputy, community, village_clerk):
    assert may_decide(deputy, waiting(community, village_clerk))


def test_she_does_not_decide_that_of_whom_she_stands_in_for(
    deputy, community, street_reviewer
):
    hers = waiting(community, street_reviewer)
    assert not may_decide(deputy, hers)
    assert why_not_decide(deputy, hers) == "这是您代的人报的，要由别人审。"
