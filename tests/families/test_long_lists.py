"""Lists of a hundred thousand: the first rows, and how to find the others."""

import pytest

from federation.admin.paging import ShortPaginator
from tests.factories import HouseholdFactory, InspectionFactory, RecognitionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_of_each(community):
    for _ in range(2):
        household = HouseholdFactory(branch=community)
        InspectionFactory(household=household)
        RecognitionFactory(household=household)


@pytest.mark.parametrize("name", ["household", "inspection", "recognition"])
def test_what_is_not_listed_is_said_once_and_never_as_a_total(
    client, district_admin, two_of_each, monkeypatch, name
):
    client.force_login(district_admin, "federation.auth.ScopeBackend")
    address = f"/admin/families/{name}/"
    assert "只列前" not in client.get(address).content.decode()

    monkeypatch.setattr(ShortPaginator, "MOST", 1)
    page = client.get(address).content.decode()

    assert page.count("只列前 1 条") == 1
    assert "显示全部" not in page
