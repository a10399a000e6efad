"""Nothing that is reachable without a login tells anything of a family: every address
of the site is asked, and what the public pages lead to."""

import re
from datetime import date

import pytest
from django.test import Client

from families.models import Household, Plate, Recognition
from tests.permissions import table
from tests.permissions.visits import address, sent_by
from tests.permissions.world import FOREIGN, OWN, one_world

ADDRESSES = [row for row in table.rows("routes") if row.verb == "GET"]
LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
MOST_PAGES = 250


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with one_world(django_db_blocker) as world:
        for place in (OWN, FOREIGN):
            granted = Recognition.objects.filter(pk=world.row(Recognition, place).pk)
            granted.update(
                stage="granted",
                granted_on=date(2025, 6, 1),
                review_due_on=date(2027, 6, 1),
            )
        yield world


@pytest.fixture
def secrets(world):
    households = Household.objects.filter(branch__in=world.places.values())
    found = households.values_list("contact_name", "door", "phone")
    return [secret for row in found for secret in row if secret]


def told(answer, secrets) -> list[str]:
    content = b"".join(answer) if answer.streaming else answer.content
    text = content.decode("utf-8", "replace")
    # JSON in a page writes 孟 as its number.
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return [secret for secret in secrets if secret in text]


def test_there_is_something_to_keep_secret(secrets):
    assert len(secrets) >= 6


@pytest.mark.parametrize("row", ADDRESSES, ids=str)
def test_no_address_tells_a_family_to_whoever_is_not_logged_in(world, secrets, row, db):
    answer = Client().get(address(world, row), **sent_by(world, row))

    assert told(answer, secrets) == []


def test_nor_does_anything_the_public_pages_lead_to(world, secrets, db):
    client = Client(raise_request_exception=False)
    plates = Plate.objects.values_list("token", flat=True)
    waiting = [
        "/",
        "/families/",
        "/families/?all=1",
        "/nowhere/",
        *(f"/families/plates/{token}/" for token in plates),
        "/families/plates/aaaaaaaaaaaa/",
        "/api/v1/",
        "/api/schema/",
    ]
    seen = set()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        if path in seen or path.startswith("/static/"):
            continue
        seen.add(path)
        answer = client.get(path)
        assert told(answer, secrets) == [], path
        if not answer.streaming and "html" in answer.get("Content-Type", ""):
            links = LINK.findall(answer.content.decode())
            waiting += [link.replace("&amp;", "&") for link in links]

    assert {"/families/", "/branches/370114001001/", "/calendar/"} <= seen
    assert len(seen) > 40


def test_a_page_that_told_one_would_be_caught(world, secrets, db):
    client = world.client("clerk")
    answer = client.get("/families/walk/370114001001/")

    assert told(answer, secrets)
