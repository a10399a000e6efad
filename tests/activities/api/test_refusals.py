"""What the model refuses, the API refuses in the same words."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from activities import review
from activities.models import Activity
from federation.models import ReportingMonth
from tests.activities.api import ID_NUMBER, LIST, detail
from tests.factories import (
    ActivityFactory,
)

TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
REFUSALS = [
    (
        "title",
        {"title": f"联系人 {ID_NUMBER}"},
        "这里不能填写身份证号，请删去后再保存。",
    ),
    ("summary", {"summary": ID_NUMBER}, "这里不能填写身份证号，请删去后再保存。"),
    (
        "attendance_offline",
        {"attendance_offline": 100_001},
        "人数不能超过 10 万，请核对。",
    ),
    (
        "starts_on",
        {"starts_on": TOMORROW, "attendance_offline": 3},
        "活动日期还没到，不能填参加人次，也不能标为已举办。",
    ),
    (
        "non_field_errors",
        {"ends_on": "2026-03-07"},
        "结束日期不能早于开始日期。",
    ),
    (
        "non_field_errors",
        {"starts_at": "10:00", "ends_at": "09:00"},
        "结束时间必须晚于开始时间。",
    ),
    ("non_field_errors", {"attendance_online": -1}, "人数不能是负数，请核对。"),
]


@pytest.mark.parametrize(("field", "changes", "sentence"), REFUSALS)
def test_what_the_model_refuses_the_api_refuses_in_the_same_words(
    clerk, typed, community, programme, field, changes, sentence
):
    response = clerk.post(LIST, typed | changes)

    assert response.status_code == 400
    assert response.json() == {field: [sentence]}
    assert not Activity.objects.exists()


def test_a_closed_branch_is_refused_with_its_sentence(clerk, typed, community):
    community.closed_on = date(2026, 1, 31)
    community.save()

    response = clerk.post(LIST, typed)

    assert response.status_code == 400
    assert "尚未成立或已经撤销" in response.json()["starts_on"][0]


def test_a_closed_month_is_refused_with_its_sentence(
    clerk, typed, community, village_clerk
):
    activity = ActivityFactory(branch=community, recorded_by=village_clerk)
    closed = ReportingMonth.objects.create(
        month=date(2026, 3, 1), status="closed", revision=1, closed_at=timezone.now()
    )

    for response in (
        clerk.post(LIST, typed),
        clerk.patch(detail(activity), {"title": "改题目"}),
        clerk.patch(detail(activity), {"starts_on": "2026-04-01"}),
        clerk.delete(detail(activity)),
    ):
        assert response.status_code == 400
        assert response.json()["non_field_errors"] == [closed.refusal]


def test_an_id_number_in_a_partner_or_a_reason_is_refused(
    clerk, reviewer, typed, village_clerk, community
):
    partners = [{"organisation": f"某公司 {ID_NUMBER}", "role": "host"}]
    response = clerk.post(LIST, typed | {"partners": partners})
    assert response.status_code == 400
    assert "不能填写身份证号" in str(response.json())

    activity = ActivityFactory(branch=community)
    review.submit(activity, village_clerk)
    response = reviewer.post(detail(activity, "return"), {"reason": ID_NUMBER})
    assert response.status_code == 400
    assert "不能填写身份证号" in str(response.json())


@pytest.mark.parametrize("body", [[], "text", {"title": ["a"]}, {"client_token": 5}])
def test_nonsense_is_refused_and_breaks_nothing(clerk, body):
    assert clerk.post(LIST, body).status_code == 400
