"""
What the demo costs beside its bare rows: seed_demo ≤ 5 × executemany of the same rows.

    python bench/demo_cost.py

Seeds empty SQLite databases, then inserts the very rows, table by table, into other
empty ones with the same schema and indexes, in one transaction. Compares the seconds
of the processor, the least of several runs of each, which neighbours on the machine
disturb least. Exits 1 if the ratio is above 5.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MOST = 5.0
REPEATS = 5
# What migrations leave is there in both databases already.
LEFT_BY_MIGRATIONS = ("django_", "auth_permission", "sqlite_")


class Seconds(NamedTuple):
    processor: float
    clock: float


class Stopwatch:
    """Takes the seconds since it was made."""

    def __init__(self):
        self.began = time.process_time(), time.perf_counter()

    def read(self) -> Seconds:
        processor, clock = self.began
        return Seconds(time.process_time() - processor, time.perf_counter() - clock)


def main() -> int:
    print("         seed_demo             bare executemany")
    print("     processor     clock     processor     clock")
    with tempfile.TemporaryDirectory(prefix="demo-cost-") as folder:
        os.environ |= {"DEBUG": "1", "ENV_FILE": os.devnull, "VAR_DIR": folder}
        pairs = [time_a_pair(Path(folder), run) for run in range(1, REPEATS + 1)]
    seeds, inserts = zip(*pairs, strict=True)
    ratio = min(seeds).processor / min(inserts).processor
    print(
        f"least of each: {ratio:.2f} times the processor's seconds, at most {MOST:.0f}"
    )
    return 0 if ratio <= MOST else 1


def time_a_pair(folder: Path, run: int) -> tuple[Seconds, Seconds]:
    """Time both, one right after the other."""
    seeded, empty = folder / f"seeded{run}.sqlite3", folder / f"empty{run}.sqlite3"
    pair = time_the_seed(seeded), time_the_insert(empty, rows_of(seeded))
    times = (f"{seconds:>8.2f} s" for both in pair for seconds in both)
    print(run, "  ".join(times), flush=True)
    return pair


def time_the_seed(database: Path) -> Seconds:
    """Seed a new database in a process of its own, so that no cache is warm."""
    migrate(database)
    command = [sys.executable, __file__, "--seed"]
    done = subprocess.run(
        command, env=naming(database), check=True, stdout=subprocess.PIPE, text=True
    )
    return Seconds(*json.loads(done.stdout))


def seed() -> None:
    """Seed the configured database and print the seconds; loading Django is not part
    of them."""
    import django
    from django.core.management import call_command

    django.setup()
    watch = Stopwatch()
    call_command("seed_demo", today=date(2026, 11, 24), stdout=sys.stderr)
    print(json.dumps(watch.read()))


def migrate(database: Path) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=naming(database), check=True)


def naming(database: Path) -> dict[str, str]:
    """Return the environment in which *database* is the site's."""
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
    }


def rows_of(path: Path) -> dict[str, list[tuple]]:
    """Return the rows of every table that the demo filled."""
    with sqlite3.connect(path) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: rows
            for (name,) in names.fetchall()
            if not name.startswith(LEFT_BY_MIGRATIONS)
            and (rows := database.execute(f'SELECT * FROM "{name}"').fetchall())
        }


def time_the_insert(path: Path, tables: dict[str, list[tuple]]) -> Seconds:
    """Insert the rows into a fresh database at *path*, set up as the site does."""
    migrate(path)
    with sqlite3.connect(path, isolation_level=None) as database:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            database.execute(f"PRAGMA {pragma}")
        for name in tables:  # the few rows of a migration are among ours
            database.execute(f'DELETE FROM "{name}"')
        watch = Stopwatch()
        database.execute("BEGIN IMMEDIATE")
        for name, rows in tables.items():
            places = ", ".join("?" * len(rows[0]))
            database.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
        database.execute("COMMIT")
        return watch.read()


if __name__ == "__main__":
    sys.exit(seed() if "--seed" in sys.argv else main())
