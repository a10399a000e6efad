"""Below the figures that changed stand the records that changed them, from the log."""

from datetime import timedelta
from functools import partial

import pytest
from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from activities import corrections as late_activities
from activities.models import Activity
from rollups import closings, corrections
from rollups.closings import closing, tracing
from rollups.models import Revision
from tests.factories import PostFactory
from tests.rollups.closings.conftest import LAST, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, district_admin):
    client.force_login(district_admin)
    return client


@pytest.fixture
def closed(month, district_admin, monkeypatch):
    """Closed a day ago: closings are dated to the second, and what is written in that
    second belongs to none of the two sides."""
    keep, yesterday = closing.keep, timezone.now() - DAY
    with monkeypatch.context() as patched:
        patched.setattr(closing, "keep", partial(keep, closed_at=yesterday))
        closings.close(month, district_admin)
    LogEntry.objects.update(timestamp=yesterday - DAY)
    return month


DAY = timedelta(days=1)


def lines(month) -> dict[str, tracing.Line]:
    older = Revision.objects.get(month=month.first_day, number=1)
    newer = Revision.objects.get(month=month.first_day, number=2)
    return {line.title: line for line in tracing.lines(older, newer)}


def test_who_changed_what_is_told_once_for_each_record(
    closed, community, second_community, village_clerk, district_admin
):
    closings.reopen(closed, district_admin, reason="人次有误")
    activity = Activity.objects.get(branch=community)
    with set_actor(village_clerk):
        for people in (31, 35):
            activity.attendance_offline = people
            activity.save()
        Activity.objects.filter(pk=activity.pk).update(title="反家暴法宣讲会")
    closings.close(closed, district_admin)

    [line] = lines(closed).values()

    assert (line.title, line.verb) == ("反家暴法宣讲会", "修改")
    assert line.who == [str(village_clerk)]
    told = {one.label: (one.old, one.new) for one in line.told}
    assert told["线下人次"] == ("30", "35")
    assert told["活动名称"][1] == "反家暴法宣讲会"
    assert line.address == reverse(
        "admin:activities_activity_change", args=[activity.pk]
    )


def test_new_moved_and_deleted_ones_are_told(
    closed, community, second_community, sister_community, district_admin
):
    closings.reopen(closed, district_admin, reason="人次有误")
    held(community, title="新的", attendance_offline=4)
    Activity.objects.filter(branch=second_community).update(
        title="挪走的", starts_on=LAST.next_first_day, ends_on=LAST.next_first_day
    )
    Activity.objects.filter(branch=sister_community).delete()
    closings.close(closed, district_admin)

    found = lines(closed)

    assert {title: line.verb for title, line in found.items()} == {
        "新的": "登记",
        "挪走的": "修改",
        "反家庭暴力法宣讲": "删除",
    }
    assert found["反家庭暴力法宣讲"].address == ""


def test_other_months_and_other_times_are_not(
    closed, community, second_community, district_admin
):
    held(second_community, month=LAST.previous(), title="别的月")
    closings.reopen(closed, district_admin, reason="人次有误")
    Activity.objects.filter(branch=community).update(attendance_offline=31)
    Activity.objects.filter(title="别的月").update(attendance_offline=31)
    newer = closings.close(closed, district_admin)
    closings.reopen(closed, district_admin, reason="又有误")
    Activity.objects.filter(branch=community).update(attendance_offline=32)
    newest = LogEntry.objects.order_by("pk").last()
    LogEntry.objects.filter(pk=newest.pk).update(timestamp=newer.closed_at + DAY)

    [line] = lines(closed).values()

    assert [(one.old, one.new) for one in line.told] == [("30", "31")]


def test_posts_entered_late_are_told(closed, community, district_admin):
    post = PostFactory(member__branch=community, member__name="张桂英")
    entry = LogEntry.objects.get_for_object(post)
    entry.update(timestamp=Revision.objects.get().closed_at + timedelta(minutes=5))
    closings.reopen(closed, district_admin, reason="补录任职")
    newer = closings.close(closed, district_admin)
    older = Revision.objects.get(number=1)
    newer.closed_at += timedelta(hours=1)  # as if it was closed later

    [line] = tracing.lines(older, newer)

    assert line.title.startswith("张桂英")
    assert line.verb == "登记"


def test_an_entered_correction_brings_its_reason(
    closed, community, programme, village_clerk, street_reviewer, district_admin, office
):
    typed = Activity(
        title="漏报的讲座",
        branch=community,
        programme=programme,
        starts_on=LAST.first_day,
        ends_on=LAST.first_day,
        happening="held",
        attendance_offline=12,
    )
    row = corrections.keep(
        late_activities.proposed(typed, []),
        village_clerk,
        reason="签到表找到了",
        token=typed.client_token,
    )
    corrections.approve(row, street_reviewer)
    corrections.approve(row, district_admin)
    closings.reopen(closed, district_admin, reason="补录")
    closings.close(closed, district_admin)

    page = office.get(f"/rollups/revisions/{LAST}/2/").content.decode()

    for words in (
        "改动了哪些记录",
        "漏报的讲座",
        "签到表找到了",
        row.get_absolute_url(),
    ):
        assert words in page


def test_the_page_costs_nine_queries_and_one_for_each_kind_of_record(
    closed, community, district_admin, office, django_assert_max_num_queries
):
    closings.reopen(closed, district_admin, reason="人次有误")
    for number in range(20):
        held(community, title=f"补的 {number}")
        post = PostFactory(member__branch=community)
    Activity.objects.filter(title="补的 3").update(attendance_offline=7)
    closings.close(closed, district_admin)
    address = f"/rollups/revisions/{LAST}/2/"
    office.get(address)

    with django_assert_max_num_queries(9 + len({"活动", "任职"})):
        page = office.get(address).content.decode()

    assert "补的 19" in page
    assert str(post) in page


def test_the_first_revision_has_no_such_list(closed, office):
    page = office.get(f"/rollups/revisions/{LAST}/1/").content.decode()

    assert "改动了哪些记录" not in page


@pytest.mark.parametrize("number", [0, 3, 10**30])
def test_a_revision_there_is_not_is_not_found(closed, office, number):
    assert office.get(f"/rollups/revisions/{LAST}/{number}/").status_code == 404


def test_the_month_page_says_which_facts_came_late(
    closed, community, office, client, village_clerk
):
    address = f"/rollups/months/{LAST}/"
    PostFactory(member__branch=community)
    PostFactory(member__branch=community, started_on=LAST.next_first_day)
    later = Revision.objects.get().closed_at + timedelta(minutes=5)
    LogEntry.objects.filter(content_type__model="post").update(timestamp=later)

    assert "结账以后有 1 条任职登记或改动" in office.get(address).content.decode()
    client.force_login(village_clerk)  # the number is the district's
    assert "任职登记" not in client.get(address).content.decode()
