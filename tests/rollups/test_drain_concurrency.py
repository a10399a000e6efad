"""Many writers and many drains at once, on PostgreSQL: nothing lost, nothing counted
twice, no deadlock."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from random import Random

import pytest
from django.conf import settings
from django.db import connection, transaction

from activities.models import Activity
from federation import locks, successions
from federation.models import Mark, ReportingMonth
from federation.months import Month, local_today
from members.models import Post
from rollups import engine
from tests.factories import BranchFactory, MemberFactory, PostFactory, ResultFactory
from tests.rollups.naive import assert_is_naive, stored_rollups
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

WRITERS, DRAINS, WRITES = 8, 4, 25


@pytest.fixture
def villages(street):
    return [
        BranchFactory(code=f"370114001{n:03d}", parent=street) for n in range(101, 109)
    ]


@pytest.fixture
def shared_rows(villages, programme):
    """The rows that all writers fight over."""
    return [ResultFactory(branch=v, programme=programme) for v in villages]


def assert_all_is_counted() -> None:
    assert not Mark.objects.exists()
    assert_is_naive()


def _day(random: Random) -> date:
    return local_today() - timedelta(days=random.randint(0, 100))


def write(number: int, villages, programme) -> None:
    """Do what a busy clerk does, in small transactions."""
    random = Random(number)
    keys = list(Activity.objects.order_by("pk").values_list("pk", flat=True)[:8])
    for _ in range(WRITES):
        day, village = _day(random), random.choice(villages)
        match random.randint(0, 6):
            case 0:
                ResultFactory(branch=village, programme=programme, starts_on=day)
            case 1 | 2:
                row = Activity.objects.get(pk=random.choice(keys))
                row.starts_on = row.ends_on = day
                row.branch = village
                row.save()
            case 3:
                chosen = Activity.objects.filter(pk__in=random.sample(keys, 3))
                chosen.update(starts_on=day, ends_on=day, branch=village)
            case 4:
                mine = ResultFactory(branch=village, programme=programme, starts_on=day)
                Activity.objects.filter(pk=mine.pk).delete()
            case 5:
                rows = list(Activity.objects.filter(pk__in=random.sample(keys, 3)))
                for row in rows:
                    row.attendance_offline = random.randint(0, 99)
                Activity.objects.bulk_update(rows, ["attendance_offline"])
            case 6:
                PostFactory(member=MemberFactory(branch=village), started_on=day)


def move_a_village(street, sister_street, village) -> None:
    month = Month.current().plus(-2)
    for number in range(3):
        deed = successions.Deed(month.plus(number).first_day, "区划调整", "1号")
        parent = sister_street if number % 2 == 0 else street
        successions.transfer(deed, village, parent=parent)


def drain_until(stopped: threading.Event) -> None:
    while not stopped.is_set():
        engine.drain_marks(limit=7)


def test_eight_writers_and_four_drains_lose_nothing_and_count_nothing_twice(
    street, sister_street, villages, programme, shared_rows
):
    stopped = threading.Event()
    drains, writers = Threads(), Threads()
    for _ in range(DRAINS):
        drains.start(drain_until, stopped)
    for number in range(WRITERS):
        writers.start(write, number, villages, programme)
    writers.start(move_a_village, street, sister_street, villages[0])

    try:
        writers.wait()
    finally:
        stopped.set()
        drains.wait()
    engine.drain_marks()

    assert Activity.objects.count() > len(shared_rows)
    assert_all_is_counted()
    assert engine.differences(engine.known_months(), repair=False) == []


def test_a_clerk_does_not_wait_for_a_transfer_that_is_under_way(
    street, sister_street, villages, programme
):
    def report():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
        ResultFactory(branch=villages[0], programme=programme)

    clerk = Threads()
    deed = successions.Deed(Month.current().first_day, "区划调整", "1号")
    with transaction.atomic():
        successions.transfer(deed, villages[0], parent=sister_street)
        clerk.start(report)
        clerk.wait()

    engine.drain_marks()
    assert_all_is_counted()


@pytest.mark.parametrize("way", ["save", "update"])
def test_two_moves_of_one_row_at_once_mark_every_bucket(villages, programme, way):
    row = ResultFactory(branch=villages[0], programme=programme)
    stale = Activity.objects.get(pk=row.pk)
    engine.drain_marks()

    def move_to_may():
        if way == "update":
            rows = Activity.objects.filter(pk=stale.pk, starts_on__year=2026)
            rows.update(starts_on=date(2026, 5, 2), ends_on=date(2026, 5, 2))
        else:
            stale.starts_on = stale.ends_on = date(2026, 5, 2)
            stale.save()

    second = Threads()
    with transaction.atomic():
        row.branch = villages[1]
        row.starts_on = row.ends_on = date(2026, 4, 2)
        row.save()
        second.start(move_to_may)
        wait_for_a_blocked_session()
    second.wait()

    marked = set(Mark.objects.values_list("branch", "month"))
    old, new = villages[0].pk, villages[1].pk
    kept = old if way == "save" else new  # the stale instance brings its branch back
    assert marked == {
        (old, date(2026, 3, 1)),
        (new, date(2026, 4, 1)),
        (kept, date(2026, 5, 1)),
    }
    engine.drain_marks()
    assert_all_is_counted()


def test_a_row_that_comes_while_others_are_deleted_stays(villages, programme):
    ResultFactory(branch=villages[0], programme=programme)
    locked = Activity.objects.get()

    deleting = Threads()
    with transaction.atomic():
        locked.save()
        deleting.start(Activity.objects.all().delete)
        wait_for_a_blocked_session()
        newcomer = ResultFactory(branch=villages[1], programme=programme)
    deleting.wait()

    assert list(Activity.objects.all()) == [newcomer]
    engine.drain_marks()
    assert_all_is_counted()


def test_bulk_writes_over_the_same_rows_wait_and_never_cross(
    villages, programme, shared_rows, monkeypatch
):
    """Each asks for the rows in another order, and needs several statements."""
    monkeypatch.setattr("federation.batches.BATCH", 2)

    def retitle(order):
        for number in range(10):
            Activity.objects.order_by(order).update(title=f"{order} {number}")

    bulk = Threads()
    for order in ("pk", "-pk", "branch", "-branch"):
        bulk.start(retitle, order)
    bulk.wait()


def test_marks_that_one_drain_holds_are_skipped_and_not_lost(villages, programme):
    ResultFactory(branch=villages[0], programme=programme)
    engine.drain_marks()
    ResultFactory(branch=villages[0], programme=programme)
    other = Threads()
    served = []

    with transaction.atomic():
        assert list(Mark.objects.select_for_update()) != []
        other.start(lambda: served.append(engine.drain_marks()))
        other.wait()

    assert served == [0]
    assert Mark.objects.count() == 1
    assert engine.drain_marks() == 1
    assert_all_is_counted()


def test_a_mark_that_comes_while_its_bucket_is_recounted_survives(
    villages, programme, monkeypatch
):
    """The late row is written after the drain has read the records."""
    ResultFactory(branch=villages[0], programme=programme)
    carry_up = engine._carry_up
    late = Threads()

    def write_then_carry_up(*arguments):
        if not late.threads:
            late.start(lambda: ResultFactory(branch=villages[0], programme=programme))
            late.wait()
        carry_up(*arguments)

    engine.drain_marks()
    ResultFactory(branch=villages[0], programme=programme)
    monkeypatch.setattr(engine, "_carry_up", write_then_carry_up)
    engine.drain_marks()

    assert_all_is_counted()


def test_a_stock_that_changes_while_a_month_opens_is_counted_in_it(
    villages, monkeypatch
):
    """The month has read its rows but is not there yet when the mark is spread."""
    engine.drain_marks()
    ReportingMonth.objects.filter(month=Month.current().first_day).delete()
    carry_all_up = engine._carry_all_up
    draining, opening = Threads(), Threads()
    has_read, may_finish = threading.Event(), threading.Event()

    def pause(*arguments):
        has_read.set()
        may_finish.wait(LONG)
        carry_all_up(*arguments)

    monkeypatch.setattr(engine, "_carry_all_up", pause)
    opening.start(engine.open_month, Month.current())
    assert has_read.wait(LONG)
    member = MemberFactory(branch=villages[0])
    Post.objects.create(
        member=member, branch=villages[0], started_on=Month.current().first_day
    )
    draining.start(engine._spread_onward_marks)
    wait_for_a_blocked_session()
    may_finish.set()
    opening.wait()
    draining.wait()
    engine.drain_marks()

    assert_all_is_counted()


def test_a_writer_waits_for_the_closing_and_is_then_refused(villages, programme):
    row = ResultFactory(branch=villages[0], programme=programme)
    engine.drain_marks()
    writer = Threads()

    with transaction.atomic():
        locks.hold_month(Month.of(row.starts_on))
        writer.start(row.save)
        wait_for_a_blocked_session()
        ReportingMonth.objects.filter(month=date(2026, 3, 1)).update(status="closed")
    writer.threads[0].join(LONG)

    assert "不能再改动这个月的记录" in str(writer.errors[0])


DRAIN_AND_HANG = """
import sys, time, django
django.setup()
from rollups import engine
def hang(*arguments):
    print("counted", flush=True)
    time.sleep(600)
engine._count_distinct = hang
engine.drain_marks()
"""


def test_a_drain_killed_in_the_middle_loses_nothing(villages, programme, tmp_path):
    for village in villages:
        ResultFactory(branch=village, programme=programme)
    engine.drain_marks()
    before = stored_rollups()
    Activity.objects.update(attendance_offline=77)
    waiting = Mark.objects.count()

    drain = subprocess.Popen(
        [sys.executable, "-c", DRAIN_AND_HANG],
        env=os.environ | {"DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert drain.stdout.readline() == "counted\n"
    os.kill(drain.pid, signal.SIGKILL)
    drain.wait()

    assert Mark.objects.count() == waiting
    assert stored_rollups() == before
    engine.drain_marks()
    assert_all_is_counted()
