"""Openings for one branch that expire, writers and corrections at the same time, on
PostgreSQL."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from activities import corrections as late_activities
from activities.models import Activity
from federation.models import MonthOpening, ReportingMonth
from federation.months import local_today
from rollups import closings, corrections
from rollups.closings import closing
from rollups.models import Correction, Revision
from tests.rollups.closings.conftest import attendance_of, held
from tests.rollups.parallel import LONG, Threads, wait_for_a_blocked_session

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("silent_bell"),
]


@pytest.fixture
def opened(month, street):
    closings.close(month, None)
    until = local_today() + timedelta(days=3)
    closings.reopen(month, None, reason="漏报", branch=street, until=until)
    return month


def expire():
    MonthOpening.objects.update(until=local_today() - timedelta(days=1))


def change(branch, people):
    with transaction.atomic():
        Activity.objects.filter(branch=branch).update(attendance_offline=people)


def test_a_writer_in_flight_when_it_expires_is_in_the_revision(
    opened, community, district
):
    written, go_on = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            held(community, attendance_offline=7)
            written.set()
            assert go_on.wait(LONG)

    threads = Threads()
    threads.start(edit)
    assert written.wait(LONG)
    expire()
    threads.start(closings.close_expired)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    revision = Revision.objects.get(number=2)
    assert attendance_of(revision, district) == 107
    with pytest.raises(ValidationError, match="结账（第 2 版）"):
        change(community, 1)


def test_a_writer_that_meets_the_closing_waits_and_is_refused(
    opened, community, held_up
):
    (counted, go_on), refusals = held_up, []
    change(community, 31)

    def edit():
        try:
            change(community, 1)
        except ValidationError as refusal:
            refusals.append(refusal.messages[0])

    threads = Threads()
    threads.start(closings.close, opened, None)
    assert counted.wait(LONG)
    threads.start(edit)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    assert len(refusals) == 1
    assert Activity.objects.get(branch=community).attendance_offline == 31


def test_two_closings_of_what_expired_make_one_revision(opened, community):
    change(community, 31)
    expire()

    threads = Threads()
    for _ in range(2):
        threads.start(closings.close_expired)
    threads.wait()

    assert Revision.objects.count() == 2
    assert list(closings.verify()) == []


@pytest.fixture
def late(month, community, programme, village_clerk, street_reviewer, district_admin):
    """A lecture that was missed, approved, and waits."""
    closings.close(month, None)
    typed = Activity(
        title="漏报的讲座",
        branch=community,
        programme=programme,
        starts_on=month.first_day,
        ends_on=month.first_day,
        happening="held",
        attendance_offline=12,
    )
    row = corrections.keep(
        late_activities.proposed(typed, []),
        village_clerk,
        reason="漏报",
        token=typed.client_token,
    )
    corrections.approve(row, street_reviewer)
    corrections.approve(row, district_admin)
    return row


def test_it_is_entered_once_however_many_enter_it(late, month):
    closing._reopen(month, None, "漏报")

    threads = Threads()
    for _ in range(3):
        threads.start(corrections.enter_waiting, month)
    threads.wait()

    late.refresh_from_db()
    assert late.state == Correction.State.ENTERED
    assert Activity.objects.filter(title="漏报的讲座").count() == 1
    assert late.steps.filter(verb="entered").count() == 1


def test_an_entering_that_meets_the_closing_is_in_it_or_goes_on_waiting(
    late, month, district, held_up
):
    closing._reopen(month, None, "漏报")
    counted, go_on = held_up
    threads = Threads()
    threads.start(closings.close, month, None)
    assert counted.wait(LONG)
    threads.start(corrections.enter_waiting, month)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    late.refresh_from_db()
    assert (late.state, late.problem, late.revision) == ("approved", "", None)
    assert not Activity.objects.filter(title="漏报的讲座").exists()
    state = ReportingMonth.objects.get(month=month.first_day)
    assert (state.status, state.revision) == ("closed", 2)


def test_the_same_form_at_the_same_moment_is_one_correction(
    month, community, programme, village_clerk
):
    closings.close(month, None)
    typed = Activity(
        title="漏报的讲座",
        branch=community,
        programme=programme,
        starts_on=month.first_day,
        ends_on=month.first_day,
    )
    proposal, kept = late_activities.proposed(typed, []), []

    def keep():
        kept.append(
            corrections.keep(
                proposal, village_clerk, reason="漏报", token=typed.client_token
            )
        )

    threads = Threads()
    for _ in range(4):
        threads.start(keep)
    threads.wait()

    assert len(set(kept)) == 1
    assert Correction.objects.get().steps.count() == 1
