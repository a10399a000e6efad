"""Who is sent what, and never more than she should be."""

import logging
from datetime import date

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from federation.months import Month
from rollups import reminders, submissions
from rollups.models import Expectation, Reminder, Submission
from rollups.reminders import channels, sending
from rollups.submissions import Figures
from tests.factories import GrantFactory, MemberFactory, UserFactory
from tests.rollups.reminders.conftest import AFTER, BEFORE, at
from tests.rollups.submissions.conftest import held, open_month


def letters() -> dict[str, mail.EmailMessage]:
    return {letter.to[0].partition("@")[0]: letter for letter in mail.outbox}


def rows():
    return Reminder.objects.order_by("pk")


def test_a_clerk_is_told_what_her_branch_has_left(addressed, remind):
    remind()

    letter = letters()["village_clerk"]
    assert "2026 年 10 月活动报送还没报，11 月 5 日 18:00 截止" in letter.subject
    assert "明一社区　2026 年 10 月：还没报" in letter.body
    assert "/rollups/report/2026-10/370114001001/" in letter.body
    assert "明二社区" not in letter.body


def test_what_came_back_is_told_with_its_reason(
    addressed, remind, submission, village_clerk, street_reviewer
):
    submissions.report_zero(submission, village_clerk)
    submissions.send_back(submission, street_reviewer, "重阳节的活动没有登记")

    remind()

    letter = letters()["village_clerk"]
    assert "报送被退回" in letter.subject
    assert "退回原因：重阳节的活动没有登记" in letter.body


def test_a_changed_confirmation_is_asked_for_again(
    addressed, remind, submission, community, village_clerk
):
    held(community)
    submissions.confirm(submission, village_clerk, Figures(1, 30))
    Submission.objects.filter(pk=submission.pk).update(has_changed=True)

    remind()

    assert "确认后有变动" in letters()["village_clerk"].subject


def test_an_older_month_stands_in_the_same_letter(addressed, remind, community):
    open_month(Month(2026, 9))

    assert remind() == 3
    body = letters()["village_clerk"].body
    assert body.index("2026 年 9 月") < body.index("2026 年 10 月")


def test_a_reviewer_reads_who_is_left_in_her_street(addressed, remind):
    remind()

    body = letters()["street_reviewer"].body
    assert "明水街道妇联 2026 年 10 月：应报 3，已报 0，零报告 0，还差 3。" in body
    assert body.index("明一社区") < body.index("明二社区")
    assert "双山街道" not in body
    assert "/rollups/progress/?month=2026-10&branch=370114001" in body


def test_the_district_reads_its_streets_in_tree_order(addressed, remind):
    remind()

    body = letters()["district_admin"].body
    assert "应报 5，已报 0，零报告 0，还差 5。" in body
    assert body.index("明水街道：") < body.index("双山街道：")


def test_who_has_nothing_left_is_left_in_peace(
    addressed, remind, submission, village_clerk
):
    submissions.report_zero(submission, village_clerk)

    assert remind() == 2
    assert set(letters()) == {"street_reviewer", "district_admin"}


def test_only_who_may_report_is_asked(addressed, remind, auditor, community):
    ended = UserFactory(username="ended", email="ended@example.com")
    GrantFactory(user=ended, branch=community, role="clerk", ends_on=date(2026, 10, 1))
    left = UserFactory(username="left", email="left@example.com", is_active=False)
    GrantFactory(user=left, branch=community, role="clerk")

    remind()

    assert set(letters()) == {"village_clerk", "street_reviewer", "district_admin"}


def test_one_letter_for_all_her_branches(
    addressed, remind, village_clerk, second_community
):
    GrantFactory(user=village_clerk, branch=second_community, role="clerk")

    assert remind() == 3
    letter = letters()["village_clerk"]
    assert "还没报完" in letter.subject
    assert "明一社区" in letter.body
    assert "明二社区" in letter.body


def test_a_row_says_what_was_sent(addressed, remind, village_clerk):
    remind()

    row = Reminder.objects.get(user=village_clerk)
    assert (row.month, row.occasion) == (date(2026, 10, 1), "before")
    assert (row.channel, row.status, row.number) == ("email", "sent", 1)
    assert row.sent_at is not None
    assert "明一社区" in row.text


def test_beat_may_come_by_as_often_as_it_likes(addressed, remind):
    assert remind() == 3
    assert remind(hour=11) == 0
    assert remind(date(2026, 11, 3)) == 0
    assert remind(AFTER) == 3
    assert remind(date(2026, 11, 9)) == 0
    assert len(mail.outbox) == 6


def test_two_a_calendar_month_at_most(addressed, remind, village_clerk):
    """Three deadlines in one month, because the district moved one."""
    remind(BEFORE)
    remind(AFTER)
    submissions.set_deadline(addressed, at(date(2026, 11, 20), 18))
    open_month(Month(2026, 9))
    submissions.set_deadline(Month(2026, 9), at(date(2026, 11, 27), 18))
    mail.outbox.clear()

    assert remind(date(2026, 11, 17)) == 0
    assert remind(date(2026, 11, 24)) == 0
    assert remind(date(2026, 11, 30)) == 0
    assert rows().filter(user=village_clerk).count() == 2


