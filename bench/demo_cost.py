"""
What the demo costs beside its bare rows: seed_demo ≤ 5 × executemany of the same rows.

    python bench/demo_cost.py

Seeds an empty SQLite database, then inserts the very rows it left, table by table, into
another empty one with the same schema and indexes, in one transaction. Compares the
processor's seconds, which neighbours on the machine disturb least, prints the clock's
beside them, and exits 1 if the ratio is above 5.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
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
    with tempfile.TemporaryDirectory(prefix="demo-cost-") as folder:
        seeded = Path(folder, "seeded.sqlite3")
        prepare_environment(folder, seeded)
        migrate(seeded)
        seed = time_the_seed()
        tables = rows_of(seeded)
        runs = [
            time_the_insert(Path(folder, f"bare{run}.sqlite3"), tables)
            for run in range(REPEATS)
        ]
    bare = Seconds(*map(statistics.median, zip(*runs, strict=True)))
    ratio = seed.processor / bare.processor
    print(f"rows              {sum(map(len, tables.values())):>9,}")
    print("                  processor     clock")
    print(f"seed_demo         {seed.processor:>7.2f} s {seed.clock:>7.2f} s")
    print(f"bare executemany  {bare.processor:>7.2f} s {bare.clock:>7.2f} s")
    print(f"ratio             {ratio:>9.2f}, at most {MOST:.0f}")
    return 0 if ratio <= MOST else 1


def prepare_environment(folder: str, database: Path) -> None:
    sys.path.insert(0, str(ROOT))
    os.environ |= {
        "DEBUG": "1",
        "ENV_FILE": os.devnull,
        "VAR_DIR": folder,
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def migrate(database: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def time_the_seed() -> Seconds:
    """Seed the configured database; loading Django is not part of it."""
    import django
    from django.core.management import call_command

    django.setup()
    watch = Stopwatch()
    call_command("seed_demo", today=date(2026, 11, 24), stdout=sys.stderr)
    return watch.read()


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
    sys.exit(main())
