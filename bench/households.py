"""
What the list of households costs at ten times the register:
``python -m bench.households``.

Fills two private PostgreSQL databases with 12,000 and 120,000 households, half of them
recognised, then asks the admin's list of both by name, by pinyin initials, by village,
by number and by each filter, turn by turn in one run. Exits 1 if a page takes more than
8 queries, or if the large register takes more than 1.5 times the seconds of the small
one.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from random import Random

from bench import setup
from bench.paired import Paired

SMALL, LARGE = 12_000, 120_000
VILLAGE_HOUSEHOLDS = 20  # of the village that is asked for, at both sizes
PAGE = "/admin/families/household/"
READER = "bench"
ROW = re.compile(rb"<th[^>]*field-who[^>]*>")
# One household has that name; the others fill a page at both sizes, so that the same
# number of rows is written.
SEARCHES = {
    "nothing": {},
    "name": {"q": "欧阳慧敏"},
    "surname": {"q": "李"},
    "initials": {"q": "lx"},
    "number": {"q": "7"},
    "door": {"q": "泉边胡同1号"},
    "village": {"branch__id__exact": "village"},
    "village name": {"q": "village"},
    "recognised": {"standing": "recognised"},
    "unrecognised": {"standing": "unrecognised"},
    "to mend": {"standing": "to_mend"},
    "courtyard": {"has_courtyard__exact": "0"},
    "empty": {"occupancy__exact": "empty"},
    "left": {"left": "yes"},
    "page 20": {"p": "20"},
}


def fill(size: int) -> None:
    """Make *size* households in an empty database, half of them recognised; the first
    village and the one household that is looked for are the same at every size."""
    from django.core.management import call_command
    from django.db import connection, transaction

    from families.models import Batch, Household, Recognition
    from federation.demo import Sketch, load
    from federation.demo.names import invent_name
    from federation.imports.branches import import_branches
    from federation.models import Branch, Grant, Mark, User
    from federation.models.branches import initials_of
    from federation.roles import Role

    call_command("migrate", verbosity=0)
    import_branches(setup.ROOT / "federation/data/zhangqiu_divisions.csv")
    district = Branch.objects.root()
    reader = User.objects.create_user(READER, name="考核员", branch=district)
    since = date(2021, 3, 1)
    Grant.objects.create(
        user=reader, branch=district, role=Role.DISTRICT_ADMIN, starts_on=since
    )
    villages = Branch.objects.filter(level=Branch.Level.VILLAGE).order_by("path")
    villages = list(villages.values_list("pk", flat=True))
    random = Random(1)
    households = []
    for n in range(size):
        name = SEARCHES["name"]["q"] if n == 5 else invent_name(random)
        turn, place = divmod(n - VILLAGE_HOUSEHOLDS, len(villages) - 1)
        if n < VILLAGE_HOUSEHOLDS:
            turn, place = n, -1
        households.append(
            Sketch(
                Household,
                branch_id=villages[place + 1],
                number=turn + 1,
                contact_name=name,
                initials=initials_of(name),
                group=f"{n % 5 + 1}组",
                door=f"{('泉边', '梨园')[n % 2]}胡同{turn + 1}号",
                phone=f"100{n:08d}",
                has_courtyard=n % 10 > 0,
                occupancy="empty" if n % 12 == 0 else "lived_in",
                entered_on=since,
                left_on=date(2024, 5, 1) if n % 50 == 0 else None,
                known_on=since,
            )
        )
    batch = Batch.objects.create(
        branch=district, subject="household", name="第一批", opened_on=since
    )
    with transaction.atomic():
        load(Household, households)
        load(
            Recognition,
            (
                Sketch(
                    Recognition,
                    subject="household",
                    branch_id=household.branch_id,
                    household_id=household.id,
                    batch_id=batch.pk,
                    stage="granted",
                    granted_on=since,
                    review_due_on=date(2027, 3, 1),
                    mend_by=date(2026, 12, 1) if household.id % 200 == 0 else None,
                    known_on=since,
                )
                for household in households
                if household.id % 2 == 0
            ),
        )
    Mark.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def questions() -> dict[str, dict]:
    """Return the query of each search, with the village that both sizes have alike."""
    from federation.models import Branch

    village = Branch.objects.filter(level=Branch.Level.VILLAGE).order_by("path").first()
    words = {"branch__id__exact": village.pk, "q": village.short_name}
    return {
        name: {
            key: words[key] if value == "village" else value
            for key, value in asked.items()
        }
        for name, asked in SEARCHES.items()
    }


BENCH = Paired(
    module="bench.households",
    what="households",
    sizes=(SMALL, LARGE),
    page=PAGE,
    row=ROW,
    searches=SEARCHES,
    fill=fill,
    questions=questions,
    reader=READER,
    same_rows=True,
)

if __name__ == "__main__":
    sys.exit(BENCH.run())
