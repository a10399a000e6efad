"""The staff at their browsers, and one activity in each state."""

import pytest
from django.test import Client

from federation.roles import Role
from tests.conftest import staff
from tests.factories import ActivityFactory, PlanFactory, ResultFactory


@pytest.fixture
def clerk(client, village_clerk, programme):
    client.force_login(village_clerk)
    return client


@pytest.fixture
def reviewer(street_reviewer):
    client = Client()
    client.force_login(street_reviewer)
    return client


@pytest.fixture
def second_reviewer(street):
    return staff(street, Role.REVIEWER, "second_reviewer")


@pytest.fixture
def draft(community, village_clerk, programme):
    return ActivityFactory(
        branch=community,
        recorded_by=village_clerk,
        programme=programme,
        place="妇女之家",
    )


@pytest.fixture
def plan(community, village_clerk):
    return PlanFactory(branch=community, recorded_by=village_clerk)


@pytest.fixture
def result(community, village_clerk):
    return ResultFactory(branch=community, recorded_by=village_clerk)
