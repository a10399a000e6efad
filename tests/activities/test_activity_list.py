"""The list of the staff: what is shown, filtered, and done with several at once."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities import review
from activities.models import Activity, ActivityPartner
from federation.models import ReportingMonth
from federation.months import local_today
from tests.activities.entry import LIST, sentences
from tests.factories import ActivityFactory, PlanFactory, ProgrammeFactory

Review = Activity.Review
DAY = timedelta(days=1)
JOINED = f"{LIST}joined/"


@pytest.fixture
def reviewer(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def submitted(branch, clerk, **values):
    activity = ActivityFactory(branch=branch, recorded_by=clerk, **values)
    review.submit(activity, clerk)
    return activity


def titles(client, query=""):
    return {a.title for a in client.get(f"{LIST}{query}").context["cl"].result_list}


def do(client, action, *activities, **fields):
    fields |= {"action": action, "_selected_action": [a.pk for a in activities]}
    return client.post(LIST, fields, follow=True)


def test_she_sees_her_own_subtree(client, community, sister_community, village_clerk):
    ActivityFactory(branch=community, title="本村的")
    ActivityFactory(branch=sister_community, title="别村的")
    client.force_login(village_clerk)
    assert titles(client) == {"本村的"}


def test_filters(reviewer, street, community, second_community, programme):
    day = local_today() - timedelta(days=2)
    law = ProgrammeFactory(slug="law", name="法进万家")
    ActivityFactory(branch=community, title="一", programme=law)
    PlanFactory(branch=second_community, title="二", starts_on=day)
    ActivityFactory(branch=street, title="三", review=Review.RETURNED)
    assert titles(reviewer, "?programme=law") == {"一"}
    assert titles(reviewer, f"?place={second_community.code}") == {"二"}
    assert titles(reviewer, "?todo=figures") == {"二"}
    assert titles(reviewer, "?mine=1") == {"三"}
    assert titles(reviewer, "?review__exact=returned") == {"三"}
    assert titles(reviewer, "?q=一") == {"一"}
    assert titles(reviewer, "?place=no-such-code") == set()


def test_filters_offer_no_other_streets_branches(
    reviewer, street, community, sister_street, sister_community
):
    page = reviewer.get(LIST).content.decode()
    assert community.name in page
    assert sister_street.name not in page
    assert sister_community.name not in page


def test_the_list_costs_the_same_with_many_as_with_few(reviewer, community, programme):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            reviewer.get(LIST)
        return len(captured)

    for day in (1, 2):
        ActivityFactory(branch=community, starts_on=date(2026, 3, day))
    few = queries()
    for day in range(3, 28):
        ActivityFactory(branch=community, starts_on=date(2026, 3, day))
    assert queries() == few
    assert few <= 16


# Several at once


def test_several_are_approved_and_each_refusal_is_told(
    reviewer, community, street, village_clerk, street_reviewer
):
    good = submitted(community, village_clerk, starts_on=local_today())
    own = submitted(street, street_reviewer, title="自己录的")
    idle = ActivityFactory(branch=community, title="还是草稿")
    answer = do(reviewer, "approve_selected", good, own, idle)
    assert set(sentences(answer)) == {
        "已通过 1 条活动。",
        "未办理《自己录的》：自己提交的活动要由另一位审核员审核。",
        "未办理《还是草稿》：这条活动没有待审的内容，可能已由别人处理。",
    }
    assert list(Activity.objects.public()) == [good]


def test_several_are_submitted(client, community, village_clerk):
    first, second = (ActivityFactory(branch=community) for _ in range(2))
    client.force_login(village_clerk)
    answer = do(client, "submit_selected", first, second)
    assert sentences(answer) == ["已提交 2 条活动。"]
    assert Activity.objects.awaiting_review().count() == 2


def test_several_are_returned_with_one_reason(reviewer, community, village_clerk):
    first = submitted(community, village_clerk)
    second = submitted(community, village_clerk, starts_on=date(2026, 3, 9))
    asked = do(reviewer, "return_selected", first, second)
    assert "退回以下 2 条" in asked.content.decode()
    missing = do(reviewer, "return_selected", first, second, _return="", reason=" ")
    assert "请写明退回的理由" in missing.content.decode()
    assert Activity.objects.awaiting_review().count() == 2
    answer = do(
        reviewer, "return_selected", first, second, _return="", reasons=["照片不清"]
    )
    assert sentences(answer) == ["已退回 2 条活动。"]
    assert {a.rounds.get().reason for a in (first, second)} == {"照片不清"}


def test_a_closed_month_refuses_one_and_not_the_others(
    reviewer, community, village_clerk
):
    closed = submitted(community, village_clerk, title="三月的")
    open_one = submitted(community, village_clerk, starts_on=date(2026, 4, 1))
    ReportingMonth.objects.create(month=date(2026, 3, 1), status="closed", revision=1)
    answer = do(reviewer, "approve_selected", closed, open_one, doubts="approve")
    assert sentences(answer)[0] == "已通过 1 条活动。"
    assert sentences(answer)[1].startswith("未办理《三月的》：2026 年 3 月已结账")


def test_what_looks_wrong_among_several_is_asked_about_once(
    reviewer, community, village_clerk
):
    today = local_today()
    good = submitted(community, village_clerk, title="没问题的", starts_on=today)
    twins = [
        submitted(community, village_clerk, title="双胞胎", starts_on=today)
        for _ in range(2)
    ]
    # Doubtful too, and nobody's to approve: not asked about.
    ActivityFactory(branch=community, title="双胞胎", starts_on=today)
    asked = do(reviewer, "approve_selected", good, *twins)
    page = asked.content.decode()
    assert "所选的里面有 2 条看着不对" in page
    assert "存疑·重复填报" in page
    assert "没问题的" not in page
    assert Activity.objects.awaiting_review().count() == 3

    left = do(reviewer, "approve_selected", good, *twins, doubts="leave")
    assert set(sentences(left)) == {
        "2 条存疑的没有通过，还在待审里。",
        "已通过 1 条活动。",
    }
    assert set(Activity.objects.awaiting_review()) == set(twins)

    done = do(reviewer, "approve_selected", *twins, doubts="approve")
    assert sentences(done) == ["已通过 2 条活动。"]


def test_what_looks_wrong_is_asked_about_with_the_whole_list(
    reviewer, community, village_clerk
):
    for _ in range(3):
        submitted(community, village_clerk, starts_on=local_today())
    first = Activity.objects.first()
    asked = do(reviewer, "approve_selected", first, select_across="1")
    page = asked.content.decode()
    assert "有 3 条看着不对" in page
    assert 'name="select_across" value="1"' in page
    sent = {"select_across": "1", "doubts": "approve"}
    assert sentences(do(reviewer, "approve_selected", first, **sent)) == [
        "已通过 3 条活动。"
    ]


def test_doubts_and_entries_on_behalf_stand_on_their_lines(
    reviewer, community, street_reviewer
):
    today = local_today()
    ActivityFactory(branch=community, title="普通的", starts_on=today)
    ActivityFactory(branch=community, title="久远的", starts_on=today - 70 * DAY)
    ActivityFactory(
        branch=community, title="替录的", starts_on=today, is_on_behalf=True
    )
    page = reviewer.get(LIST).content.decode()
    assert page.count("存疑·日期久远") == 1
    assert page.count(">代填</span>") == 1
    assert titles(reviewer, "?todo=doubts") == {"久远的"}


def test_doubts_of_years_ago_are_listed_when_asked_for_their_month(reviewer, community):
    ActivityFactory(branch=community, title="三年前的", starts_on=date(2023, 5, 5))
    assert titles(reviewer, "?todo=doubts") == set()
    month = "starts_on__gte=2023-05-01&starts_on__lt=2023-06-01"
    assert titles(reviewer, f"?todo=doubts&{month}") == {"三年前的"}


def test_the_actions_are_offered_to_whoever_may(
    client, community, village_clerk, street_reviewer, auditor
):
    ActivityFactory(branch=community)
    offered = {}
    for user in (village_clerk, street_reviewer, auditor):
        client.force_login(user)
        form = client.get(LIST).context["action_form"]
        choices = form.fields["action"].choices if form else []
        offered[user.username] = {name for name, _ in choices if name}
    assert offered == {
        "village_clerk": {"submit_selected"},
        "street_reviewer": {"submit_selected", "approve_selected", "return_selected"},
        "auditor": set(),
    }


def test_an_action_sent_by_hand_reaches_only_her_own(
    client, sister_reviewer, village_clerk, community
):
    foreign = submitted(community, village_clerk)
    client.force_login(sister_reviewer)
    do(client, "approve_selected", foreign)
    foreign.refresh_from_db()
    assert foreign.review == Review.SUBMITTED
    client.force_login(village_clerk)
    do(client, "approve_selected", foreign)
    foreign.refresh_from_db()
    assert foreign.review == Review.SUBMITTED


# 参与联办


def joined(client):
    return [activity.title for activity in client.get(JOINED).context["lines"]]


def test_a_partner_sees_it_apart(
    client, community, sister_community, sister_reviewer, village_clerk
):
    hosted = PlanFactory(branch=community, title="联办的")
    draft = ActivityFactory(branch=community, title="草稿")
    for activity in (hosted, draft):
        ActivityPartner.objects.create(
            activity=activity, branch=sister_community, role="joint"
        )
    client.force_login(sister_reviewer)
    page = client.get(JOINED).content.decode()
    assert joined(client) == ["联办的"]
    assert "联办：赵家庄社区妇联" in page
    assert "主办：明一社区妇联（明水街道）" in page
    # It is not hers: not in her list, not to be opened, not to be counted.
    assert titles(client) == set()
    client.force_login(village_clerk)
    assert joined(client) == []


def test_partners_within_ones_own_street_are_no_news(
    reviewer, community, second_community
):
    hosted = PlanFactory(branch=community)
    ActivityPartner.objects.create(
        activity=hosted, branch=second_community, role="joint"
    )
    assert joined(reviewer) == []


def test_joined_once_however_many_of_hers_take_part(
    reviewer, community, second_community, sister_community
):
    hosted = PlanFactory(branch=sister_community, title="大联办")
    for branch in (community, second_community):
        ActivityPartner.objects.create(activity=hosted, branch=branch, role="joint")
    assert joined(reviewer) == ["大联办"]
