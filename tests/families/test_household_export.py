"""The register of households leaves the site for a purpose, for somebody, and noted."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from federation.models import Disclosure
from tests.factories import HouseholdFactory, RecognitionFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/families/household/export/"
PHONE = "13812341234"


@pytest.fixture
def household(community):
    return HouseholdFactory(
        branch=community,
        number=12,
        contact_name="=孟桂芳",
        group="3组",
        door="7 号",
        phone=PHONE,
        has_courtyard=False,
    )


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def answers(branch, **changes):
    return {
        "branch": branch.pk,
        "on": "2025-06-01",
        "purpose": "2026 年入户走访",
        "recipient": "区妇联办公室王主任",
        **changes,
    }


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    header, *rows = load_workbook(BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_file_holds_who_was_registered_on_the_day(office, household, street):
    HouseholdFactory(branch=household.branch, entered_on=date(2025, 6, 2))
    HouseholdFactory(branch=household.branch, left_on=date(2025, 6, 1))
    RecognitionFactory(household=household)

    [row] = rows_of(office.post(PAGE, answers(street)))

    assert (row["户号"], row["户主"], row["村组"]) == (12, "=孟桂芳", "3组")
    assert (row["庭院"], row["居住情况"]) == ("否", "常住")
    assert (row["认定情况"], row["电话"]) == ("申报中（申报）", "138****1234")


def test_phones_are_whole_when_asked_for(office, household, street):
    [row] = rows_of(office.post(PAGE, answers(street, with_phones="on")))
    assert row["电话"] == PHONE


def test_every_export_is_noted_with_its_filter(
    office, household, street, street_reviewer
):
    HouseholdFactory(branch=household.branch)
    narrowed = {"standing": "unrecognised", "courtyard": "no", "occupancy": "lived_in"}

    [row] = rows_of(office.post(PAGE, answers(street, with_phones="on", **narrowed)))

    noted = Disclosure.objects.get()
    assert (noted.act, noted.user, noted.rows) == ("exported", street_reviewer, 1)
    assert (noted.purpose, noted.recipient) == ("2026 年入户走访", "区妇联办公室王主任")
    assert noted.selection == (
        "明水街道妇联及下级，2025-06-01 在册，未认定，没有庭院，常住，含完整手机号"
    )


@pytest.mark.parametrize("missing", ["purpose", "recipient", "branch", "on"])
def test_nothing_leaves_without_purpose_and_recipient(
    office, household, street, missing
):
    answer = office.post(PAGE, answers(street) | {missing: ""})

    assert answer.context["form"].errors[missing]
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"standing": "on_register"}, {"occupancy": "x"}, {"courtyard": "x"}]
)
def test_what_was_not_offered_is_refused(office, household, street, wrong):
    answer = office.post(PAGE, answers(street, **wrong))

    assert answer["Content-Type"].startswith("text/html")
    assert not Disclosure.objects.exists()


def test_a_sister_street_is_not_exported(office, household, sister_street):
    answer = office.post(PAGE, answers(sister_street))

    assert answer["Content-Type"].startswith("text/html")
    assert not Disclosure.objects.exists()


def test_a_village_does_not_export(client, village_clerk, household, community):
    client.force_login(village_clerk)
    assert client.post(PAGE, answers(community)).status_code == 403
