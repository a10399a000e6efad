"""The staff's door: who guesses, who comes back, and where it leads."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from federation.tasks import forget_ended_sessions
from tests.factories import PASSWORD
from tests.permissions.world import BACKEND

LOGIN = "/admin/login/"


@pytest.fixture
def visitor(db):
    return Client()


def log_in(client, name="village_clerk", password=PASSWORD, ip="203.0.113.5", **extra):
    return client.post(
        LOGIN, {"username": name, "password": password}, REMOTE_ADDR=ip, **extra
    )


@pytest.fixture
def locked_out(village_clerk, street_reviewer, visitor):
    """The village's clerk forgot her password, at her office's address."""
    answers = [
        log_in(visitor, password="wrong") for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert {a.status_code for a in answers[:-1]} == {200}
    return answers[-1]


def test_who_guesses_is_locked_out_and_told_in_chinese(locked_out, visitor):
    answer = log_in(visitor)

    assert (locked_out.status_code, answer.status_code) == (429, 429)
    page = answer.content.decode()
    assert "15 分钟" in page
    assert "重置码" in page
    assert not re.search(r"locked|attempts|cool", page, flags=re.I)


def test_a_colleague_at_the_same_address_is_not_locked_out(locked_out, visitor):
    assert log_in(visitor, "street_reviewer").status_code == 302


def test_a_stranger_elsewhere_does_not_lock_the_name(locked_out, visitor):
    assert log_in(visitor, ip="203.0.113.99").status_code == 302


def test_a_forged_forwarded_header_renews_no_patience(village_clerk, visitor):
    for number in range(settings.AXES_FAILURE_LIMIT):
        forged = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{number}"}
        log_in(visitor, password="wrong", **forged)

    forged = {"HTTP_X_FORWARDED_FOR": "198.51.100.200"}
    assert log_in(visitor, **forged).status_code == 429


def test_an_unknown_name_and_a_wrong_password_read_the_same(village_clerk, visitor):
    known = log_in(visitor, password="wrong").content.decode()
    unknown = log_in(visitor, name="nobody").content.decode()

    sentence = "用户名或密码不对"
    assert sentence in known
    assert sentence in unknown


def test_the_session_is_new_after_the_login_and_hard_to_take(village_clerk, visitor):
    visitor.get(LOGIN)
    response = log_in(visitor)
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert response.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"
    assert Session.objects.filter(session_key=cookie.value).exists()


def test_a_session_known_before_the_login_is_worth_nothing(village_clerk, visitor):
    session = visitor.session
    session["anything"] = 1
    session.save()
    before = session.session_key
    visitor.cookies[settings.SESSION_COOKIE_NAME] = before

    log_in(visitor)

    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/admin/").status_code == 302


def test_a_new_password_ends_the_other_sessions(village_clerk):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(village_clerk, BACKEND)
    village_clerk.set_password("another horse battery staple")
    village_clerk.save()

    assert elsewhere.get("/admin/").status_code == 302


def test_an_account_without_a_grant_in_force_does_not_get_in(
    staff_without_grant, visitor
):
    response = log_in(visitor, "without_grant")

    assert response.status_code == 200
    assert "没有授权" in response.content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    ],
)
def test_a_login_leads_to_this_site_only(village_clerk, visitor, target):
    response = visitor.post(
        f"{LOGIN}?next={target}",
        {"username": "village_clerk", "password": PASSWORD, "next": target},
    )

    assert response.status_code == 302
    assert response.headers["Location"] == settings.LOGIN_REDIRECT_URL


def test_what_a_session_kept_goes_with_it(db):
    for days in (-1, 1):
        session = SessionStore()
        session["lost_forms"] = {"title": "没有再发的表"}
        session.set_expiry(timedelta(days=days))
        session.save()

    forget_ended_sessions()

    assert Session.objects.count() == 1
