"""Anybody, a clerk and a reviewer at the API, and what a clerk sends."""

import pytest

from tests.activities.api import api_of, sent


@pytest.fixture
def public(db):
    return api_of()


@pytest.fixture
def clerk(village_clerk):
    return api_of(village_clerk)


@pytest.fixture
def reviewer(street_reviewer):
    return api_of(street_reviewer)


@pytest.fixture
def typed(community, programme):
    return sent(community, programme)
