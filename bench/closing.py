"""
What closing a month costs: ``python -m bench.closing``.

Two private PostgreSQL databases, of 54,000 and 1,000,000 activities with the same rows
in the measured month. In each, turn by turn: closing it, and selecting its rollup rows
and writing them as a CSV and as rows, which is the least a closing could do. Exits 1
if closing takes more than four times that, or more than half as long again in the
large database, or if somebody who saves meanwhile on SQLite is refused.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
import time

from bench import seed, setup
from bench.cluster import private_postgresql
from bench.compare import LARGE, call

ROUNDS = 7
MOST_OVER_PLAIN, MOST_OVER_SMALL = 4, 1.5
LEAST_SAVES = 1


def main() -> int:
    sizes = {"small": seed.BASE, "large": LARGE}
    with private_postgresql() as address_of, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "STATIC_ROOT": f"{folder}/static"}
        addresses = {name: address_of(name) for name in sizes}
        for name, size in sizes.items():
            print(f"seeding {size:,} activities", file=sys.stderr)
            call(addresses[name], "bench.seed", size)
            call(addresses[name], "bench.closing", "--count")
        found: dict[str, list[dict]] = {name: [] for name in sizes}
        for _ in range(2):
            for name, address in addresses.items():
                measured = call(address, "bench.closing", "--measure")
                found[name].append(json.loads(measured))
    best = {
        name: {what: min(run[what] for run in runs) for what in runs[0]}
        for name, runs in found.items()
    }
    rows = best["small"]["rows"]
    print(f"{rows:,} rows in the month, {best['large']['rows']:,} in the large one")
    kept = [
        _kept(
            f"closing / plain rows and CSV, {name}",
            one["closing"] / one["plain"],
            MOST_OVER_PLAIN,
        )
        for name, one in best.items()
    ]
    times = best["large"]["closing"] / best["small"]["closing"]
    kept.append(_kept("closing, large / small", times, MOST_OVER_SMALL))
    kept.append(_saves())
    return 0 if all(kept) else 1


def _kept(what: str, figure: float, bound: float) -> bool:
    is_kept = figure <= bound
    print(f"{'ok  ' if is_kept else 'MISS'} {what}: {figure:.2f} (≤ {bound})")
    return is_kept


def _saves() -> bool:
    """Save on four phones while a month is closed on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/db.sqlite3"
        found = json.loads(call(database, "bench.saves"))
    is_kept = found["saves"] >= LEAST_SAVES and not found["failed"]
    print(
        f"{'ok  ' if is_kept else 'MISS'} saves during a closing on SQLite: "
        f"{found['saves']} (≥ {LEAST_SAVES}), failed {found['failed']} (≤ 0)"
    )
    return is_kept


def month():
    from federation.months import Month

    return Month.parse(seed.FIRST_MONTH[:7]).plus(seed.MEASURED_MONTH)


def count() -> None:
    """Count the months once, as they are when somebody closes one."""
    from django.db import connection

    from federation.months import Month
    from rollups import engine

    first = Month.parse(seed.FIRST_MONTH[:7])
    engine.recount_range(first, first.plus(seed.MONTHS - 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE plain_rows (indicator varchar(64), branch_id bigint, "
            "programme_id bigint, own numeric(18, 2), total numeric(18, 2))"
        )
        cursor.execute("VACUUM ANALYZE")


def measure() -> dict:
    """Return the least seconds of each, and the rows of the month."""
    closings, plain, rows = [], [], 0
    for _ in range(ROUNDS):
        closings.append(_rolled_back(_close))
        plain.append(_rolled_back(_write_plainly))
    from rollups.models import Rollup

    rows = Rollup.objects.filter(month=month().first_day).count()
    return {"closing": min(closings), "plain": min(plain), "rows": rows}


def _close() -> None:
    from rollups.closings import close

    close(month(), None)


def _write_plainly() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indicator, branch_id, programme_id, own, total "
            "FROM rollups_rollup WHERE month = %s",
            [month().first_day],
        )
        rows = cursor.fetchall()
        csv.writer(io.StringIO(newline="")).writerows(rows)
        cursor.executemany("INSERT INTO plain_rows VALUES (%s, %s, %s, %s, %s)", rows)


def _rolled_back(work) -> float:
    from django.db import transaction

    with transaction.atomic():
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took


if __name__ == "__main__":
    if "--count" in sys.argv:
        setup.start()
        count()
    elif "--measure" in sys.argv:
        setup.start()
        print(json.dumps(measure()))
    else:
        sys.exit(main())
