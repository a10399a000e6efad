"""Branches and programmes in the API, tokens, the schema and the throttle."""

import io
import json

import pytest
from auditlog.models import LogEntry
from django.core.cache import cache
from django.core.management import CommandError, call_command
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from activities.models import Activity
from federation.months import local_today
from tests.factories import ActivityFactory, ChapterFactory, ProgrammeFactory


@pytest.fixture(autouse=True)
def patience():
    """Forget who asked how often: accounts have the same numbers in each test."""
    cache.clear()


@pytest.fixture
def api(db):
    return APIClient()


def rows(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_everybody_reads_the_branches_in_the_order_of_the_tree(
    api, community, sister_community
):
    found = rows(api.get("/api/v1/branches/"))

    assert [row["code"] for row in found] == [
        "370114",
        "370114001",
        "370114001001",
        "370114002",
        "370114002001",
    ]
    assert set(found[2]) == {
        "code",
        "name",
        "short_name",
        "kind",
        "level",
        "parent",
        "founded_on",
    }
    assert found[2]["parent"] == "370114001"


def test_branches_are_filtered_by_place_level_and_initials(
    api, community, sister_community
):
    def codes(**query):
        return [row["code"] for row in rows(api.get("/api/v1/branches/", query))]

    assert codes(within="370114002") == ["370114002", "370114002001"]
    assert codes(parent="370114001") == ["370114001001"]
    assert codes(level="town") == ["370114001", "370114002"]
    assert codes(q="mysq") == ["370114001001"]
    assert codes(within="none-such") == []


def test_a_closed_branch_is_not_offered(api, community):
    community.closed_on = local_today().replace(year=2020)
    community.save()

    assert api.get("/api/v1/branches/370114001001/").status_code == 404
    assert api.get("/api/v1/branches/370114001/").json()["name"] == "明水街道妇联"


def test_everybody_reads_the_programmes_without_the_sentinel(api):
    law = ChapterFactory(slug="law", name="维权关爱")
    ProgrammeFactory(slug="law-talks", name="普法宣讲", chapter=law)
    ProgrammeFactory()

    found = rows(api.get("/api/v1/programmes/"))

    assert {row["slug"] for row in found} >= {"law-talks", "everyday"}
    assert "none" not in {row["slug"] for row in found}
    talks = rows(api.get("/api/v1/programmes/", {"chapter": "law"}))
    assert [(row["slug"], row["chapter_name"]) for row in talks] == [
        ("law-talks", "维权关爱")
    ]


@pytest.mark.parametrize("address", ["branches/370114/", "programmes/everyday/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_public_routes_write_nothing(district_admin, district, address, method):
    ProgrammeFactory()
    api = APIClient()
    api.force_authenticate(district_admin)

    assert getattr(api, method)(f"/api/v1/{address}", {}).status_code == 405


def test_lists_come_in_pages(api, community):
    page = api.get("/api/v1/branches/", {"page_size": 2}).json()

    assert (page["count"], len(page["results"])) == (3, 2)
    assert "page=2" in page["next"]


# Tokens


def issue(*arguments):
    shown = io.StringIO()
    call_command("issue_token", *arguments, stdout=shown, stderr=io.StringIO())
    return shown.getvalue().strip()


def test_a_token_speaks_for_its_account(api, village_clerk, community, programme):
    key = issue("village_clerk")
    api.credentials(HTTP_AUTHORIZATION=f"Token {key}")

    response = api.post(
        "/api/v1/activities/",
        {
            "title": "反家庭暴力法宣讲",
            "branch": community.code,
            "programme": programme.slug,
            "starts_on": "2026-03-08",
        },
    )

    assert response.status_code == 201
    assert Activity.objects.get().recorded_by == village_clerk
    entry = LogEntry.objects.get_for_model(Activity).get()
    assert entry.actor == village_clerk


def test_a_new_token_voids_the_old_one_and_revoking_voids_all(api, village_clerk):
    first, second = issue("village_clerk"), issue("village_clerk")

    def status_with(key):
        api.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        return api.get("/api/v1/activities/").status_code

    assert (status_with(first), status_with(second)) == (401, 200)
    issue("village_clerk", "--revoke")
    assert status_with(second) == 401


def test_a_token_of_an_account_switched_off_opens_nothing(api, village_clerk):
    api.credentials(HTTP_AUTHORIZATION=f"Token {issue('village_clerk')}")
    village_clerk.is_active = False
    village_clerk.save()

    assert api.get("/api/v1/activities/").status_code == 401


def test_a_token_opens_nothing_after_the_grant_ended(api, village_clerk, community):
    ActivityFactory(branch=community)
    api.credentials(HTTP_AUTHORIZATION=f"Token {issue('village_clerk')}")
    assert len(rows(api.get("/api/v1/activities/"))) == 1
    grant = village_clerk.grants.get()
    grant.ends_on = local_today().replace(year=2021)
    grant.save()

    assert rows(api.get("/api/v1/activities/")) == []
    assert api.post("/api/v1/activities/", {}).status_code == 403


def test_a_token_is_issued_only_for_whom_a_grant_is_in_force(staff_without_grant):
    with pytest.raises(CommandError, match="没有有效的授权"):
        issue("without_grant")
    with pytest.raises(CommandError, match="没有用户名"):
        issue("nobody")
    assert not Token.objects.exists()


def test_the_log_knows_of_a_token_and_not_the_token(village_clerk):
    key = issue("village_clerk")

    entry = LogEntry.objects.get_for_object(village_clerk).first()
    assert entry.changes == {"API 令牌": ["", "已发放"]}
    assert not LogEntry.objects.filter(changes__icontains=key).exists()
    assert not LogEntry.objects.filter(object_pk=key).exists()


# A session needs the CSRF token, a token does not


def test_a_session_without_a_csrf_token_writes_nothing(village_clerk, community):
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(village_clerk, "federation.auth.ScopeBackend")

    response = api.post("/api/v1/activities/", {"title": "x"})

    assert response.status_code == 403
    assert "CSRF" in str(response.json())


def test_whoever_is_unknown_is_asked_to_say_who_she_is(api):
    response = api.post("/api/v1/activities/", {})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Token"


# The throttle


@pytest.mark.parametrize("throttle", [AnonRateThrottle, UserRateThrottle])
def test_who_asks_too_often_is_told_to_wait(throttle, village_clerk, monkeypatch):
    monkeypatch.setitem(throttle.THROTTLE_RATES, throttle.scope, "2/hour")
    api = APIClient(REMOTE_ADDR="203.0.113.7")
    if throttle is UserRateThrottle:
        api.force_authenticate(village_clerk)

    answers = [api.get("/api/v1/branches/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert "请求" in str(answers[2].json())


def test_a_forged_forwarded_header_does_not_renew_the_patience(monkeypatch, db):
    monkeypatch.setitem(AnonRateThrottle.THROTTLE_RATES, "anon", "2/hour")
    api = APIClient(REMOTE_ADDR="203.0.113.8")

    answers = [
        api.get("/api/v1/branches/", headers={"x-forwarded-for": f"1.2.3.{n}"})
        for n in range(3)
    ]

    assert answers[2].status_code == 429


# The schema


def test_the_schema_is_valid_and_complete(tmp_path):
    path = tmp_path / "schema.json"
    call_command(
        "spectacular",
        validate=True,
        fail_on_warn=True,
        file=str(path),
        format="openapi-json",
        stderr=io.StringIO(),
    )

    paths = json.loads(path.read_text())["paths"]
    assert {
        "/api/v1/activities/",
        "/api/v1/activities/{id}/",
        "/api/v1/activities/{id}/approve/",
        "/api/v1/branches/{code}/",
        "/api/v1/programmes/",
    } <= set(paths)


def test_schema_and_docs_are_open_to_everybody(api):
    assert api.get("/api/schema/").status_code == 200
    assert api.get("/api/docs/").status_code == 200
