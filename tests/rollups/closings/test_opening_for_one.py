"""A closed month is opened for one branch and those below it, until a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from activities.models import Activity
from federation import successions
from federation.models import MonthOpening, ReportingMonth
from federation.months import Month, local_today
from rollups import closings, engine, submissions
from rollups.models import Expectation, Reopening, Revision, Submission
from rollups.tasks import close_expired_openings
from tests.factories import PostFactory
from tests.rollups.closings.conftest import LAST, held
from tests.rollups.naive import own_and_total

pytestmark = pytest.mark.django_db

PAGE = f"/rollups/months/{LAST}/"
WEEK = timedelta(days=7)


def state(month) -> ReportingMonth:
    return ReportingMonth.objects.get(month=month.first_day)


def change(branch, people) -> None:
    with transaction.atomic():
        Activity.objects.filter(branch=branch).update(attendance_offline=people)


def refused(branch) -> str:
    with pytest.raises(ValidationError) as refusal:
        change(branch, 1)
    assert refusal.value.code == "month_closed"
    return refusal.value.messages[0]


@pytest.fixture
def closed(month, district_admin):
    closings.close(month, district_admin)
    return month


@pytest.fixture
def until():
    return local_today() + WEEK


@pytest.fixture
def for_street(closed, street, district_admin, until):
    closings.reopen(
        closed, district_admin, reason="明一社区漏报", branch=street, until=until
    )
    return closed


def expire(days=1):
    """Let the opening's last day be over."""
    MonthOpening.objects.update(until=local_today() - timedelta(days=days))


def test_the_branch_and_those_below_it_write_and_nobody_else(
    for_street, community, sister_community, until
):
    change(community, 33)
    held(community, attendance_offline=4)

    sentence = refused(sister_community)

    assert "结账（第 1 版），现在只对明水街道妇联（到" in sentence
    assert "请联系区妇联办公室" in sentence
    assert state(for_street).status == "partly"


def test_nothing_is_moved_over_the_fence(for_street, community, sister_community):
    for moved, to in ((sister_community, community), (community, sister_community)):
        with pytest.raises(ValidationError), transaction.atomic():
            Activity.objects.filter(branch=moved).update(branch=to)


def test_it_is_counted_while_it_is_open(for_street, community, district):
    change(community, 33)
    engine.drain_marks()

    assert own_and_total("activities.attendance", community, for_street) == (33, 33)
    assert own_and_total("activities.attendance", district, for_street) == (0, 103)
    assert engine.reconcile_open_months() == []


def test_the_tree_of_that_month_decides(
    closed, street, sister_street, community, sister_community, district_admin, until
):
    deed = successions.Deed(
        Month.current().first_day, "区划调整", "章妇〔2026〕1 号", district_admin
    )
    successions.transfer(deed, community, parent=sister_street)
    closings.reopen(
        closed, district_admin, reason="漏报", branch=sister_street, until=until
    )

    change(sister_community, 21)

    refused(community)


def test_after_the_last_day_nobody_writes(for_street, community):
    MonthOpening.objects.update(until=local_today())
    change(community, 31)
    expire()

    assert "已经到期" in refused(community)
    assert state(for_street).status == "partly"


def test_what_was_written_in_time_is_counted_after_the_last_day(for_street, community):
    change(community, 31)
    expire()
    engine.drain_marks()

    assert own_and_total("activities.attendance", community, for_street) == (31, 31)


def test_it_closes_again_by_itself(for_street, community, district):
    change(community, 33)
    assert close_expired_openings() == 0
    expire()

    assert close_expired_openings() == 1

    revision = Revision.objects.newest_of(for_street)
    assert (revision.number, revision.closed_by) == (2, None)
    assert revision.reason == "部分开账到期，自动结账"
    assert state(for_street).status == "closed"
    assert MonthOpening.objects.get().ended_at is not None
    first = Revision.objects.get(number=1)
    changed = {c.branch_code for c in closings.difference(first, revision)}
    assert changed == {"370114", "370114001", community.code}
    refused(community)
    assert close_expired_openings() == 0


def test_a_month_in_which_nothing_changed_makes_no_revision(
    for_street, district_admin, community
):
    first = Revision.objects.get()
    change(community, 31)
    change(community, 30)
    expire()

    assert closings.close_expired() == [first]

    now = state(for_street)
    assert (now.status, now.revision, now.closed_by) == ("closed", 1, district_admin)
    assert now.closed_at == first.closed_at
    assert Revision.objects.count() == 1


def test_several_branches_each_have_their_day(
    for_street, sister_street, community, sister_community, district_admin, until
):
    expire()
    closings.reopen(
        for_street, district_admin, reason="漏报", branch=sister_street, until=until
    )

    change(sister_community, 21)
    refused(community)
    assert closings.close_expired() == []


def test_the_whole_month_can_be_opened_after_all(
    for_street, sister_community, district_admin
):
    closings.reopen(for_street, district_admin, reason="各街道都有漏报")

    change(sister_community, 21)

    assert state(for_street).status == "open"
    assert not MonthOpening.objects.not_ended().exists()
    assert closings.close(for_street, district_admin).number == 2


