"""Two who confirm one import at once, and a worker that is killed, on PostgreSQL."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection

from federation import doorbell
from federation.imports import runs
from federation.models import ImportRun
from members.models import Member, Post
from tests.federation.imports import books
from tests.rollups.parallel import Threads, database_url, eventually

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

# Takes the run, writes its people, and waits there until it is killed.
WORKER = """
import sys, time
import django
django.setup()
import members.imports
from federation.imports import runs

def hang(posts):
    print("people are written", flush=True)
    time.sleep(600)

members.imports._ending_grants = hang
runs.carry_out()
"""


@pytest.fixture
def run(hand_in, community, monkeypatch):
    monkeypatch.setattr(doorbell, "ring", lambda task: None)
    monkeypatch.setattr("federation.counted.ring", lambda: None)
    rows = [[f"王芳{n}", "执委"] for n in range(200)]
    return hand_in(books.csv([["姓名", "职务"], *rows]), branch=community)


def test_two_confirmations_and_three_workers_give_one_import(run, street_reviewer):
    refusals, written = [], []

    def confirm():
        try:
            runs.confirm(run, street_reviewer)
        except ValidationError as refusal:
            refusals.append(refusal)

    threads = Threads()
    for _ in range(2):
        threads.start(confirm)
    threads.wait()
    workers = Threads()
    for _ in range(3):
        workers.start(lambda: written.append(runs.carry_out()))
    workers.wait()

    assert len(refusals) == 1
    assert sorted(written) == [0, 0, 1]
    assert (Member.objects.count(), Post.objects.count()) == (200, 200)


def test_a_worker_killed_in_the_middle_leaves_nothing(
    run, street_reviewer, monkeypatch
):
    runs.confirm(run, street_reviewer)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout.readline() == "people are written\n"
    # Another worker leaves it alone while the first one lives.
    assert runs.carry_out() == 0
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    eventually(nobody_else_is_connected)

    assert Member.objects.count() == 0
    monkeypatch.setattr(runs, "DEAD_AFTER", runs.DEAD_AFTER * 0)
    assert runs.carry_out() == 0
    run.refresh_from_db()
    assert run.status == ImportRun.Status.PREVIEWED
    runs.confirm(run, street_reviewer)
    assert runs.carry_out() == 1
    assert Post.objects.count() == 200


def nobody_else_is_connected() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0
