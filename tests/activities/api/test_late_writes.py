"""A write into a closed month is refused with the sentence and the way to keep it."""

import uuid

import pytest

from activities.models import Activity
from federation.models import ReportingMonth
from federation.months import Month
from rollups import closings, engine
from rollups.models import Correction
from tests.activities.api import LIST, detail
from tests.factories import ResultFactory

MARCH = Month(2026, 3)
REASON = "当时漏报，签到表 32 人"


@pytest.fixture
def result(community, village_clerk, programme):
    return ResultFactory(
        branch=community, recorded_by=village_clerk, programme=programme
    )


@pytest.fixture
def closed(result):
    engine.drain_marks()
    closings.close(MARCH, None)
    return ReportingMonth.objects.get(month=MARCH.first_day)


def test_the_refusal_says_how_to_keep_it(clerk, typed, closed):
    answer = clerk.post(LIST, typed)

    assert answer.status_code == 400
    [sentence] = answer.json()["non_field_errors"]
    assert sentence == closed.refusal
    assert "加上 correction_reason" in answer.json()["correction"][0]


def test_with_a_reason_it_is_kept(clerk, typed, closed, village_clerk):
    sent = typed | {
        "client_token": str(uuid.uuid4()),
        "correction_reason": REASON,
        "happening": "held",
        "attendance_offline": 32,
        "partners": [{"organisation": "司法所", "role": "host"}],
    }

    first, second = clerk.post(LIST, sent), clerk.post(LIST, sent)

    assert (first.status_code, second.status_code) == (202, 202)
    late = Correction.objects.get()
    assert first.json() == second.json()
    assert first.json()["url"].endswith(late.get_absolute_url())
    assert (late.author, late.act, late.state) == (village_clerk, "add", "street")
    assert late.values["attendance_offline"] == 32
    assert late.values["partners"][0]["organisation"] == "司法所"
    assert Activity.objects.count() == 1


def test_a_change_is_kept_as_a_correction(clerk, closed, result):
    sent = {"attendance_offline": 33, "correction_reason": REASON}

    answer = clerk.patch(detail(result), sent)

    assert answer.status_code == 202
    late = Correction.objects.get()
    assert (late.act, late.object_id) == ("change", result.pk)
    assert (late.before["attendance_offline"], late.values["attendance_offline"]) == (
        30,
        33,
    )


@pytest.mark.parametrize("reason", ["", " ", "一" * 201, ["x"], {"a": 1}, "漏\x00报"])
def test_a_reason_that_is_none_is_refused(clerk, typed, closed, reason):
    answer = clerk.post(LIST, typed | {"correction_reason": reason})

    assert answer.status_code == 400
    assert not Correction.objects.exists()


def test_other_faults_are_refused_as_ever(clerk, typed, closed):
    answer = clerk.post(LIST, typed | {"correction_reason": REASON, "title": ""})

    assert answer.status_code == 400
    assert "title" in answer.json()


def test_an_open_month_is_written(clerk, typed, result):
    answer = clerk.post(LIST, typed | {"correction_reason": REASON})

    assert answer.status_code == 201
    assert not Correction.objects.exists()


def test_a_foreign_branch_is_not_there(clerk, typed, closed, sister_community):
    sent = typed | {"branch": sister_community.code, "correction_reason": REASON}

    assert clerk.post(LIST, sent).status_code == 400
    assert not Correction.objects.exists()
