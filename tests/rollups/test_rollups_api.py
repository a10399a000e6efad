"""`/api/v1/rollups/`: the long table for programs."""

import pytest
from rest_framework.authtoken.models import Token

from tests.rollups.reading import PER_SESSION, SESSIONS

URL = "/api/v1/rollups/"
MARCH = {"from": "2026-03", "to": "2026-03"}


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


def test_strangers_are_refused(client, district):
    assert client.get(URL, MARCH).status_code in (401, 403)


def test_a_token_reads_what_its_owner_may(client, street_reviewer, lectures):
    token = Token.objects.create(user=street_reviewer)
    response = client.get(
        URL,
        MARCH | {"indicator": SESSIONS},
        headers={"Authorization": f"Token {token}"},
    )
    rows = response.json()["results"]
    assert {row["branch"]: row["total"] for row in rows} == {
        "明一社区妇联": 2,
        "明二社区妇联": 1,
        "明水街道妇联（本级及直属）": 1,
    }


def test_a_row_is_a_row_of_the_long_table(reader, lectures):
    asked = MARCH | {"level": "village", "indicator": [SESSIONS, PER_SESSION]}
    found = reader.get(URL, asked).json()
    assert found["count"] == 8
    assert found["results"][0] == {
        "month": "2026-03",
        "branch_code": "370114001001",
        "branch": "明一社区妇联",
        "level": "village",
        "programme": "everyday",
        "indicator": PER_SESSION,
        "name": "场均人次",
        "unit": "人次/场",
        "own": 20,
        "total": 20,
        "status": "open",
        "numerator": 40,
        "denominator": 2,
        "kind": "ratio",
    }


def test_pages_follow_each_other(reader, lectures):
    asked = MARCH | {"level": "village", "page_size": 3}
    first = reader.get(URL, asked).json()
    assert len(first["results"]) == 3
    second = reader.get(first["next"]).json()
    assert second["previous"]
    assert second["results"][0] not in first["results"]
    assert reader.get(URL, asked | {"page": 99}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-13"}, {"from": ["月份请写成 2026-03 的样子。"]}),
        (
            {"from": "2026-03", "to": "2026-01"},
            {"to": ["截止月份不能早于起始月份。"]},
        ),
        ({"level": "planet"}, {"level": ["没有这个层级，请从列表中选择。"]}),
    ],
)
def test_a_wrong_parameter_gets_a_sentence(reader, asked, sentence):
    response = reader.get(URL, asked)
    assert response.status_code == 400
    assert response.json() == sentence


def test_a_foreign_branch_is_not_found(client, street_reviewer, lectures):
    client.force_login(street_reviewer)
    assert client.get(URL, MARCH | {"branch": "370114002"}).status_code == 404
    assert client.get(URL, MARCH | {"branch": "370114001001"}).status_code == 200


def test_an_account_without_grant_is_refused(client, staff_without_grant):
    client.force_login(staff_without_grant)
    assert client.get(URL, MARCH).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(reader, lectures, method):
    assert getattr(reader, method)(URL).status_code in (403, 405)


def test_the_schema_knows_the_parameters(reader):
    schema = reader.get("/api/schema/?format=json").json()
    found = schema["paths"]["/api/v1/rollups/"]["get"]["parameters"]
    assert {"from", "to", "branch", "level", "programme", "indicator"} <= {
        parameter["name"] for parameter in found
    }


def test_a_page_costs_the_same_queries_whatever_its_rows(
    reader, lectures, django_assert_num_queries
):
    for size in (1, 50):
        with django_assert_num_queries(13):
            reader.get(URL, MARCH | {"page_size": size, "level": "village"})
