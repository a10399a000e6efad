"""
What the list of people costs at ten times the register: ``python -m bench.register``.

Fills two private PostgreSQL databases with 5,200 and 52,000 people in post, then asks
the admin's list of both for a name, for pinyin initials and for nothing, turn by turn
in one run. Exits 1 if a page takes more than 8 queries, or if the large register takes
more than 1.5 times the seconds of the small one.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from datetime import date
from random import Random

from bench import setup
from bench.cluster import private_postgresql
from bench.compare import call

SMALL, LARGE = 5_200, 52_000
MOST_QUERIES, MOST_TIMES = 8, 1.5
ROUNDS, REPEATS = 4, 20
# What is typed in the search box. One row has that name; the others fill a page at
# both sizes, so that the same number of rows is written.
SEARCHES = {"name": "欧阳慧敏", "initials": "l", "surname": "李", "nothing": ""}
PAGE = "/admin/members/member/"
READER = "bench"
ROW = re.compile(rb"<th[^>]*field-name[^>]*>")


def main() -> int:
    with private_postgresql() as address_of, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR_DIR": folder, "STATIC_ROOT": f"{folder}/static"}
        sizes = {SMALL: address_of("small"), LARGE: address_of("large")}
        call(sizes[SMALL], "manage", "collectstatic", "--noinput", "-v0")
        for size, address in sizes.items():
            print(f"filling in {size:,} people", file=sys.stderr)
            call(address, "bench.register", "--fill", size)
        found = {size: [] for size in sizes}
        for number in range(1, ROUNDS + 1):
            print(f"round {number} of {ROUNDS}", file=sys.stderr)
            for size, address in sizes.items():
                found[size].append(
                    json.loads(call(address, "bench.register", "--measure"))
                )
    kept = [_kept(name, found) for name in SEARCHES]
    return 0 if all(kept) else 1


def _kept(name: str, found: dict[int, list[dict]]) -> bool:
    """Print one search's figures and tell whether they keep both promises."""
    small, large = (
        min(one[name]["seconds"] for one in found[size]) for size in (SMALL, LARGE)
    )
    queries = max(one[name]["queries"] for some in found.values() for one in some)
    rows = [found[size][0][name]["rows"] for size in (SMALL, LARGE)]
    times = large / small
    is_kept = queries <= MOST_QUERIES and times <= MOST_TIMES
    print(
        f"{'ok  ' if is_kept else 'MISS'} search for {name}: {times:.2f} times "
        f"(≤ {MOST_TIMES}), {queries} queries (≤ {MOST_QUERIES}), "
        f"{rows[0]} and {rows[1]} rows on the page, {large * 1000:.0f} ms"
    )
    return is_kept


def fill(size: int) -> None:
    """Make *size* people with a post each in an empty database; the same first ones
    at every size."""
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from federation.demo import Sketch, load
    from federation.demo.names import invent_name
    from federation.imports.branches import import_branches
    from federation.models import Branch, Grant, Mark, User
    from federation.models.branches import initials_of
    from federation.roles import Role
    from members.models import Member, Post

    call_command("migrate", verbosity=0)
    import_branches(setup.ROOT / "federation/data/zhangqiu_divisions.csv")
    district = Branch.objects.root()
    reader = User.objects.create_user(READER, name="考核员", branch=district)
    since = date(2021, 3, 1)
    Grant.objects.create(
        user=reader, branch=district, role=Role.DISTRICT_ADMIN, starts_on=since
    )
    branches = list(Branch.objects.order_by("path").values_list("pk", flat=True))
    random, now = Random(1), timezone.now()  # noqa: S311
    names = [SEARCHES["name"], *(invent_name(random) for _ in range(size - 1))]
    people = [
        Sketch(
            Member,
            name=name,
            initials=initials_of(name),
            given_name=name[1:],
            branch_id=branches[number % len(branches)],
            birth_month=date(1960 + number % 45, 1 + number % 12, 1),
            phone=f"100{number:08d}",
            created_at=now,
        )
        for number, name in enumerate(names)
    ]
    with transaction.atomic():
        load(Member, people)
        load(
            Post,
            (
                Sketch(
                    Post,
                    member_id=person.id,
                    branch_id=person.branch_id,
                    started_on=since,
                    known_on=since,
                )
                for person in people
            ),
        )
    Mark.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure() -> dict[str, dict]:
    """Return the seconds, queries and rows of the page for each search."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from federation.models import User

    client = Client()
    client.force_login(User.objects.get(username=READER))
    found = {}
    for name, words in SEARCHES.items():
        client.get(PAGE, {"q": words})
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(PAGE, {"q": words})
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code} {PAGE}?q={words}")
        found[name] = {
            "queries": len(queries),
            "rows": len(ROW.findall(answer.content)),
            "seconds": min(
                _seconds(lambda w=words: client.get(PAGE, {"q": w}))
                for _ in range(REPEATS)
            ),
        }
    return found


def _seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    if "--fill" in sys.argv:
        setup.start()
        fill(int(sys.argv[-1]))
    elif "--measure" in sys.argv:
        setup.start()
        print(json.dumps(measure()))
    else:
        sys.exit(main())
