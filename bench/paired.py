"""
One list of the admin at two sizes of its register, turn by turn in one run.

Fills two private PostgreSQL databases and asks the list of both the same questions.
The exit code is 1 if a page takes more than 8 queries or shows no row, or if the large
register takes more than 1.5 times the seconds of the small one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench import setup
from bench.cluster import private_postgresql
from bench.compare import call

MOST_QUERIES, MOST_TIMES = 8, 1.5
ROUNDS, REPEATS = 4, 20


@dataclass(frozen=True, slots=True)
class Paired:
    """
    module    of the bench, to call it for each database
    what      is filled in, for the reader
    sizes     (small, large)
    page      of the list
    row       what a row of it looks like
    searches  the names of what is asked
    fill      size -> None, in an empty database
    questions () -> {name of a search: query}
    reader    the username of who asks
    same_rows whether both sizes must write the same number of rows
    """

    module: str
    what: str
    sizes: tuple[int, int]
    page: str
    row: re.Pattern
    searches: Iterable[str]
    fill: Callable[[int], None]
    questions: Callable[[], dict[str, dict]]
    reader: str
    same_rows: bool = False

    def run(self) -> int:
        """Do what the command line says; return the exit code."""
        if "--fill" in sys.argv:
            setup.start()
            self.fill(int(sys.argv[-1]))
        elif "--measure" in sys.argv:
            setup.start()
            print(json.dumps(self._measure()))
        else:
            return self._compare()
        return 0

    def _compare(self) -> int:
        with (
            private_postgresql() as address_of,
            tempfile.TemporaryDirectory() as folder,
        ):
            os.environ |= {"VAR_DIR": folder, "STATIC_ROOT": f"{folder}/static"}
            names = ("small", "large")
            databases = {
                size: address_of(name)
                for size, name in zip(self.sizes, names, strict=True)
            }
            call(
                databases[self.sizes[0]], "manage", "collectstatic", "--noinput", "-v0"
            )
            for size, address in databases.items():
                print(f"filling in {size:,} {self.what}", file=sys.stderr)
                call(address, self.module, "--fill", size)
            found = {size: [] for size in databases}
            for number in range(1, ROUNDS + 1):
                print(f"round {number} of {ROUNDS}", file=sys.stderr)
                for size, address in databases.items():
                    found[size].append(
                        json.loads(call(address, self.module, "--measure"))
                    )
        kept = [self._kept(name, found) for name in self.searches]
        return 0 if all(kept) else 1

    def _kept(self, name: str, found: dict[int, list[dict]]) -> bool:
        """Print one search's figures and tell whether they keep the promises."""
        small, large = (
            min(one[name]["seconds"] for one in found[size]) for size in self.sizes
        )
        queries = max(one[name]["queries"] for some in found.values() for one in some)
        rows = [found[size][0][name]["rows"] for size in self.sizes]
        times = large / small
        # A search that finds nothing would be fast at any size.
        is_kept = queries <= MOST_QUERIES and times <= MOST_TIMES and all(rows)
        if self.same_rows:
            is_kept = is_kept and rows[0] == rows[1]
        print(
            f"{'ok  ' if is_kept else 'MISS'} search for {name}: {times:.2f} times "
            f"(≤ {MOST_TIMES}), {queries} queries (≤ {MOST_QUERIES}), "
            f"{rows[0]} and {rows[1]} rows on the page, {large * 1000:.0f} ms"
        )
        return is_kept

    def _measure(self) -> dict[str, dict]:
        """Return the seconds, queries and rows of the page for each search."""
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        from federation.models import User

        client = Client()
        client.force_login(User.objects.get(username=self.reader))
        found = {}
        for name, question in self.questions().items():
            client.get(self.page, question)
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(self.page, question)
            if answer.status_code != 200:
                raise SystemExit(f"{answer.status_code} {self.page} {question}")
            found[name] = {
                "queries": len(queries),
                "rows": len(self.row.findall(answer.content)),
                "seconds": min(
                    _seconds(lambda q=question: client.get(self.page, q))
                    for _ in range(REPEATS)
                ),
            }
            if "--show" in sys.argv:
                print(name, found[name], file=sys.stderr)
                for query in sorted(queries, key=lambda one: -float(one["time"]))[:2]:
                    print(query["time"], query["sql"][:1500], file=sys.stderr)
        return found


def _seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
