"""Plates: printed for a place, and what one says to whoever scans it."""

from datetime import date
from html import unescape

import pytest

from families import plates, recognition
from families.models import Plate, Recognition
from tests.factories import RecognitionFactory

LATER = date(2026, 9, 1)


def scan(client, token):
    return client.get(f"/families/plates/{token}/")


@pytest.fixture
def plate(recognised):
    return recognised[0].plate


def test_it_is_genuine_and_says_nothing_of_the_family(client, plate, households):
    household = households[0]
    household.door, household.group = "胡同 8 号", "3组"
    household.phone = "13800138001"
    household.save()

    answer = scan(client, plate.token)

    page = unescape(answer.content.decode())
    for told in ("是真的，现在有效", "示范户", "明一社区", "2026 年 6 月 10 日"):
        assert told in page
    for secret in (household.contact_name, "胡同", "3组", "138", "号户", "评比"):
        assert secret not in page
    assert "max-age" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_two_plates_of_a_village_read_the_same(client, recognised):
    first, second = (scan(client, row.plate.token).content for row in recognised[:2])

    assert first == second


def test_a_revoked_one_says_since_when(client, office, plate, recognised):
    row = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.revoke(office.street, row, LATER, "夫妻不和")

    page = scan(client, plate.token).content.decode()

    assert "已经失效" in page
    assert "2026 年 9 月 1 日" in page
    assert "夫妻" not in page


def test_whoever_left_has_no_valid_plate(client, plate, households, community):
    households[0].left_on = date(2026, 8, 1)
    households[0].save()
    assert "2026 年 8 月 1 日" in scan(client, plate.token).content.decode()

    other = Plate.objects.exclude(pk=plate.pk).first()
    community.closed_on = date(2026, 8, 31)
    community.save()
    assert "2026 年 9 月 1 日" in scan(client, other.token).content.decode()


@pytest.mark.parametrize("token", ["222222222222", "oooo", "1" * 200, "a-b_c", "ABC"])
def test_no_such_plate_is_a_friendly_page(client, plate, token):
    answer = scan(client, token)

    assert answer.status_code == 404
    assert "没有这块门牌" in answer.content.decode()


def test_one_that_was_never_granted_says_nothing(client, community, db):
    row = RecognitionFactory(household__branch=community)
    plate = Plate.objects.create(recognition=row, issued_on=LATER)

    assert scan(client, plate.token).status_code == 404


def test_the_sheet_has_those_in_force_of_one_place(
    client, office, batch, recognised, second_community, django_assert_max_num_queries
):
    row = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.revoke(office.street, row, LATER, "整改不到位")
    client.force_login(office.street)
    page = f"/admin/families/batch/{batch.pk}/plates/"
    client.get(page)

    with django_assert_max_num_queries(8):
        answer = client.get(page)

    text = answer.content.decode()
    assert "明一社区 2 号户" in text
    assert "明一社区 3 号户" in text
    assert "1 号户" not in text
    assert text.count("data:image/svg+xml") == 2
    assert (
        "没有门牌可打印"
        in client.get(page, {"branch": second_community.pk}).content.decode()
    )


def test_the_code_holds_the_address(recognised):
    assert plates.qr_of("https://example.org/x").startswith("data:image/svg+xml")
    assert plates.qr_of("https://example.org/x") != plates.qr_of(
        "https://example.org/y"
    )
