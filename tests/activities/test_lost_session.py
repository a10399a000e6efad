"""A session that ran out returns to the filled-in form; nothing typed is lost."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from activities import review
from activities.models import Activity
from federation import lost_session
from federation.models import ReportingMonth
from tests.activities.entry import ADD, LIST, change, errors, sentences, typed
from tests.factories import PASSWORD, ActivityFactory

LOGIN = "/admin/login/"
RESTORED = [lost_session.RESTORED]


@pytest.fixture
def browser(programme):
    """A browser whose forms need their CSRF token, as in real life."""
    return Client(enforce_csrf_checks=True)


def token(client, address=LOGIN):
    client.get(address)
    return client.cookies["csrftoken"].value


def log_in(client, user, target="/admin/"):
    fields = {
        "username": user.username,
        "password": PASSWORD,
        "next": target,
        "csrfmiddlewaretoken": token(client),
    }
    return client.post(LOGIN, fields)


def lose_session(client):
    """The session ends; the browser keeps its CSRF cookie, which lasts a year."""
    del client.cookies["sessionid"]


def send(client, address, fields):
    csrf = client.cookies["csrftoken"].value
    return client.post(address, fields | {"csrfmiddlewaretoken": csrf})


def test_what_was_typed_is_there_after_the_login(
    browser, community, programme, village_clerk
):
    log_in(browser, village_clerk)
    lose_session(browser)
    fields = typed(
        community,
        programme,
        title="写了很久的活动",
        attendance_offline="36",
        audience=["women", "families"],
        summary="一字一句打上去的简介。",
        _submit="",
        **{
            "partners-TOTAL_FORMS": "1",
            "partners-0-role": "host",
            "partners-0-name": "文化站",
        },
    )
    answer = send(browser, ADD, fields)
    assert urlsplit(answer["Location"]).path == LOGIN
    assert not Activity.objects.exists()

    login_page = browser.get(answer["Location"])
    assert lost_session.LOGIN_FIRST in login_page.content.decode()

    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    answer = log_in(browser, village_clerk, target)
    assert answer["Location"] == target
    page = browser.get(target)
    form = page.context["adminform"].form
    assert errors(page)["__all__"] == RESTORED
    assert form["title"].value() == "写了很久的活动"
    assert form["attendance_offline"].value() == "36"
    assert form["audience"].value() == ["women", "families"]
    assert form["summary"].value() == "一字一句打上去的简介。"
    assert page.context["partner_formset"].forms[0]["name"].value() == "文化站"
    assert str(page.context["client_token"]) == fields["client_token"]
    # Nothing is saved by showing it.
    assert not Activity.objects.exists()

    fields["client_token"] = str(page.context["client_token"])
    send(browser, ADD, fields)
    saved = Activity.objects.get()
    assert (saved.title, saved.review) == ("写了很久的活动", Activity.Review.SUBMITTED)


def test_the_same_for_a_record_that_exists(browser, community, village_clerk):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    log_in(browser, village_clerk)
    lose_session(browser)
    fields = typed(community, draft.programme, title="改到一半", client_token=None)
    answer = send(browser, change(draft), fields)
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    log_in(browser, village_clerk, target)
    page = browser.get(target)
    assert page.context["adminform"].form["title"].value() == "改到一半"
    draft.refresh_from_db()
    assert draft.title == "反家庭暴力法宣讲"


def test_a_form_older_than_the_last_login_comes_back_filled_in(
    browser, community, programme, village_clerk
):
    """She logged in again in another tab: the session is there, the token is old."""
    log_in(browser, village_clerk)
    old = browser.cookies["csrftoken"].value
    log_in(browser, village_clerk)
    fields = typed(community, programme, title="另一个标签页里的活动")
    answer = browser.post(ADD, fields | {"csrfmiddlewaretoken": old})
    assert answer.status_code == 302
    page = browser.get(answer["Location"])
    assert errors(page)["__all__"] == RESTORED
    assert page.context["adminform"].form["title"].value() == "另一个标签页里的活动"
    assert not Activity.objects.exists()


def test_without_any_cookie_it_comes_back_too(
    browser, community, programme, village_clerk
):
    fields = typed(community, programme, title="清空了缓存")
    answer = browser.post(ADD, fields)
    assert urlsplit(answer["Location"]).path == LOGIN
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    log_in(browser, village_clerk, target)
    page = browser.get(target)
    assert page.context["adminform"].form["title"].value() == "清空了缓存"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/form"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_what_another_site_sends_is_refused_and_not_kept(
    browser, community, programme, village_clerk, headers
):
    log_in(browser, village_clerk)
    answer = browser.post(ADD, typed(community, programme), headers=headers)
    assert answer.status_code == 403
    assert lost_session.KEY not in browser.session


def test_passwords_are_never_kept(browser, village_clerk):
    browser.get(LOGIN)
    fields = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}
    send(browser, reverse("admin:password_change"), fields)
    send(browser, reverse("admin:federation_user_add"), fields | {"username": "新人"})
    kept = browser.session[lost_session.KEY].values()
    assert [entry["path"] for entry in kept] == [reverse("admin:federation_user_add")]
    assert all("password" not in entry["sent"] for entry in kept)


def test_kept_forms_are_few_and_of_sensible_length(client, community, programme):
    for number in range(5):
        client.post(ADD, typed(community, programme, title=f"第 {number} 场"))
    assert len(client.session[lost_session.KEY]) == lost_session.MOST_FORMS
    answer = client.post(ADD, typed(community, programme, summary="长" * 100_000))
    assert lost_session.PARAMETER not in answer["Location"]


def test_somebody_elses_browser_does_not_find_it(
    client, community, programme, village_clerk
):
    answer = client.post(ADD, typed(community, programme, title="别人的"))
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    other = Client()
    other.force_login(village_clerk)
    assert "别人的" not in other.get(target).content.decode()


def test_a_month_that_closes_in_that_very_second_is_a_sentence_in_the_form(
    client, community, programme, village_clerk, monkeypatch
):
    """The form was valid; the month is closed when the row is written."""
    client.force_login(village_clerk)
    save = review.save

    def close_first(activity, user, **options):
        ReportingMonth.objects.create(
            month=activity.starts_on.replace(day=1), status="closed", revision=1
        )
        return save(activity, user, **options)

    monkeypatch.setattr(review, "save", close_first)
    answer = client.post(ADD, typed(community, programme, title="晚了一步"))
    assert answer.status_code == 200
    assert "2026 年 3 月已" in errors(answer)["starts_on"][0]
    assert answer.context["adminform"].form["title"].value() == "晚了一步"
    assert not Activity.objects.exists()


def test_the_list_is_not_a_form_that_is_kept(client, db):
    client.post(LIST, {"action": "approve_selected"})
    assert lost_session.KEY not in client.session


def test_restoring_says_nothing_twice(client, community, programme, village_clerk):
    answer = client.post(ADD, typed(community, programme, title=""))
    target = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    client.force_login(village_clerk)
    page = client.get(target)
    assert errors(page)["title"] == ["请填写活动名称。"]
    assert errors(page)["__all__"] == RESTORED
    assert sentences(page) == [lost_session.LOGIN_FIRST]
