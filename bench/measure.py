"""Measure one database in one process; prints JSON for ``bench.compare``."""

import csv
import gc
import io
import json
import resource
import statistics
import sys
import time

from bench import seed, setup

ROUNDS = 3
REPEATS = 40


def timed(work) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def months():
    from federation.months import Month

    first = Month.parse(seed.FIRST_MONTH[:7])
    return first, first.plus(seed.MONTHS - 1)


def whole_history() -> dict:
    """The engine over all months against the plain SQL, turn by turn."""
    from django.db import connection

    from rollups import engine
    from rollups.models import Rollup, RollupKey

    first, last = months()
    sql = (setup.ROOT / "bench/plain_rollup.sql").read_text()
    tables = {"plain_rollup": Rollup, "plain_keys": RollupKey}
    with connection.cursor() as cursor:
        for name, model in tables.items():
            cursor.execute(
                f"CREATE TABLE {name} (LIKE {model._meta.db_table} INCLUDING ALL)"
            )

    def plain():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM plain_rollup; DELETE FROM plain_keys")
            cursor.execute(
                sql,
                {
                    "first": first.first_day,
                    "last": last.first_day,
                    "end": last.next_first_day,
                },
            )

    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(timed(lambda: engine.recount_range(first, last)))
        theirs.append(timed(plain))
    columns = "indicator, month, branch_id, programme_id, own, total"
    stored = f"SELECT {columns} FROM rollups_rollup"
    plainly = f"SELECT {columns} FROM plain_rollup"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM (({stored} EXCEPT {plainly}) UNION ALL "
            f"({plainly} EXCEPT {stored})) AS different"
        )
        different = cursor.fetchone()[0]
        cursor.execute("DROP TABLE plain_rollup; DROP TABLE plain_keys")
        cursor.execute("VACUUM ANALYZE")
    return {
        "engine": statistics.median(ours),
        "plain": statistics.median(theirs),
        "different": different,
        "rollup_rows": Rollup.objects.count(),
    }


def one_bucket() -> dict:
    """Marking and draining one (branch, month), the same rows at every size."""
    from django.db import transaction

    from federation.counted import Bucket, mark
    from federation.models import Branch
    from rollups import engine

    month = months()[0].plus(seed.MEASURED_MONTH)
    branch = Branch.objects.order_by("-path").first()

    def drain():
        with transaction.atomic():
            mark([Bucket(branch.pk, month.first_day)])
        if engine.drain_marks() != 1:
            raise SystemExit("the drain served something else")

    drain()
    return {"bucket": statistics.median(timed(drain) for _ in range(REPEATS))}


def csv_export() -> dict:
    """The long CSV against a bare csv.writer over the same SELECT, and its memory."""
    some, many = export_address(5), export_address(seed.MONTHS)
    read_export(some)
    before = peak_kilobytes()
    read_export(some)
    small_peak = peak_kilobytes()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(timed(lambda: read_export(many)))
        if len(ours) == 1:
            large_peak = peak_kilobytes()  # before the bare one uses any memory
        theirs.append(timed(lambda: read_bare(many)))
    return {
        "few_rows": read_export(some),
        "rows": read_export(many),
        "bare_rows": read_bare(many),
        "csv": statistics.median(ours),
        "bare_csv": statistics.median(theirs),
        "peak_growth_few": (small_peak - before) / 1024,
        "peak_growth": (large_peak - small_peak) / 1024,
    }


def export_address(count: int) -> str:
    first, last = months()
    return f"from={last.plus(1 - count)}&to={last}&level=village&layout=long"


def read_export(query: str) -> int:
    from django.test import RequestFactory

    from federation.models import User
    from rollups.views import CsvView

    request = RequestFactory().get(f"/rollups/monthly.csv?{query}")
    request.user = User.objects.get(username="bench")
    answer = CsvView.as_view()(request)
    return sum(part.count(b"\n") for part in answer.streaming_content) - 1


def read_bare(query: str) -> int:
    from django.db import connection, transaction
    from django.http import QueryDict

    from federation.models import Branch
    from rollups import exports
    from rollups.forms import TableForm
    from rollups.tables import LongTable

    form = TableForm(QueryDict(query))
    if not form.is_valid():
        raise SystemExit(form.errors)
    table = LongTable(
        form.question(Branch.objects.root(), [""]), spelled=exports.guarded
    )
    rows = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(table.sql, table.params)
        while chunk := cursor.fetchmany(exports.CHUNK):
            buffer = io.StringIO(newline="")
            csv.writer(buffer).writerows(chunk)
            buffer.getvalue().encode()
            rows += len(chunk)
    return rows


def peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def month_page() -> dict:
    """The calendar's month page against a bare view that makes one query and renders
    the same rows, in the measured month and in the dense one."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    client = Client()
    found = {}
    with override_settings(ROOT_URLCONF="bench.urls", DEBUG=False):
        for name, number in (
            ("page", seed.MEASURED_MONTH),
            ("dense_page", seed.DENSE_MONTH),
        ):
            month = months()[0].plus(number)
            address = f"/calendar/{month.year}/{month.number:02d}/"
            bare = f"/bare{address}"
            client.get(address)  # caches what is cached for all pages
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            # Now: the next request empties the log that this counts.
            query_count = len(queries)
            if not query_count:
                raise SystemExit("the month page asked the database nothing")
            shown = client.get(bare)
            for one in (answer, shown):
                if one.status_code != 200:
                    raise SystemExit(f"{one.status_code} {one.request}")
            ours = [timed(lambda a=address: client.get(a)) for _ in range(REPEATS)]
            theirs = [timed(lambda b=bare: client.get(b)) for _ in range(REPEATS)]
            found |= {
                f"{name}_queries": query_count,
                f"{name}_bytes": len(answer.content),
                f"{name}_lines": answer.content.count(b"/activities/"),
                f"{name}_bare_lines": shown.content.count(b"/activities/"),
                name: statistics.median(ours),
                f"{name}_bare": statistics.median(theirs),
            }
    return found


MEASURES = {
    "history": whole_history,
    "bucket": one_bucket,
    "csv": csv_export,
    "page": month_page,
}

if __name__ == "__main__":
    setup.start()
    print(json.dumps(MEASURES[sys.argv[1]]()))
