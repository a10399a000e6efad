"""The reviewer's queue: one entry, a decision, the next, the oldest first."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities import review
from activities.models import Activity, ReviewRound
from federation.months import local_today
from tests.activities.entry import LIST, sentences
from tests.factories import ActivityFactory, PhotoFactory, PlanFactory

QUEUE = f"{LIST}queue/"
TODAY = local_today()


def decide(activity) -> str:
    return f"{QUEUE}{activity.pk}/"


def submitted(branch, clerk, title, days_ago=0, **values):
    activity = ActivityFactory(
        branch=branch, recorded_by=clerk, title=title, starts_on=TODAY, **values
    )
    review.submit(activity, clerk)
    rounds = ReviewRound.objects.filter(activity=activity)
    waits_since = rounds.get().submitted_at - timedelta(days=days_ago)
    rounds.update(submitted_at=waits_since)
    return activity


@pytest.fixture
def three(community, village_clerk):
    """Three that wait; the day they are held on is not what orders them."""
    return [
        submitted(community, village_clerk, "第一条", 9, place="一号楼"),
        submitted(community, village_clerk, "第二条", 5),
        submitted(community, village_clerk, "第三条", 1),
    ]


def shown(response) -> str:
    found = response.context["round"]
    return found.activity.title if found else ""


def test_the_one_that_waited_longest_comes_first(reviewer, three):
    page = reviewer.get(QUEUE)
    assert shown(page) == "第一条"
    html = page.content.decode()
    assert "还有 2 条" in html
    assert "一号楼" in html
    for reason in review.RETURN_REASONS:
        assert f'value="{reason}"' in html


def test_after_a_decision_comes_the_next(reviewer, three, street_reviewer):
    first, second, third = three
    answer = reviewer.post(
        decide(first), {"_approve": "", "seen": review.seen_mark(first)}, follow=True
    )
    assert sentences(answer) == ["已通过《第一条》。"]
    assert shown(answer) == "第二条"
    answer = reviewer.post(
        decide(second),
        {
            "_return": "",
            "reasons": ["人次有误", "照片不清"],
            "reason": "第二张看不清",
            "seen": review.seen_mark(second),
        },
        follow=True,
    )
    assert shown(answer) == "第三条"
    assert "最后一条" in answer.content.decode()
    assert first.rounds.get().reviewer == street_reviewer
    assert second.rounds.get().reason == "人次有误；照片不清；第二张看不清"
    answer = reviewer.post(
        decide(third), {"_approve": "", "seen": review.seen_mark(third)}, follow=True
    )
    assert "没有等您审核的活动了" in answer.content.decode()


def test_one_is_left_aside_and_found_again(reviewer, three):
    first, second, third = three
    assert shown(reviewer.get(f"{QUEUE}?after={first.pk}")) == "第二条"
    page = reviewer.get(f"{QUEUE}?after={third.pk}")
    assert shown(page) == ""
    assert "前面先放下的还有 3 条" in page.content.decode()


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 40, "123456"])
def test_an_address_typed_by_hand_shows_the_first(reviewer, three, after):
    assert shown(reviewer.get(QUEUE, {"after": after})) == "第一条"


def test_a_return_without_a_reason_is_asked_for_one(reviewer, three):
    first = three[0]
    seen = review.seen_mark(first)
    answer = reviewer.post(decide(first), {"_return": "", "reason": " ", "seen": seen})
    assert shown(answer) == "第一条"
    html = answer.content.decode()
    assert "请写明退回的理由" in html
    assert '<details class="entry-return" open>' in html
    assert first.rounds.get().decision == "pending"


def test_what_was_typed_stays_when_it_changed_meanwhile(reviewer, three, village_clerk):
    first = three[0]
    seen = review.seen_mark(first)
    review.submit(_edited(first, village_clerk, title="改过的"), village_clerk)
    fields = {"_return": "", "reasons": ["重复"], "reason": "和上周的", "seen": seen}
    answer = reviewer.post(decide(first), fields)
    html = answer.content.decode()
    assert review.MOVED_ON in html
    assert "改过的" in html
    assert 'value="和上周的"' in html
    assert 'value="重复" checked' in html


def _edited(activity, user, **values):
    edited = Activity.objects.get(pk=activity.pk)
    for name, value in values.items():
        setattr(edited, name, value)
    return review.save(edited, user)


def test_one_that_another_decided_leads_on(reviewer, three, second_reviewer):
    first = three[0]
    review.approve(first, second_reviewer)
    answer = reviewer.get(decide(first), follow=True)
    assert sentences(answer) == ["《第一条》：已经处理过了，或者不归您审核。"]
    assert shown(answer) == "第二条"


def test_her_own_is_not_in_her_queue(reviewer, street, street_reviewer, three):
    own = submitted(street, street_reviewer, "自己录的", 20)
    assert shown(reviewer.get(QUEUE)) == "第一条"
    answer = reviewer.post(decide(own), {"_approve": "", "seen": ""}, follow=True)
    assert "自己提交的活动要由另一位审核员审核。" in sentences(answer)[0]
    assert own.rounds.get().decision == "pending"


def test_only_reviewers_and_only_their_own_street(
    client, three, village_clerk, sister_reviewer, auditor
):
    first = three[0]
    client.force_login(village_clerk)
    assert client.get(QUEUE).status_code == 403
    assert client.get(decide(first)).status_code == 403
    assert client.post(decide(first), {"_approve": ""}).status_code == 403
    client.force_login(auditor)
    assert client.get(QUEUE).status_code == 403
    client.force_login(sister_reviewer)
    assert "没有等您审核的活动了" in client.get(QUEUE).content.decode()
    assert client.get(decide(first)).status_code == 404
    assert client.post(decide(first), {"_approve": ""}).status_code == 404
    assert first.rounds.get().decision == "pending"


def test_a_change_shows_what_was_and_what_would_be(reviewer, community, village_clerk):
    plan = PlanFactory(
        branch=community, recorded_by=village_clerk, starts_on=TODAY, place="旧地方"
    )
    plan.place = "新地方"
    review.save(plan, village_clerk, submit=True)
    html = reviewer.get(QUEUE).content.decode()
    assert "<del>旧地方</del> <ins>新地方</ins>" in html
    assert "以前通过过" in html


def test_the_last_return_the_photos_and_the_doubts_stand_beside_it(
    reviewer, community, village_clerk, street_reviewer, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    entry = submitted(community, village_clerk, "退过一次的")
    review.send_back(entry, street_reviewer, "照片不清")
    review.submit(entry, village_clerk)
    PhotoFactory(activity=entry, caption="重拍的", shows_minor=True)
    ActivityFactory(branch=community, title="退过一次的", starts_on=TODAY)
    html = reviewer.get(QUEUE).content.decode()
    for words in (
        "上次退回的理由：<b>照片不清</b>",
        "重拍的",
        "没登记监护人同意",
        "存疑·重复填报",
        "第 1 轮",
    ):
        assert words in html


def test_it_says_who_entered_it_for_the_village(
    reviewer, district, community, district_admin
):
    entry = ActivityFactory.build(
        branch=community, title="代村里录的", starts_on=TODAY, programme=None
    )
    entry.programme = PlanFactory().programme
    review.save(entry, district_admin, submit=True)
    html = reviewer.get(QUEUE).content.decode()
    assert f"代填：由{district_admin}（章丘区）替明一社区录入" in html


def test_it_costs_the_same_with_many_as_with_few(
    reviewer, community, village_clerk, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path

    def more(count):
        for number in range(count):
            entry = submitted(community, village_clerk, f"第{number}条")
            PhotoFactory(activity=entry)
        with CaptureQueriesContext(connection) as queries:
            reviewer.get(QUEUE)
        return len(queries)

    few = more(2)
    assert more(12) == few
    assert few <= 14
