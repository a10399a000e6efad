"""
What taking rosters in, of committees and of households, costs beside a plain loop over
the same rows, and how much memory it takes: ``python -m bench.imports``. Exits 1 on a
miss.

The plain loop reads with calamine, builds the rows, runs ``clean_fields()`` (without
the foreign keys, which would ask the database for each row) and inserts the rows with
Django's own ``bulk_create``: no preview, no scope, no rules, no audit log, no journal,
no undo. Both run on a private PostgreSQL in transactions that
are rolled back, turn by turn. What counts is the least seconds of the processor of
each: of this process, of the child that reads the file, and of the database's session.
Neighbours on the machine disturb them least.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from itertools import product
from pathlib import Path

from bench import setup
from bench.cluster import private_postgresql
from bench.import_subjects import SUBJECTS, Subject

MOST = 3.0
MOST_QUERIES = 30.0  # for 1,000 rows
MOST_MEGABYTES = 300  # promised of households
TOWNS, VILLAGES = 18, 33


def main() -> int:
    with private_postgresql() as database:
        environment = os.environ | {"ENV_FILE": os.devnull}
        environment.pop("REDIS_URL", None)
        codes = []
        for register, what in product(SUBJECTS, ("measure", "prepare", "remember")):
            used = "costs" if what == "measure" else "memory"
            environment["DATABASE_URL"] = database(f"{register}_{used}")
            command = [sys.executable, "-m", "bench.imports", what, register]
            codes.append(
                subprocess.run(command, cwd=setup.ROOT, env=environment).returncode
            )
    return max(codes)


def prepared() -> dict:
    """Return the villages by code, in an empty database."""
    setup.start()
    from django.core.management import call_command

    from federation.models import User

    call_command("migrate", verbosity=0)
    branches = plant()
    User.objects.create_superuser("bench", "x", name="甲")
    return branches


def measure(subject: Subject) -> int:
    """Print what each size costs beside the plain loop; return how many promises are
    broken."""
    branches = prepared()
    missed, rates = 0, []
    for rows, rounds in subject.sizes.items():
        content = subject.workbook(rows, branches)
        ours, plain = [], []
        for _ in range(rounds):
            plain.append(rolled_back(subject.plain_loop, content, branches)[0])
            seconds, queries = rolled_back(subject.take_in, content, branches)
            ours.append(seconds)
        ratio, rate = min(ours) / min(plain), queries * 1000 / rows
        rates.append(rate)
        missed += ratio > MOST or rate > MOST_QUERIES
        print(
            f"{subject.register}, {rows:>7,} rows: preview and confirm / plain loop "
            f"{ratio:.2f} (at most {MOST:.0f}), {rate:.1f} queries for 1,000 rows (at "
            f"most {MOST_QUERIES:.0f})"
        )
    return missed + (max(rates) > 1.2 * min(rates) and max(rates) == rates[-1])


def prepare(subject: Subject) -> int:
    """Fill the database for ``remember``, which the migrations would need memory in."""
    prepared()
    return 0


def remember(subject: Subject) -> int:
    """Print how much memory the largest file takes at most, read and written by one
    process that did nothing else; return whether it is too much."""
    setup.start()
    branches = villages()
    rows = max(subject.sizes)
    content = subject.workbook(rows, branches)
    subject.take_in(content, branches)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    promised = subject.register == "households"
    limit = f" (less than {MOST_MEGABYTES})" if promised else ""
    print(f"{subject.register}, {rows:>7,} rows: {peak:.0f} MB at most{limit}")
    return int(promised and peak >= MOST_MEGABYTES)


def rolled_back(work, *arguments) -> tuple[float, int]:
    """Return (seconds, queries) of *work*, and undo it."""
    from django.db import connection, transaction

    queries = 0

    def count(execute, *call):
        nonlocal queries
        queries += 1
        return execute(*call)

    with transaction.atomic():
        began = processor_seconds()
        with connection.execute_wrapper(count):
            work(*arguments)
        seconds = processor_seconds() - began
        transaction.set_rollback(True)
    return seconds, queries


def processor_seconds() -> float:
    from django.db import connection

    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(kind) for kind in kinds]
    session = connection.connection.info.backend_pid
    # The fields after the name in brackets; the 12th and 13th are ticks of work.
    ticks = Path(f"/proc/{session}/stat").read_text().rpartition(")")[2].split()
    served = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return served + sum(usage.ru_utime + usage.ru_stime for usage in usages)


def plant() -> dict:
    """Make the tree and return its villages by code."""
    from federation import successions
    from federation.models import Branch

    def branch(code, name, level, parent):
        return Branch(
            code=code, name=f"{name}妇联", short_name=name, level=level, parent=parent
        )

    root = branch("370114", "章丘区", "district", None)
    towns = [
        branch(f"370114{n:03d}", f"第{n}街道", "town", root)
        for n in range(1, TOWNS + 1)
    ]
    below = [
        branch(f"{town.code}{n:03d}", f"第{n}村", "village", town)
        for town in towns
        for n in range(1, VILLAGES + 1)
    ]
    successions.place_together([root, *towns, *below])
    return villages()


def villages() -> dict:
    from federation.models import Branch

    return {branch.code: branch for branch in Branch.objects.filter(level="village")}


if __name__ == "__main__":
    if sys.argv[1:]:
        work = {"measure": measure, "prepare": prepare, "remember": remember}[
            sys.argv[1]
        ]
        sys.exit(min(1, work(SUBJECTS[sys.argv[2]])))
    sys.exit(main())
