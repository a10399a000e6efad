"""What staff write through the API, and where they may not."""

import threading
import uuid
from datetime import date

import pytest
from django.db import connection

from activities.models import Activity
from tests.activities.api import LIST, api_of, detail
from tests.factories import (
    ActivityFactory,
    PlanFactory,
)


def test_a_clerk_enters_a_draft(clerk, village_clerk, typed):
    response = clerk.post(LIST, typed | {"audience": ["women", "families"]})

    assert response.status_code == 201, response.json()
    activity = Activity.objects.get()
    assert (activity.review, activity.recorded_by) == ("draft", village_clerk)
    assert activity.ends_on == date(2026, 3, 8)
    assert activity.audience == "women,families"
    assert response.json()["audience"] == ["women", "families"]


def test_the_same_form_sent_twice_makes_one_activity(clerk, typed):
    typed["client_token"] = str(uuid.uuid4())

    first = clerk.post(LIST, typed)
    second = clerk.post(LIST, typed | {"title": "又发了一次"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["title"] == "秋季健康讲座"
    assert Activity.objects.count() == 1


def test_a_token_of_somebody_else_tells_nothing(clerk, sister_community, typed):
    foreign = ActivityFactory(title="他村草稿", branch=sister_community)

    response = clerk.post(LIST, typed | {"client_token": str(foreign.client_token)})

    assert response.status_code == 400
    assert "他村草稿" not in str(response.json())


@pytest.mark.parametrize("place", ["sister_community", "street", "district"])
def test_another_branch_in_the_body_is_refused(clerk, typed, place, request):
    branch = request.getfixturevalue(place)

    response = clerk.post(LIST, typed | {"branch": branch.code})

    assert response.status_code == 400
    assert response.json() == {
        "branch": ["您的授权范围内没有这个妇联组织，请核对编码。"]
    }
    assert not Activity.objects.exists()


def test_an_activity_cannot_be_moved_to_another_branch(
    clerk, community, sister_community
):
    activity = ActivityFactory(branch=community)

    response = clerk.patch(detail(activity), {"branch": sister_community.code})

    assert response.status_code == 400
    activity.refresh_from_db()
    assert activity.branch == community


def test_states_and_owner_cannot_be_written(
    clerk, village_clerk, typed, district_admin
):
    response = clerk.post(
        LIST,
        typed
        | {
            "review": "approved",
            "approved_at": "2026-01-01T00:00:00+08:00",
            "recorded_by": district_admin.pk,
            "proposal": {"title": "x"},
            "sequence": 9,
        },
    )

    assert response.status_code == 201
    activity = Activity.objects.get()
    assert (activity.review, activity.approved_at) == ("draft", None)
    assert (activity.recorded_by, activity.proposal) == (village_clerk, None)


def test_partners_are_any_branch_or_a_name(clerk, typed, sister_community):
    response = clerk.post(
        LIST,
        typed
        | {
            "partners": [
                {"branch": sister_community.code, "role": "joint"},
                {"organisation": "区司法局", "role": "host"},
            ]
        },
    )

    assert response.status_code == 201, response.json()
    assert response.json()["partners"] == [
        {
            "branch": sister_community.code,
            "branch_name": "赵家庄社区妇联",
            "organisation": "",
            "role": "joint",
        },
        {
            "branch": None,
            "branch_name": "",
            "organisation": "区司法局",
            "role": "host",
        },
    ]


@pytest.mark.parametrize(
    "partners",
    [
        [{"role": "host"}],
        [{"organisation": "甲", "branch": "370114002001", "role": "host"}],
        [{"organisation": "甲", "role": "host"}] * 2,
    ],
)
def test_a_partner_is_one_of_both_and_once(clerk, typed, sister_community, partners):
    response = clerk.post(LIST, typed | {"partners": partners})

    assert response.status_code == 400
    assert not Activity.objects.exists()


def test_partners_of_an_approved_activity_are_the_reviewers(
    clerk, reviewer, community, village_clerk
):
    activity = PlanFactory(branch=community, recorded_by=village_clerk)
    partners = {"partners": [{"organisation": "区司法局", "role": "host"}]}

    assert clerk.patch(detail(activity), partners).status_code == 400
    assert not activity.partners.exists()
    assert reviewer.patch(detail(activity), partners).status_code == 200
    assert activity.partners.count() == 1


def test_a_change_of_an_approved_activity_waits(clerk, public, community):
    activity = PlanFactory(title="原来的题目", branch=community)

    changed = clerk.patch(detail(activity), {"title": "新题目"}).json()
    again = clerk.patch(detail(activity), {"place": "新地点"}).json()

    assert changed["title"] == "原来的题目"
    assert changed["proposal"] == {"title": "新题目"}
    assert again["proposal"] == {"title": "新题目", "place": "新地点"}
    assert public.get(detail(activity)).json()["title"] == "原来的题目"


def test_a_draft_is_deleted_and_an_approved_one_is_not(clerk, community, village_clerk):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    approved = PlanFactory(branch=community, recorded_by=village_clerk)

    assert clerk.delete(detail(draft)).status_code == 204
    assert clerk.delete(detail(approved)).status_code == 403
    assert list(Activity.objects.all()) == [approved]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_the_same_moment_make_one_activity(clerk, village_clerk, typed):
    typed["client_token"] = str(uuid.uuid4())
    ready = threading.Barrier(4)
    answers = []

    def send():
        api = api_of(village_clerk)
        ready.wait()
        answers.append(api.post(LIST, typed).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(answers) == [200, 200, 200, 201]
    assert Activity.objects.count() == 1
