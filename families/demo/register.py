"""The register of the villages: as many households as courtyards were counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from families import standards
from families.demo import plan
from families.demo.plan import Village
from families.models import Household, Standard
from federation.demo import Demo, Sketch, load, step
from federation.demo.names import invent_name
from federation.models.branches import initials_of

REVIEW_AFTER = 36  # months: this district looks at its recognised ones every third year
GROUPS = 6
WITH_PHONE = 0.01


@step(300, "评选标准和家庭户")
def bring_register(demo: Demo) -> None:
    """Write the first standards and the 120,703 households, each village's at once, as
    its roster came in."""
    standards.load_first(demo.first_month.first_day)
    Standard.objects.update(review_after=REVIEW_AFTER)
    if demo.full:
        load(Household, _households(demo))


def _households(demo: Demo) -> Iterator[Sketch]:
    random = demo.random("households")
    for village in plan.draw(demo).villages:
        entered_on = plan.day_of(
            demo.first_month.plus(random.randrange(3)), random.randint(3, 25)
        )
        known_on = entered_on + timedelta(days=random.randrange(3))
        for number in range(1, village.courtyards + 1):
            name = invent_name(random)
            yield Sketch(
                Household,
                branch_id=village.branch.pk,
                number=number,
                contact_name=name,
                initials="".join(map(_initial, name)),
                group=_group(village, number),
                door=f"{number}号",
                # 100…: the shape of a mobile number, and none that was ever given out.
                phone=f"100{random.randrange(10**8):08d}"
                if random.random() < WITH_PHONE
                else "",
                entered_on=entered_on,
                known_on=known_on,
            )


def _group(village: Village, number: int) -> str:
    """Return its group: a lane of neighbours, about equal in number."""
    return f"{1 + (number - 1) * GROUPS // village.courtyards}组"


@cache
def _initial(character: str) -> str:
    return initials_of(character)
