"""What the month's page says before a closing, each number with its list."""

from datetime import timedelta

import pytest

from activities import review
from federation.models import Mark, ReportingMonth
from federation.months import Month, local_today
from rollups import engine
from rollups.models import Submission
from tests.factories import ActivityFactory, PlanFactory, ResultFactory

LAST = Month.current().previous()
DAY = LAST.last_day - timedelta(days=3)
PAGE = f"/rollups/months/{LAST}/"


@pytest.fixture
def busy_month(community, sister_community, village_clerk, street_reviewer):
    ReportingMonth.objects.create(month=LAST.first_day)
    usual = {"branch": community, "starts_on": DAY}
    ActivityFactory(**usual, title="草稿")
    returned, waiting = (ActivityFactory(**usual, title=t) for t in ("退的", "等的"))
    for one in (returned, waiting):
        review.submit(one, village_clerk)
    review.send_back(returned, street_reviewer, "重复")
    PlanFactory(**usual, title="没补的")
    for _ in range(2):
        ResultFactory(branch=sister_community, starts_on=DAY, title="双胞胎")
    # Another month's do not come in.
    ActivityFactory(branch=community, starts_on=local_today(), title="这个月的")


def lines(page) -> dict:
    panels = dict(page.context["panels"])
    return {line.name: line for line in panels["activities/_panel_month.html"]["lines"]}


def test_each_number_leads_to_exactly_its_list(
    client, busy_month, district_admin, django_assert_max_num_queries
):
    client.force_login(district_admin)
    with django_assert_max_num_queries(30):
        page = client.get(PAGE)
    found = lines(page)
    assert {name: line.count for name, line in found.items()} == {
        "submitted": 1,
        "returned": 1,
        "draft": 1,
        "figures": 1,
        "doubts": 2,
    }
    for line in found.values():
        listed = client.get(line.address).context["cl"]
        assert listed.result_count == line.count, line.name
    assert "存疑 2 场" in page.content.decode()


def test_who_has_not_reported_stands_above_and_leads_to_the_progress(
    client, busy_month, district_admin, community, sister_community
):
    status = Submission.Status
    for branch, at in ((community, "MISSING"), (sister_community, "REPORTED")):
        Submission.objects.create(
            branch=branch, month=LAST.first_day, status=status[at]
        )
    client.force_login(district_admin)
    html = client.get(PAGE).content.decode()
    assert "应报 2，还没报 1" in html
    address = f"/rollups/progress/?month={LAST}"
    assert address in html
    assert client.get(address).status_code == 200


def test_what_is_not_counted_yet_names_its_branches(
    client, busy_month, district_admin, community
):
    client.force_login(district_admin)
    html = client.get(PAGE).content.decode()
    marks = Mark.objects.filter(month=LAST.first_day).count()
    assert f"还有 {marks} 处改动没有汇总完" in html
    assert f"branch={community.code}" in html
    engine.drain_marks()
    assert "所有改动都已汇总" in client.get(PAGE).content.decode()
