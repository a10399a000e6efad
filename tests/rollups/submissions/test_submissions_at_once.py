"""Two taps, an approval in the second of a 零报告, a closing, on PostgreSQL: nothing is
lost, and no zero stands beside an activity."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction

from federation import locks
from federation.models import ReportingMonth
from federation.months import Month
from rollups import closings, engine, submissions
from rollups.models import Expectation, Submission
from rollups.submissions import Figures
from tests.factories import ResultFactory
from tests.rollups.parallel import Threads, wait_for_a_blocked_session

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("silent_bell"),
]

LAST = Month.current().previous()


@pytest.fixture
def submission(community):
    Expectation.objects.create(pk=Expectation.THE_ONE, since=LAST.first_day)
    engine.open_month(LAST)
    return Submission.objects.get(branch=community, month=LAST.first_day)


def hold(branch):
    return ResultFactory(branch=branch, starts_on=LAST.first_day)


def test_two_taps_report_once(submission, community, village_clerk):
    hold(community)
    threads = Threads()
    for _ in range(4):
        threads.start(submissions.confirm, submission, village_clerk, Figures(1, 30))
    threads.wait()

    assert LogEntry.objects.get_for_object(submission).count() == 1


def test_an_approval_that_commits_after_the_zero_voids_it(
    submission, community, village_clerk
):
    with transaction.atomic():
        hold(community)  # approved, not committed: the zero cannot see it
        threads = Threads()
        threads.start(submissions.report_zero, submission, village_clerk).join()
        submission.refresh_from_db()
        assert submission.status == "zero"
    threads.wait()

    engine.drain_marks()

    submission.refresh_from_db()
    assert (submission.status, submission.has_changed) == ("reported", True)


def test_a_drain_waits_for_the_zero_it_meets_and_voids_it(
    submission, community, village_clerk
):
    threads = Threads()
    with transaction.atomic():
        submissions.report_zero(submission, village_clerk)
        threads.start(hold, community).join()
        threads.start(engine.drain_marks)
        wait_for_a_blocked_session()
    threads.wait()

    submission.refresh_from_db()
    assert submission.status == "reported"
    assert submission.has_changed


def test_a_report_in_flight_is_in_before_the_closing_or_refused(
    submission, community, village_clerk, district_admin
):
    threads, refused = Threads(), []

    def report():
        try:
            submissions.report_zero(submission, village_clerk)
        except ValidationError as refusal:
            refused.append(refusal)

    with transaction.atomic():
        locks.hold_month(LAST)
        threads.start(report)
        wait_for_a_blocked_session()
        closings.close(LAST, district_admin)
    threads.wait()

    [refusal] = refused
    assert "结账" in refusal.messages[0]
    submission.refresh_from_db()
    assert submission.status == "missing"
    assert ReportingMonth.objects.get(month=LAST.first_day).status == "closed"
