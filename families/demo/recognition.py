"""What the village committees saw and what was recognised, round by round."""

from __future__ import annotations

from families.demo import plan
from families.demo.ledger import Ledger
from families.demo.marks import Marks
from families.demo.register import REVIEW_AFTER
from families.demo.rounds import Rounds
from families.demo.villages import Villages
from families.models.choices import Subject
from federation.demo import Demo, step


@step(310, "评比和出彩人家认定")
def bring_recognitions(demo: Demo) -> None:
    if not demo.full:
        return
    random = demo.random("inspections")
    drawn = plan.draw(demo)
    ledger = Ledger(demo.random("plates"), REVIEW_AFTER)
    since = demo.first_month.first_day
    of_households = Marks(random, Subject.HOUSEHOLD, since)
    Rounds(demo, drawn, of_households, ledger).tell()
    of_villages = Marks(random, Subject.VILLAGE, since)
    Villages(demo, drawn, of_villages, ledger).tell()
