"""What the records say to a submission, after every recount."""

from datetime import UTC, datetime

import pytest
from auditlog.models import LogEntry
from hypothesis import given
from hypothesis import strategies as st

from activities import review
from activities.models import Activity
from rollups import engine, submissions
from rollups.models import Submission
from rollups.submissions.reporting import NOTHING, Figures
from rollups.submissions.settling import Word, settled
from tests.factories import ActivityFactory
from tests.rollups.submissions.conftest import held

Status = Submission.Status


def state(submission) -> tuple:
    submission.refresh_from_db()
    return submission.status, submission.has_changed


def test_an_approved_activity_reports_by_itself(submission, community):
    held(community)
    assert state(submission) == ("missing", False)

    engine.drain_marks()

    assert state(submission) == ("reported", False)
    assert submission.reported_by is None
    assert submission.sessions is None


def test_an_activity_of_another_branch_or_month_does_not(
    submission, street, second_community, community
):
    held(second_community)
    held(street)
    held(community, day=submission.month.replace(month=9))
    ActivityFactory(branch=community, starts_on=submission.month)

    engine.drain_marks()

    assert state(submission) == ("missing", False)


def test_what_is_withdrawn_again_leaves_the_month_unreported(submission, community):
    activity = held(community)
    engine.drain_marks()

    activity.delete()
    engine.drain_marks()

    assert state(submission) == ("missing", False)
    assert submission.reported_at is None


def test_the_branch_is_not_late_because_its_reviewer_is(
    submission, community, village_clerk, street_reviewer
):
    activity = held(
        community,
        review="draft",
        approved_at=None,
        result_approved_at=None,
        recorded_by=village_clerk,
    )
    handed_in = review.submit(activity, village_clerk)
    on_time = datetime(2026, 11, 5, 9, 59, tzinfo=UTC)
    type(handed_in).objects.filter(pk=handed_in.pk).update(submitted_at=on_time)
    review.approve(Activity.objects.get(pk=activity.pk), street_reviewer)

    engine.drain_marks()

    assert state(submission) == ("reported", False)
    assert submission.reported_at == on_time
    assert not submission.is_late


def test_one_approved_after_the_deadline_is_late(submission, community):
    held(community, result_approved_at=datetime(2026, 11, 5, 10, 1, tzinfo=UTC))

    engine.drain_marks()

    assert state(submission) == ("reported", False)
    assert submission.is_late


def test_an_activity_counted_later_voids_a_zero(submission, community, village_clerk):
    submissions.report_zero(submission, village_clerk)
    activity = held(community)

    engine.drain_marks()
    assert state(submission) == ("reported", True)

    activity.delete()
    engine.drain_marks()
    assert state(submission) == ("zero", False)


def test_a_change_after_the_confirmation_is_marked(
    submission, community, village_clerk
):
    activity = held(community, people=30)
    submissions.confirm(submission, village_clerk, Figures(1, 30))
    engine.drain_marks()
    assert state(submission) == ("reported", False)

    activity.attendance_offline = 31
    activity.save()
    engine.drain_marks()

    assert state(submission) == ("reported", True)
    submissions.confirm(submission, village_clerk, Figures(1, 31))
    assert state(submission) == ("reported", False)


def test_a_returned_one_waits_for_the_branchs_own_word(
    submission, community, village_clerk, street_reviewer
):
    held(community)
    engine.drain_marks()
    submissions.send_back(submission, street_reviewer, "少报一场")

    held(community)
    engine.drain_marks()

    assert state(submission) == ("returned", False)


def test_the_nightly_recount_repairs_what_a_drain_did_not(submission, community):
    held(community)
    engine.drain_marks()
    Submission.objects.filter(pk=submission.pk).update(status="missing")

    engine.reconcile_open_months()

    assert state(submission) == ("reported", False)


def test_what_the_records_did_to_it_is_in_the_log(submission, community):
    held(community)

    engine.drain_marks()
    engine.reconcile_open_months()

    [entry] = LogEntry.objects.get_for_object(submission)
    assert entry.changes["status"] == ["missing", "reported"]


def test_a_drain_that_changes_nothing_writes_nothing(
    submission, community, django_assert_max_num_queries
):
    held(community)
    engine.drain_marks()

    submissions.settle([engine.Month.of(submission.month)])
    with django_assert_max_num_queries(3):
        submissions.settle([engine.Month.of(submission.month)])


FIGURES = st.builds(Figures, st.integers(0, 3), st.integers(0, 90))
REPORTED = st.dictionaries(st.sampled_from("12"), st.sampled_from(["0.00", "3.00"]))
WORDS = st.builds(Word, FIGURES, REPORTED)


@given(
    status=st.sampled_from(Status.values),
    confirmed=st.none() | WORDS,
    now=WORDS,
    lacks=st.booleans(),
)
def test_to_settle_again_changes_nothing(status, confirmed, now, lacks):
    once = settled(status, confirmed, now, lacks=lacks)

    assert settled(once[0], confirmed, now, lacks=lacks) == once
    if once[0] == Status.ZERO:
        assert confirmed.figures == now.figures == NOTHING
        assert not {"3.00"} & {*confirmed.reported.values(), *now.reported.values()}
    if once[0] == Status.MISSING:
        assert lacks or now.figures.sessions == 0
    if once[1]:
        assert confirmed != now


@pytest.mark.parametrize("order", ["zero first", "approval first"])
def test_whatever_comes_first_no_zero_stands_beside_an_activity(
    submission, community, village_clerk, order
):
    if order == "zero first":
        submissions.report_zero(submission, village_clerk)
        held(community)
    else:
        held(community)
        with pytest.raises(Exception, match="不能报零"):
            submissions.report_zero(submission, village_clerk)

    engine.drain_marks()

    assert state(submission)[0] == "reported"
