"""One-time codes, and the public page where one becomes a password."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from federation.account_pages import FAILURES_AN_HOUR
from federation.accounts import (
    ALPHABET,
    CODE_LENGTH,
    FAILURES_ALLOWED,
    REFUSAL,
    issue_code,
    plain,
    redeem_code,
)
from federation.models import OneTimeCode, User

PAGE = "/account/reset/"
NEW = "泉水叮咚-2026-春天"
WRONG = "2" * CODE_LENGTH

pytestmark = pytest.mark.django_db


def redeem(account, code, password=NEW):
    return redeem_code(account.username, code, password)


def is_refused(account, code) -> bool:
    try:
        redeem(account, code)
    except ValidationError as error:
        return error.message == REFUSAL
    return False


def fill_in(client, account, code, password=NEW, again=None, **headers):
    answers = {
        "username": getattr(account, "username", account),
        "code": code,
        "new_password": password,
        "again": again or password,
    }
    return client.post(PAGE, answers, **headers)


def test_a_code_sets_a_password_that_opens_the_door(village_clerk, street_reviewer):
    code = issue_code(village_clerk, street_reviewer)
    redeem(village_clerk, code)
    village_clerk.refresh_from_db()
    assert village_clerk.check_password(NEW)
    assert not village_clerk.must_change_password


def test_only_the_hash_of_a_code_is_kept(village_clerk, street_reviewer):
    code = plain(issue_code(village_clerk, street_reviewer))
    stored = OneTimeCode.objects.get()
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert code not in stored.code_hash
    assert stored.issued_by == street_reviewer


def test_a_code_is_read_however_it_is_typed(village_clerk):
    code = issue_code(village_clerk, None)
    redeem(village_clerk, f" {code.lower().replace('-', ' ')} ")


def test_a_code_works_once(village_clerk):
    code = issue_code(village_clerk, None)
    redeem(village_clerk, code)
    assert is_refused(village_clerk, code)


def test_a_newer_code_voids_the_older(village_clerk):
    older, newer = issue_code(village_clerk, None), issue_code(village_clerk, None)
    assert is_refused(village_clerk, older)
    redeem(village_clerk, newer)


def test_an_older_code_stays_void_when_the_newer_was_used(village_clerk):
    older, newer = issue_code(village_clerk, None), issue_code(village_clerk, None)
    redeem(village_clerk, newer)
    assert is_refused(village_clerk, older)


def test_a_code_of_yesterday_is_void(village_clerk):
    code = issue_code(village_clerk, None)
    OneTimeCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert is_refused(village_clerk, code)


def test_a_code_lives_a_day(village_clerk):
    issue_code(village_clerk, None)
    stored = OneTimeCode.objects.get()
    assert stored.expires_at - stored.issued_at <= timedelta(hours=24, seconds=1)


def test_too_many_wrong_tries_spend_the_code(village_clerk):
    code = issue_code(village_clerk, None)
    for _ in range(FAILURES_ALLOWED):
        assert is_refused(village_clerk, WRONG)
    assert is_refused(village_clerk, code)


def test_the_last_allowed_try_may_be_right(village_clerk):
    code = issue_code(village_clerk, None)
    for _ in range(FAILURES_ALLOWED - 1):
        assert is_refused(village_clerk, WRONG)
    redeem(village_clerk, code)


def test_somebody_elses_code_opens_nothing(village_clerk, street_reviewer):
    code = issue_code(village_clerk, None)
    assert is_refused(street_reviewer, code)
    assert not is_refused(village_clerk, code)


def test_a_disabled_account_gets_no_password(village_clerk):
    code = issue_code(village_clerk, None)
    User.objects.filter(pk=village_clerk.pk).update(is_active=False)
    assert is_refused(village_clerk, code)


def test_a_password_too_like_the_name_costs_no_try(village_clerk):
    code = issue_code(village_clerk, None)
    with pytest.raises(ValidationError) as refusal:
        redeem(village_clerk, code, "village_clerk1")
    assert refusal.value.messages != [REFUSAL]
    assert OneTimeCode.objects.get().failures == 0
    redeem(village_clerk, code)


def test_the_page_leads_to_the_login_with_the_new_password(client, village_clerk):
    code = issue_code(village_clerk, None)
    answer = fill_in(client, village_clerk, code)
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert "新密码已设好，请用它登录。" in page.content.decode()
    village_clerk.refresh_from_db()
    assert village_clerk.check_password(NEW)


def test_the_page_says_the_same_of_an_unknown_name_and_a_wrong_code(
    client, village_clerk
):
    issue_code(village_clerk, None)
    wrong = fill_in(client, village_clerk, WRONG)
    unknown = fill_in(client, "nobody_here", WRONG)
    errors = [page.context["form"].errors for page in (wrong, unknown)]
    assert errors[0] == errors[1] == {"__all__": [REFUSAL]}
    assert wrong.status_code == unknown.status_code == 200


def test_the_page_keeps_the_name_and_the_code_when_it_refuses(client, village_clerk):
    page = fill_in(client, village_clerk, "ABCDE-FGHJK").content.decode()
    assert 'value="village_clerk"' in page
    assert 'value="ABCDE-FGHJK"' in page
    assert NEW not in page


@pytest.mark.parametrize(
    ("password", "again", "field", "sentence"),
    [
        ("1234", None, "new_password", "密码太短，至少要 8 个字符。"),
        (NEW, NEW + "。", "again", "两次输入的密码不一样，请重新输入。"),
    ],
)
def test_a_fault_of_the_password_costs_no_try(
    client, village_clerk, password, again, field, sentence
):
    code = issue_code(village_clerk, None)
    page = fill_in(client, village_clerk, code, password, again)
    assert sentence in page.context["form"].errors[field][0]
    assert OneTimeCode.objects.get().failures == 0
    assert fill_in(client, village_clerk, code).status_code == 302


def test_an_address_that_guesses_has_to_wait(client, village_clerk):
    code = issue_code(village_clerk, None)
    guesser = {"REMOTE_ADDR": "203.0.113.7"}
    for _ in range(FAILURES_AN_HOUR):
        assert fill_in(client, "nobody_here", WRONG, **guesser).status_code == 200
    answer = fill_in(client, village_clerk, code, **guesser)
    assert answer.status_code == 429
    assert "一小时后再试" in answer.content.decode()
    fill_in(client, village_clerk, code, REMOTE_ADDR="203.0.113.8")
    village_clerk.refresh_from_db()
    assert village_clerk.check_password(NEW)


def test_a_new_password_ends_the_lock_after_wrong_logins(client, village_clerk):
    door = {"username": village_clerk.username, "password": "wrong"}
    answers = [client.post("/admin/login/", door).status_code for _ in range(10)]
    assert answers[0] == 200
    assert answers[-1] == 429
    fill_in(client, village_clerk, issue_code(village_clerk, None))
    answer = client.post("/admin/login/", {**door, "password": NEW})
    assert answer.status_code == 302


def test_the_page_is_not_kept_by_browsers_and_has_no_inline_script(client):
    answer = client.get(PAGE, {"username": "village_clerk"})
    assert "no-store" in answer["Cache-Control"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert 'value="village_clerk"' in answer.content.decode()
