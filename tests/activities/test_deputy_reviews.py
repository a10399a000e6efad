"""A deputy decides in somebody's place: it is written down, and nobody's own entry
passes through her."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities import review
from activities.models import Activity
from activities.to_do import awaiting_decision_of
from federation import deputies
from federation.months import local_today
from federation.roles import Role
from tests.activities.entry import change
from tests.conftest import staff
from tests.factories import ActivityFactory

TODAY = local_today()
WEEK = timedelta(days=7)


@pytest.fixture
def deputy(street):
    return staff(street, Role.CLERK, "deputy")


@pytest.fixture
def lent(street_reviewer, deputy):
    grant = street_reviewer.grants.get()
    return deputies.appoint(grant, deputy, TODAY, TODAY + WEEK, street_reviewer)


def submitted(branch, author) -> Activity:
    activity = ActivityFactory(branch=branch, recorded_by=author, starts_on=TODAY)
    review.submit(activity, author)
    return activity


def test_a_deputy_decides_and_the_round_says_for_whom(
    client, lent, deputy, community, village_clerk, street_reviewer
):
    activity = submitted(community, village_clerk)
    assert list(awaiting_decision_of(deputy)) == [activity]
    decided = review.approve(activity, deputy)
    assert (decided.author, decided.reviewer) == (village_clerk, deputy)
    assert (decided.releaser, decided.stood_in_for) == (deputy, street_reviewer)
    client.force_login(deputy)
    page = client.get(change(activity)).content.decode()
    assert f"{deputy}（代{street_reviewer}） 通过" in page
    assert f"签发：{deputy}（代{street_reviewer}）" in page


def test_her_own_grant_decides_in_nobodys_place(
    second_reviewer, community, village_clerk
):
    decided = review.approve(submitted(community, village_clerk), second_reviewer)
    assert decided.stood_in_for is None


def test_the_deputys_own_entry_waits_for_another(lent, deputy, street):
    own = submitted(street, deputy)
    assert list(awaiting_decision_of(deputy)) == []
    with pytest.raises(ValidationError, match="自己提交的活动要由另一位"):
        review.approve(own, deputy)


def test_the_entry_of_whom_she_stands_in_for_waits_for_another(
    lent, deputy, community, street_reviewer, second_reviewer
):
    hers = submitted(community, street_reviewer)
    assert list(awaiting_decision_of(deputy)) == []
    assert not review.may_decide(deputy, hers)
    for decide in (review.approve, lambda a, u: review.send_back(a, u, "重复")):
        with pytest.raises(ValidationError, match="您代的审核员自己提交的活动"):
            decide(hers, deputy)
    assert list(awaiting_decision_of(second_reviewer)) == [hers]
    review.approve(hers, second_reviewer)


def test_nobody_stands_in_twice_at_one_place(
    lent, deputy, community, street_reviewer, second_reviewer
):
    grant = second_reviewer.grants.get()
    with pytest.raises(ValidationError, match="本来就有这个权限"):
        deputies.appoint(grant, deputy, TODAY, TODAY + WEEK, second_reviewer)


def test_with_a_grant_of_her_own_she_needs_nobodys(
    lent, deputy, community, street, street_reviewer, district_admin
):
    # Made a reviewer for good while she stands in.
    deputy.grants.create(
        branch=street, role=Role.REVIEWER, starts_on=TODAY - timedelta(days=1)
    )
    deputy.forget_grants()
    hers = submitted(community, street_reviewer)
    assert list(awaiting_decision_of(deputy)) == [hers]
    assert review.approve(hers, deputy).stood_in_for is None


def test_it_ends_by_itself(lent, deputy, community, village_clerk):
    activity = submitted(community, village_clerk)
    lent.starts_on, lent.ends_on = TODAY - WEEK, TODAY - timedelta(days=1)
    lent.save()
    deputy.forget_grants()
    assert list(awaiting_decision_of(deputy)) == []
    with pytest.raises(PermissionDenied):
        review.approve(activity, deputy)
