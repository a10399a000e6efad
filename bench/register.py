"""
What the list of people costs at ten times the register: ``python -m bench.register``.

Fills two private PostgreSQL databases with 5,200 and 52,000 people in post, then asks
the admin's list of both for a name, for pinyin initials and for nothing, turn by turn
in one run. Exits 1 if a page takes more than 8 queries, or if the large register takes
more than 1.5 times the seconds of the small one.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from random import Random

from bench import setup
from bench.paired import Paired

SMALL, LARGE = 5_200, 52_000
# What is typed in the search box. One row has that name; the others fill a page at
# both sizes, so that the same number of rows is written.
SEARCHES = {"name": "欧阳慧敏", "initials": "l", "surname": "李", "nothing": ""}
PAGE = "/admin/members/member/"
READER = "bench"
ROW = re.compile(rb"<th[^>]*field-name[^>]*>")


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


def questions() -> dict[str, dict]:
    """Return the query of each search."""
    return {name: {"q": words} for name, words in SEARCHES.items()}


BENCH = Paired(
    module="bench.register",
    what="people",
    sizes=(SMALL, LARGE),
    page=PAGE,
    row=ROW,
    searches=SEARCHES,
    fill=fill,
    questions=questions,
    reader=READER,
)

if __name__ == "__main__":
    sys.exit(BENCH.run())
