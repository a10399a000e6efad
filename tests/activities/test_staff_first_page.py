"""The staff's first page: what is to do, in three lines."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities import review
from activities.models import Activity
from federation.months import local_today
from federation.roles import Role
from tests.factories import (
    ActivityFactory,
    GrantFactory,
    PlanFactory,
    ResultFactory,
)

INDEX = "/admin/"


@pytest.fixture
def past():
    return local_today() - timedelta(days=3)


def lines(client, user):
    client.force_login(user)
    page = client.get(INDEX)
    panels = dict(page.context["panels"])
    panel = panels.get("activities/_panel_staff.html")
    return page, {line.name: line for line in panel["lines"]} if panel else None


def test_drafts_returned_and_overdue_ones_are_told(
    client, community, village_clerk, street_reviewer, past
):
    ActivityFactory(branch=community, recorded_by=village_clerk, title="没写完的")
    PlanFactory(branch=community, title="没补数的", starts_on=past)
    returned = ActivityFactory(branch=community, title="要改的")
    review.submit(returned, village_clerk)
    review.send_back(returned, street_reviewer, "人次有误")
    page, found = lines(client, village_clerk)
    assert {name: line.count for name, line in found.items()} == {
        "returned": 1,
        "figures": 1,
        "draft": 1,
    }
    html = page.content.decode()
    for words in ("没写完的", "没补数的", "要改的", "退回理由：人次有误", "登记活动"):
        assert words in html


def test_what_is_done_is_said_quietly(client, community, village_clerk):
    page, found = lines(client, village_clerk)
    assert {line.count for line in found.values()} == {0}
    assert page.content.decode().count("没有</span>") == 3


def test_an_overdue_plan_whose_result_was_sent_is_with_the_reviewer(
    client, community, village_clerk, street_reviewer, past
):
    plan = PlanFactory(branch=community, recorded_by=village_clerk, starts_on=past)
    plan.happening, plan.attendance_offline = Activity.Happening.HELD, 20
    review.save(plan, village_clerk, submit=True)
    _, hers = lines(client, village_clerk)
    assert hers["figures"].count == 0
    _, reviewers = lines(client, street_reviewer)
    assert reviewers["review"].count == 1


def test_a_result_that_counts_is_nobodys_task(client, community, village_clerk, past):
    ResultFactory(branch=community, recorded_by=village_clerk, starts_on=past)
    _, found = lines(client, village_clerk)
    assert {line.count for line in found.values()} == {0}


def test_a_reviewer_sees_her_queue_and_not_the_villages_drafts(
    client, community, street, village_clerk, street_reviewer, sister_community
):
    ActivityFactory(branch=community, recorded_by=village_clerk)
    ActivityFactory(branch=street, title="街道自己的草稿")
    waiting = ActivityFactory(branch=community, title="等她看的")
    review.submit(waiting, village_clerk)
    foreign = ActivityFactory(branch=sister_community, review="submitted")
    own = ActivityFactory(branch=street, recorded_by=street_reviewer)
    review.submit(own, street_reviewer)
    page, found = lines(client, street_reviewer)
    assert [activity.title for activity in found["review"].items] == ["等她看的"]
    assert found["review"].count == 1
    assert [activity.title for activity in found["draft"].items] == ["街道自己的草稿"]
    assert f"/{foreign.pk}/change/" not in page.content.decode()


def test_a_reviewer_who_is_also_a_villages_clerk_finds_its_drafts(
    client, community, street_reviewer
):
    GrantFactory(user=street_reviewer, branch=community, role=Role.CLERK)
    ActivityFactory(branch=community, title="村里的草稿")
    _, found = lines(client, street_reviewer)
    assert [activity.title for activity in found["draft"].items] == ["村里的草稿"]


def test_an_auditor_has_nothing_to_do(client, auditor):
    page, found = lines(client, auditor)
    assert found is None
    assert "登记活动" not in page.content.decode()
    assert "全部栏目" in page.content.decode()


def test_each_line_leads_to_the_very_ones_it_counts(
    client, community, street, village_clerk, street_reviewer, past
):
    for number in range(5):
        PlanFactory(branch=street, title=f"街道第{number}场", starts_on=past)
        PlanFactory(branch=community, title=f"村里第{number}场", starts_on=past)
    page, found = lines(client, street_reviewer)
    line = found["figures"]
    assert (line.count, len(line.items), line.more) == (5, 3, 2)
    assert "还有 2 条" in page.content.decode()
    listed = client.get(line.address).context["cl"]
    assert listed.result_count == 5
    assert {activity.branch for activity in listed.result_list} == {street}


def test_the_page_costs_the_same_with_many_as_with_few(
    client, community, street, street_reviewer, past
):
    def more(count):
        for _ in range(count):
            for review_state in ("submitted", "draft", "returned"):
                ActivityFactory(branch=street, review=review_state)
            PlanFactory(branch=street, starts_on=past)
        client.get(INDEX)
        with CaptureQueriesContext(connection) as queries:
            client.get(INDEX)
        return len(queries)

    client.force_login(street_reviewer)
    few = more(4)
    assert more(12) == few
    assert few <= 22
