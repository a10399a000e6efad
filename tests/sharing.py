"""Which tests run where, in which order, and which of them by one process together."""

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

# Folders whose tests look at one database that was made for all of them.
TOGETHER = ("tests/demo/",)
OF_A_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}
# script/test leaves the ones out on PostgreSQL, the others on SQLite.
ON_SQLITE = {"anywhere", "sqlite"}
ON_POSTGRESQL = {"postgres", "production", "worker"}
PLACED = {"browser", "django_db", *ON_SQLITE, *ON_POSTGRESQL}


class ByFileOrFolder(LoadFileScheduling):
    """Hands out whole files, and whole folders where a second process would only make
    once more what the first one has."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in TOGETHER:
            if nodeid.startswith(folder):
                return folder
        return super()._split_scope(nodeid)


def longest_first(items) -> None:
    """Bring what takes minutes to the front, then files by their number of tests: the
    last one of a part is waited for by one process alone."""
    tests = Counter(item.path for item in items)

    def order(item):
        path = item.path
        is_long = path.match("tests/demo/*") or path.match("*_property.py")
        return not is_long, -tests[path], path

    items.sort(key=order)


def place(items) -> None:
    """Mark the tests that ask for no database, for with either one they say the same.

    Raises UsageError for a test that both parts would leave out.
    """
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        if marks & ON_SQLITE and marks & ON_POSTGRESQL:
            raise pytest.UsageError(f"{item.nodeid} would run nowhere: {marks}")
        # A class of Django's has its database without asking.
        asks = item.cls or OF_A_DATABASE.intersection(item.fixturenames)
        if not asks and not marks & PLACED:
            item.add_marker(pytest.mark.anywhere)
