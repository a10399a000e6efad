"""Threads with connections of their own, and waiting for what must happen.

Nothing here measures time: it waits long for what takes moments, so that only a thing
that never comes fails.
"""

import threading
import time

from django.db import connection

LONG = 120  # seconds after which something hangs


class Threads:
    """Run functions in threads with connections of their own; their errors are ours."""

    def __init__(self):
        self.errors, self.threads = [], []

    def start(self, work, *arguments) -> threading.Thread:
        def run():
            try:
                work(*arguments)
            except BaseException as error:
                self.errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def wait(self) -> None:
        for thread in self.threads:
            thread.join(LONG)
        assert not any(thread.is_alive() for thread in self.threads), "a thread hangs"
        assert self.errors == []


def eventually(happens) -> None:
    """Return as soon as *happens* is true."""
    deadline = time.monotonic() + LONG
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def wait_for_a_blocked_session() -> None:
    """Return once another session of this database waits for a lock."""
    eventually(_somebody_waits)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # A transaction sees the list of sessions as it first read it.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def database_url() -> str:
    """Return the address of the tests' own database, for a process started by them."""
    return "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