def test_late_facts_of_everybody_come_with_the_next_revision(
    for_street, sister_community, district_admin, community
):
    PostFactory(member__branch=sister_community)
    engine.drain_marks()

    assert own_and_total("members.in_post", sister_community, for_street) == (1, 1)
    assert closings.close(for_street, district_admin).number == 2


@pytest.mark.parametrize(
    ("days", "sentence"), [(-1, "请写明开到哪一天"), (93, "请写明开到哪一天")]
)
def test_the_last_day_is_near(closed, street, district_admin, days, sentence):
    with pytest.raises(ValidationError, match=sentence):
        closings.reopen(
            closed,
            district_admin,
            reason="漏报",
            branch=street,
            until=local_today() + timedelta(days=days),
        )


def test_the_root_is_the_whole_month(closed, district, district_admin, until):
    with pytest.raises(ValidationError, match="请选“整个月”"):
        closings.reopen(
            closed, district_admin, reason="漏报", branch=district, until=until
        )


def test_the_reopening_is_kept_for_good(for_street, until):
    told = Reopening.objects.get().reason

    assert told.startswith("只对明水街道妇联，到 ")
    assert told.endswith("：明一社区漏报")


def test_a_village_reports_while_it_is_open_and_another_does_not(
    month, street, community, sister_community, district_admin, until
):
    Expectation.objects.update_or_create(
        pk=Expectation.THE_ONE, defaults={"since": month.first_day}
    )
    Activity.objects.all().delete()
    submissions.expect([month])
    closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="漏报", branch=street, until=until)
    expected = Submission.objects.of_month(month)
    ours, others = (
        expected.get(branch=branch) for branch in (community, sister_community)
    )

    assert submissions.report_zero(ours, district_admin).status == "zero"
    with pytest.raises(ValidationError, match="只对明水街道妇联"):
        submissions.report_zero(others, district_admin)


def test_only_the_opened_ones_are_asked_to_report(
    month, community, village_clerk, sister_community, client, street, until
):
    Expectation.objects.update_or_create(
        pk=Expectation.THE_ONE, defaults={"since": month.first_day}
    )
    Activity.objects.all().delete()
    submissions.expect([month])
    closings.close(month, None)
    own = submissions.reading.own_to_report(village_clerk)
    assert not own.exists()

    closings.reopen(month, None, reason="漏报", branch=street, until=until)

    assert [row.branch for row in own.all()] == [community]


# The page and the command


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


def test_the_district_opens_it_on_the_page(office, closed, street, until, community):
    answer = office.post(
        f"{PAGE}reopen/",
        {"reason": "明一社区漏报", "branch": street.pk, "until": until.isoformat()},
        follow=True,
    )

    page = answer.content.decode()
    assert f"{LAST.label}已对明水街道妇联重新开账" in page
    assert "现在对明水街道妇联重新开账，到" in page
    change(community, 31)
    answer = office.post(f"{PAGE}close/", {}, follow=True)
    assert "第 2 版已结账" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"branch": "9999999"}, "请从列出的组织中选择"),
        ({"branch": "\x00"}, "请从列出的组织中选择"),
        ({"until": "明天"}, "日期没有看懂"),
        ({"until": ""}, "请写明开到哪一天"),
        ({"reason": " "}, "请写明为什么要重新开账"),
    ],
)
def test_what_makes_no_sense_is_refused_on_the_page(
    office, closed, street, until, fields, sentence
):
    sent = {"reason": "漏报", "branch": street.pk, "until": until.isoformat()}

    answer = office.post(f"{PAGE}reopen/", sent | fields, follow=True)

    assert sentence in answer.content.decode()
    assert state(closed).status == "closed"


def test_the_villages_page_says_so(client, for_street, street, village_clerk):
    client.force_login(village_clerk)

    page = client.get(PAGE).content.decode()

    assert "部分开账（第 1 版" in page
    assert f'action="{reverse("rollups:month_close", args=[str(LAST)])}"' not in page


def test_an_open_part_is_not_called_a_revision(office, for_street):
    answer = office.get(f"/rollups/monthly.csv?from={LAST}&to={LAST}")

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[10] == "open"


def test_the_command_opens_it_for_one(closed, street, community, until, capsys):
    call_command(
        "reopen_month", str(closed), reason="漏报", branch=street.code, until=until
    )

    assert f"只对明水街道妇联，到 {until}" in capsys.readouterr().out
    change(community, 31)
    with pytest.raises(CommandError, match="要一起写"):
        call_command("reopen_month", str(closed), reason="漏报", branch=street.code)
    with pytest.raises(CommandError, match="没有编码为 1 的组织"):
        call_command(
            "reopen_month", str(closed), reason="漏报", branch="1", until=until
        )


def test_a_tree_is_not_changed_in_a_month_that_is_partly_open(
    for_street, community, sister_street, district_admin
):
    deed = successions.Deed(
        LAST.first_day, "区划调整", "章妇〔2026〕1 号", district_admin
    )
    with pytest.raises(ValidationError, match="结账（第 1 版）"):
        successions.transfer(deed, community, parent=sister_street)
