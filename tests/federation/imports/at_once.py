"""Two who confirm one import at once, and a worker that is killed: what a register's
own tests ask of it on PostgreSQL."""

import os
import signal
import subprocess
import sys

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection

from federation.imports import runs
from federation.models import ImportRun
from tests.rollups.parallel import Threads, database_url, eventually

# Takes the run, comes to the step that is named, and waits there until it is killed.
WORKER = """
import importlib, sys, time
import django
django.setup()
from federation.imports import runs

def hang(*arguments, **options):
    print("half is written", flush=True)
    time.sleep(600)

module, _, name = sys.argv[1].partition(":")
module = importlib.import_module(module)
holder, _, name = name.rpartition(".")
setattr(getattr(module, holder) if holder else module, name, hang)
runs.carry_out()
"""


def confirm_and_write_at_once(run, user) -> tuple[int, list[int]]:
    """Confirm *run* twice at once and let three workers write it; return (how many
    confirmations were refused, what each worker wrote, sorted)."""
    refusals, written = [], []

    def confirm():
        try:
            runs.confirm(run, user)
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
    return len(refusals), sorted(written)


def kill_in_the_middle(run, user, step: str) -> None:
    """Let a worker write *run* and kill it at *step*, which is "module:name"."""
    runs.confirm(run, user)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, step],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout.readline() == "half is written\n"
    # Another worker leaves it alone while the first one lives.
    assert runs.carry_out() == 0
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    eventually(_nobody_else_is_connected)


def write_after_all(run, user, monkeypatch) -> None:
    """Let the run whose worker was killed wait for its second confirmation, and write
    it."""
    monkeypatch.setattr(runs, "DEAD_AFTER", runs.DEAD_AFTER * 0)
    assert runs.carry_out() == 0
    run.refresh_from_db()
    assert run.status == ImportRun.Status.PREVIEWED
    runs.confirm(run, user)
    assert runs.carry_out() == 1


def _nobody_else_is_connected() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0
