"""Submit, approve, return and withdraw through the API."""

from activities import review
from activities.models import Activity, ReviewRound
from tests.activities.api import LIST, api_of, detail
from tests.factories import (
    ActivityFactory,
    PlanFactory,
)


def test_submit_and_approve_lead_to_the_public(clerk, reviewer, public, typed):
    number = clerk.post(LIST, typed).json()["id"]
    address = f"{LIST}{number}/"

    assert clerk.post(f"{address}submit/").json()["review"] == "submitted"
    assert public.get(address).status_code == 404
    assert clerk.post(f"{address}approve/").status_code == 403
    approved = reviewer.post(f"{address}approve/")

    assert approved.status_code == 200, approved.json()
    assert approved.json()["review"] == "approved"
    assert public.get(address).json()["title"] == "秋季健康讲座"
    assert reviewer.post(f"{address}approve/").status_code == 400


def test_nobody_approves_her_own_entry(reviewer, typed):
    number = reviewer.post(LIST, typed).json()["id"]
    reviewer.post(f"{LIST}{number}/submit/")

    response = reviewer.post(f"{LIST}{number}/approve/")

    assert response.status_code == 400
    assert "另一位审核员" in str(response.json())
    assert not Activity.objects.get().approved_at


def test_a_returned_activity_says_why(clerk, reviewer, community, village_clerk):
    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)

    assert reviewer.post(detail(activity, "return"), {}).status_code == 400
    reviewer.post(detail(activity, "return"), {"reason": "人次有误"})

    row = clerk.get(detail(activity)).json()
    assert (row["review"], row["returned_reason"]) == ("returned", "人次有误")


def test_an_approved_activity_is_withdrawn_by_a_reviewer(
    clerk, reviewer, public, community
):
    activity = PlanFactory(branch=community)

    assert clerk.post(detail(activity, "withdraw")).status_code == 403
    assert reviewer.post(detail(activity, "withdraw")).status_code == 200
    assert public.get(detail(activity)).status_code == 404


def test_no_verb_reaches_a_foreign_activity(sister_reviewer, community, village_clerk):
    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)
    sister = api_of(sister_reviewer)

    for verb in ("submit", "approve", "return", "withdraw"):
        response = sister.post(detail(activity, verb), {"reason": "重复"})
        assert response.status_code == 404, verb
    assert ReviewRound.objects.get().decision == "pending"
