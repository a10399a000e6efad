"""How long a household's phone stays, and what stays when it goes."""

from datetime import date

import pytest

from families import retention
from families.models import Household
from tests.factories import HouseholdFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
PHONE = "13812341234"


@pytest.mark.parametrize(
    ("left_on", "kept"),
    [
        (None, (PHONE, None)),
        (date(2026, 5, 1), (PHONE, date(2027, 5, 1))),
        (date(2025, 11, 26), (PHONE, date(2026, 11, 26))),
        (date(2025, 11, 25), ("", date(2026, 11, 25))),
        (date(2024, 1, 1), ("", date(2024, 12, 31))),
    ],
)
@pytest.mark.parametrize("in_bulk", [True, False])
def test_a_phone_stays_for_a_year_after_the_household_left(left_on, kept, in_bulk):
    household = HouseholdFactory(phone=PHONE)
    if in_bulk:
        Household.objects.update(left_on=left_on)
    else:
        household.left_on = left_on
        household.save()
        assert household.purge_on == (kept[1] if left_on else None)

    retention.purge(TODAY)

    household.refresh_from_db()
    assert (household.phone, household.purge_on) == kept


def test_a_household_that_comes_back_keeps_its_phone():
    household = HouseholdFactory(phone=PHONE, left_on=date(2026, 5, 1))
    Household.objects.update(left_on=None)

    retention.purge(date(2028, 1, 1))

    household.refresh_from_db()
    assert (household.phone, household.purge_on) == (PHONE, None)


def test_the_household_stays_and_is_counted():
    HouseholdFactory(phone=PHONE, left_on=date(2024, 1, 1))

    assert retention.purge(TODAY) == 1
    assert retention.purge(TODAY) == 0

    assert Household.objects.registered_on(date(2023, 1, 1)).count() == 1
