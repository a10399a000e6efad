"""`/api/v1/submissions/` and `/api/v1/months/`."""

import pytest

from federation.models import ReportingMonth
from rollups import closings, submissions
from rollups.models import Submission
from tests.rollups.submissions.conftest import held

SUBMISSIONS = "/api/v1/submissions/"
MONTHS = "/api/v1/months/"


@pytest.fixture
def read(client, october, district_admin):
    """Return what the API answers somebody, the district by default."""

    def ask(address, user=district_admin, status=200, **query):
        client.force_login(user)
        answer = client.get(address, query)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    return ask


def names(page):
    return [row["branch"] for row in page["results"]]


def test_a_submission_says_what_became_of_it(
    read, submission, village_clerk, street_reviewer
):
    submissions.report_zero(submission, village_clerk)
    late = submissions.send_back(submission, street_reviewer, "少报一场").is_late

    (row,) = read(SUBMISSIONS, branch="370114001001")["results"]

    assert row.pop("reported_at").startswith("20")
    assert row.pop("confirmed_at").startswith("20")
    assert row == {
        "month": "2026-10",
        "branch_code": "370114001001",
        "branch": "明一社区妇联",
        "level": "village",
        "status": "returned",
        "late": late,
        "changed": False,
        "sessions": 0,
        "attendance": 0,
        "reason": "少报一场",
    }


def test_submissions_stand_in_the_trees_order(read):
    assert names(read(SUBMISSIONS)) == [
        "明水街道妇联",
        "明一社区妇联",
        "明二社区妇联",
        "双山街道妇联",
        "赵家庄社区妇联",
    ]


def test_everybody_reads_her_own(read, street_reviewer, village_clerk):
    assert len(read(SUBMISSIONS, street_reviewer)["results"]) == 3
    assert names(read(SUBMISSIONS, village_clerk)) == ["明一社区妇联"]
    read(SUBMISSIONS, village_clerk, status=404, branch="370114002001")
    read(SUBMISSIONS, village_clerk, status=404, branch="999")


def test_submissions_are_narrowed(read, submission):
    Submission.objects.filter(pk=submission.pk).update(status="returned", is_late=True)
    found = ["明一社区妇联"]

    assert names(read(SUBMISSIONS, late="true")) == found
    assert read(SUBMISSIONS, month="2026-09")["results"] == []
    assert len(read(SUBMISSIONS, branch="370114001")["results"]) == 3


def test_the_status_is_one_of_four(client, read, submission, district_admin):
    Submission.objects.filter(pk=submission.pk).update(status="returned")
    client.force_login(district_admin)

    answer = client.get(SUBMISSIONS, {"status": "returned"})
    assert names(answer.json()) == ["明一社区妇联"]

    answer = client.get(SUBMISSIONS, {"status": "lost"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"status": ["没有这个状态，请核对。"]},
    )


@pytest.mark.parametrize("month", ["2026", "2026-13", "２０２６-10", "0000-01"])
def test_a_month_that_is_none_is_refused_with_a_sentence(read, month):
    assert read(SUBMISSIONS, status=400, month=month) == {
        "month": ["月份请写成 2026-10 的样子。"]
    }


@pytest.mark.parametrize("sent", ["2026-10\x00", "2" * 4000])
def test_whatever_is_sent_is_no_error(read, sent):
    read(SUBMISSIONS, status=400, month=sent)
    read(SUBMISSIONS, status=400, branch=sent)


def test_nobody_reads_without_a_login(client, october):
    assert client.get(SUBMISSIONS).status_code == 401
    assert client.get(MONTHS).status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(client, read, district_admin, method):
    client.force_login(district_admin)
    for address in (SUBMISSIONS, MONTHS, f"{MONTHS}2026-10/"):
        assert getattr(client, method)(address).status_code in (403, 405)


def test_a_month_says_at_which_revision_it_stands(
    read, october, community, district_admin
):
    held(community)
    revision = closings.close(october, district_admin, "")

    row = read(f"{MONTHS}2026-10/")

    assert row.pop("closed_at").startswith("20")
    assert row == {
        "month": "2026-10",
        "status": "closed",
        "revision": 1,
        "due_at": "2026-11-05T18:00:00+08:00",
        "head": revision.sha256,
    }


def test_an_open_month_has_no_hash(read):
    (row,) = read(MONTHS)["results"]

    assert row == read(f"{MONTHS}2026-10/")
    assert (row["status"], row["revision"], row["head"]) == ("open", 0, None)


@pytest.mark.parametrize("month", ["2026-09", "2026-13", "0000-00"])
def test_a_month_there_is_not_is_not_found(read, month):
    read(f"{MONTHS}{month}/", status=404)


def test_months_and_submissions_take_the_same_few_queries(
    read, client, october, django_assert_max_num_queries
):
    ReportingMonth.objects.bulk_create(
        [ReportingMonth(month=f"2025-{number:02}-01") for number in range(1, 13)]
    )
    read(MONTHS)
    with django_assert_max_num_queries(6):
        client.get(MONTHS)
    with django_assert_max_num_queries(6):
        client.get(SUBMISSIONS)
