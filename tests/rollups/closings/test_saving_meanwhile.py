"""A phone's save while a month is being closed, on SQLite: its one writer makes the
others wait, and nobody ever reads that the database is locked."""

import sqlite3
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from activities.models import Activity
from federation.models import Mark, ReportingMonth
from federation.months import Month
from rollups import closings
from rollups.closings import closing
from rollups.models import Revision
from tests.activities.entry import ADD, typed
from tests.factories import ProgrammeFactory, ResultFactory
from tests.rollups.closings.conftest import LAST
from tests.rollups.parallel import LONG, Threads

pytestmark = pytest.mark.django_db(transaction=True)

PHONES, SAVES = 4, 3
PROGRAMMES, SESSIONS = 40, 400
THIS = Month.current()


@pytest.fixture
def phones(village_clerk):
    """Browsers that are logged in before the closing begins."""
    clients = [Client() for _ in range(PHONES)]
    for client in clients:
        client.force_login(village_clerk)
    return clients


@pytest.fixture
def many_rows(month, community, second_community, sister_community, street):
    programmes = [
        ProgrammeFactory(slug=f"many-{number}", name=f"项目{number}")
        for number in range(PROGRAMMES)
    ]
    branches = (community, second_community, sister_community, street)
    Activity.objects.bulk_create(
        ResultFactory.build(
            branch=branches[number % len(branches)],
            programme=programmes[number // len(branches) % PROGRAMMES],
            starts_on=month.first_day + timedelta(days=number % 28),
            ends_on=month.first_day + timedelta(days=number % 28),
        )
        for number in range(SESSIONS)
    )
    ReportingMonth.objects.get_or_create(month=THIS.first_day)
    return month


@pytest.fixture
def on_disk(many_rows, phones, programme, tmp_path, monkeypatch):
    """Let new connections find the database in a file, as it is in an office: in
    memory it has locks of another kind."""
    monkeypatch.setattr("federation.counted.ring", lambda: None)
    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    return path


def in_a_thread(work):
    """Return what *work* finds in the file: this thread's connection is elsewhere."""
    found = []
    threads = Threads()
    threads.start(lambda: found.append(work()))
    threads.wait()
    return found[0]


@pytest.mark.sqlite
def test_a_save_during_a_closing_never_finds_the_database_locked(
    on_disk, phones, community, programme, monkeypatch
):
    inside, saves = threading.Event(), []
    span = {}
    keep = closing.keep

    def slowly(*arguments):
        inside.set()
        # The phones knock meanwhile; there is no telling from outside who waits.
        time.sleep(1.5)
        return keep(*arguments)

    monkeypatch.setattr(closing, "keep", slowly)

    def close():
        span["began"] = time.monotonic()
        closings.close(LAST, None)
        span["ended"] = time.monotonic()

    def save(phone, number):
        assert inside.wait(LONG)
        for step in range(SAVES):
            began = time.monotonic()
            answer = phone.post(
                ADD,
                typed(
                    community,
                    programme,
                    title=f"手机{number}第{step}条",
                    starts_on=THIS.first_day.isoformat(),
                    _submit="",
                ),
            )
            saves.append((began, time.monotonic(), answer.status_code))

    threads = Threads()
    threads.start(close)
    for number, phone in enumerate(phones):
        threads.start(save, phone, number)
    threads.wait()

    assert [status for *_, status in saves] == [302] * PHONES * SAVES
    fell_inside = [began for began, *_ in saves if began < span["ended"]]
    assert len(fell_inside) >= PHONES
    saved = in_a_thread(
        lambda: Activity.objects.filter(title__startswith="手机").count()
    )
    assert saved == PHONES * SAVES
    revision = in_a_thread(lambda: Revision.objects.get().rows.count())
    assert revision > 500
    assert in_a_thread(lambda: list(closings.verify())) == []
    # What was saved waits to be counted; what was closed has no mark left.
    marked = in_a_thread(lambda: set(Mark.objects.values_list("month", flat=True)))
    assert marked == {THIS.first_day}