def test_the_database_refuses_a_third(addressed, village_clerk):
    said = {
        "user": village_clerk,
        "month": date(2026, 10, 1),
        "sent_in": date(2026, 11, 1),
        "channel": "email",
        "tried_at": at(BEFORE),
    }
    Reminder.objects.create(occasion="before", number=1, **said)
    for again in ({"occasion": "before", "number": 2}, {"occasion": "after"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reminder.objects.create(**{"number": 1, **again, **said})
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(occasion="after", number=3, **said)


def test_the_district_switches_them_off(addressed, remind):
    reminders.switch(on=False)
    assert remind() == 0
    assert Expectation.objects.get().sends_reminders is False

    reminders.switch(on=True)
    assert remind() == 3


# When sending fails


@pytest.fixture
def broken(monkeypatch):
    """Let the mail server refuse some addresses; return the switch."""
    refused = {"all": True}
    plain = channels.Email.send

    def send(self, recipient, text):
        if refused["all"]:
            raise OSError(f"no such mailbox {recipient}")
        plain(self, recipient, text)

    monkeypatch.setattr(channels.Email, "send", send)
    return refused


def test_a_failure_is_tried_once_more_the_next_workday(
    addressed, remind, broken, village_clerk, caplog
):
    assert remind() == 0
    assert remind(hour=15) == 0
    assert list(rows().values_list("status", "attempts")) == [("failed", 1)] * 3
    assert "was not sent: OSError" in caplog.text
    assert "example.com" not in caplog.text

    broken["all"] = False
    assert remind(date(2026, 11, 3)) == 3
    assert list(rows().values_list("status", "attempts")) == [("sent", 2)] * 3
    assert remind(date(2026, 11, 3), hour=11) == 0


def test_a_second_failure_is_the_last(addressed, remind, broken):
    remind()
    remind(date(2026, 11, 3))
    broken["all"] = False

    assert remind(date(2026, 11, 3), hour=15) == 0
    assert list(rows().values_list("status", "attempts")) == [("failed", 2)] * 3


def test_what_failed_and_is_reported_by_now_is_not_sent(
    addressed, remind, broken, submission, village_clerk
):
    remind()
    broken["all"] = False
    submissions.report_zero(submission, village_clerk)

    assert remind(date(2026, 11, 3)) == 2
    assert "village_clerk" not in letters()


def test_a_dead_mail_server_uses_up_nobodys_try(
    addressed, remind, broken, community, monkeypatch
):
    for number in range(4):
        other = UserFactory(email=f"other{number}@example.com")
        GrantFactory(user=other, branch=community, role="clerk")

    assert remind() == 0
    assert rows().count() == sending.GIVE_UP


def test_a_long_list_goes_out_in_parts(addressed, remind, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)

    assert remind() == 2
    assert remind(hour=11) == 1
    assert len(mail.outbox) == 3


def test_a_worker_that_is_killed_leaves_one_in_doubt_and_sends_none_twice(
    addressed, remind, monkeypatch
):
    """As ``kill -9`` does: between the letter and the note that it left."""
    plain = channels.Email.send

    def die(self, recipient, text):
        plain(self, recipient, text)
        raise SystemExit

    monkeypatch.setattr(channels.Email, "send", die)
    with pytest.raises(SystemExit):
        remind()
    assert list(rows().values_list("status", flat=True)) == ["sending"]

    monkeypatch.setattr(channels.Email, "send", plain)
    assert remind(hour=11) == 2
    assert remind(date(2026, 11, 3)) == 0
    assert len(mail.outbox) == 3
    assert len({letter.to[0] for letter in mail.outbox}) == 3


# Text messages


@pytest.fixture
def without_address(addressed, village_clerk):
    village_clerk.email = ""
    village_clerk.save()
    return village_clerk


def test_without_an_address_nothing_is_written(remind, without_address):
    assert remind() == 2
    assert not rows().filter(user=without_address).exists()


def test_a_text_message_reaches_the_phone_in_the_register(
    remind, without_address, community, settings, caplog
):
    settings.SMS_BACKEND = "rollups.reminders.channels.LoggingSms"
    MemberFactory(branch=community, account=without_address, phone="13800138001")

    with caplog.at_level(logging.INFO, "rollups.reminders.channels"):
        assert remind() == 3

    row = rows().get(user=without_address)
    assert (row.channel, row.status) == ("sms", "sent")
    assert "\n" not in row.text
    assert "还没报" in row.text
    assert "138****8001" in caplog.text
    assert "13800138001" not in caplog.text


def test_phones_are_asked_for_only_where_messages_are_sent(
    remind, without_address, community
):
    MemberFactory(branch=community, account=without_address, phone="13800138001")

    assert remind() == 2


def test_production_without_a_mail_server_writes_no_letters(
    addressed, remind, settings
):
    settings.EMAIL_BACKEND = channels.NO_EMAIL

    assert remind() == 0
    assert rows().count() == 0
