"""Closings, writers and crashes at the same time, on PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from activities.models import Activity
from federation.models import ReportingMonth
from rollups import closings, engine
from rollups.models import Revision, RevisionRow
from tests.rollups.closings.conftest import LAST, attendance_of, held
from tests.rollups.parallel import (
    LONG,
    Threads,
    database_url,
    wait_for_a_blocked_session,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("silent_bell"),
]


def test_two_closings_at_once_give_one_revision(month, held_up):
    (counted, go_on), refusals = held_up, []

    def close():
        try:
            closings.close(month, None)
        except ValidationError as refusal:
            refusals.append(refusal.messages[0])

    threads = Threads()
    threads.start(close)
    assert counted.wait(LONG)
    threads.start(close)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    assert Revision.objects.count() == 1
    assert [("已经结账（第 1 版）" in refusal) for refusal in refusals] == [True]
    assert list(closings.verify()) == []


def test_an_edit_in_flight_is_in_the_revision_or_refused(month, community, district):
    """The closing waits for whoever writes into the month; who comes after is told."""
    written, go_on = threading.Event(), threading.Event()

    def edit():
        with transaction.atomic():
            held(community, attendance_offline=7)
            written.set()
            assert go_on.wait(LONG)

    threads = Threads()
    threads.start(edit)
    assert written.wait(LONG)
    threads.start(closings.close, month, None)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    assert attendance_of(Revision.objects.get(), district) == 107
    with pytest.raises(ValidationError, match="结账（第 1 版）"), transaction.atomic():
        held(community, attendance_offline=1)


def test_a_writer_that_meets_a_closing_waits_and_is_refused(month, community, held_up):
    (counted, go_on), refusals = held_up, []

    def edit():
        try:
            with transaction.atomic():
                Activity.objects.filter(branch=community).update(attendance_offline=1)
        except ValidationError as refusal:
            refusals.append(refusal.messages[0])

    threads = Threads()
    threads.start(closings.close, month, None)
    assert counted.wait(LONG)
    threads.start(edit)
    wait_for_a_blocked_session()
    go_on.set()
    threads.wait()

    assert len(refusals) == 1
    assert Activity.objects.get(branch=community).attendance_offline == 30
    assert list(closings.verify()) == []


def test_two_months_closed_at_once_stand_in_one_chain(month, community):
    held(community, month=month.previous())
    engine.drain_marks()

    threads = Threads()
    for one in (month, month.previous()):
        threads.start(closings.close, one, None)
    threads.wait()

    assert Revision.objects.count() == 2
    assert list(closings.verify()) == []


CLOSE_AND_HANG = """
import time
import django
django.setup()
from federation.months import Month
from rollups import closings
from rollups.closings import closing
save = closing.ReportingMonth.save
def hang(self, *args, **kwargs):
    save(self, *args, **kwargs)
    print("written", flush=True)
    time.sleep(600)
closing.ReportingMonth.save = hang
closings.close(Month.current().previous(), None)
"""


def test_a_closing_killed_in_the_middle_leaves_none_of_it(month, district):
    closer = subprocess.Popen(
        [sys.executable, "-c", CLOSE_AND_HANG],
        env=os.environ | {"DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert closer.stdout.readline() == "written\n"
    os.kill(closer.pid, signal.SIGKILL)
    closer.wait(LONG)
    closer.stdout.close()

    # Waits until the server has noticed and taken it all back.
    revision = closings.close(month, None)

    assert revision.number == 1
    assert Revision.objects.count() == 1
    assert RevisionRow.objects.exclude(revision=revision).count() == 0
    assert ReportingMonth.objects.get(month=LAST.first_day).status == "closed"
    assert attendance_of(revision, district) == 100
