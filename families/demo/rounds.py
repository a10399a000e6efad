"""The rounds of households: each street's batch with its days, and what became of the
households recognised in it."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import date, timedelta

from families.demo.ledger import Ledger
from families.demo.marks import Marks
from families.demo.plan import ROUND_MONTHS, Plan, Village, day_of
from families.models import Batch, Household
from families.models.choices import Act, Grade, InspectionKind, Subject
from federation.demo import Demo, Sketch, load
from federation.months import Month

A_DAY = 40  # households that somebody looks at on one day
NOT_YET = 0.08  # so many more are looked at and not put forward
# Of the villages in a round, so many have one of these:
REFUSED, MENDED, LOST, REGAINED = 0.1, 0.06, 0.12, 0.4
LATE = 0.03  # villages whose 复核 was not made in time
WARNED_VILLAGES, WARNED_HOUSEHOLDS = 16, 3
ON_THE_WAY = 8  # households of a village in the round that is under way
RESERVED = 24  # of a village, so that none is drawn for two ends

WHY_LOST = "复核时庭院、居室长期脏乱，限期未改。"
WHY_WARNED = "巡查时院内杂物乱堆，请整改。"
WHY_REFUSED = "街道复核时没有达到示范线。"


@dataclass(slots=True)
class Days:
    """When a street's round *month* went through its stages."""

    month: Month
    street: int

    @property
    def opened(self) -> date:
        return day_of(self.month.plus(-2), 1 + self.street % 5)

    @property
    def looked(self) -> date:
        return day_of(self.month.plus(-2), 6 + self.street % 7)

    @property
    def applied(self) -> date:
        return day_of(self.month.previous(), 1 + self.street % 6)

    @property
    def assessed(self) -> date:
        return self.applied + timedelta(days=4)

    @property
    def reviewed(self) -> date:
        return day_of(self.month.previous(), 15 + self.street % 10)

    @property
    def published(self) -> date:
        return day_of(self.month, 3 + self.street % 4)

    @property
    def granted(self) -> date:
        return day_of(self.month, 15 + self.street % 8)


def name_of(month: Month) -> str:
    half = "上" if month.number <= 6 else "下"
    return f"{month.year} 年{half}半年"


class Rounds:
    """Tells the rounds, one street after the other, and writes them."""

    def __init__(self, demo: Demo, plan: Plan, marks: Marks, ledger: Ledger):
        self.demo, self.plan = demo, plan
        self.marks, self.ledger = marks, ledger
        self.random = demo.random("rounds")
        by_village = defaultdict(list)
        keys = Household.objects.order_by("branch", "number")
        for branch_id, pk in keys.values_list("branch_id", "pk"):
            by_village[branch_id].append(pk)
        # The first of them are recognised sooner or later, the last ones are not.
        self.waiting: dict[int, deque[int]] = {}
        self.others: dict[int, list[int]] = {}
        for village in plan.villages:
            pks = by_village[village.branch.pk]
            self.random.shuffle(pks)
            ends = min(village.models + RESERVED, len(pks) - 5)
            self.waiting[village.branch.pk] = deque(pks[:ends])
            self.others[village.branch.pk] = pks[ends:]
        # {(village, round): households lost before, that come again}
        self.again: dict[tuple[int, Month], list[int]] = defaultdict(list)
        self.late = self._late_villages()
        self.warned = self._warned_rounds()

    def tell(self) -> None:
        for place, villages in enumerate(self.plan.streets.values()):
            for number, month in enumerate(self.plan.rounds):
                self._round(Days(month, place), number, villages)
            self._under_way(place, villages)
            self.ledger.write()

    # The rounds that are over

    def _round(self, days: Days, number: int, villages: list[Village]) -> None:
        taking_part = [village for village in villages if days.month in village.rounds]
        if not taking_part:
            return
        batch = Sketch(
            Batch,
            branch_id=villages[0].branch.parent_id,
            subject=Subject.HOUSEHOLD,
            name=f"{name_of(days.month)}示范户",
            opened_on=days.opened,
            published_from=days.published,
            published_until=days.published + timedelta(days=6),
            document_number=f"章妇〔{days.month.year}〕{10 + number} 号",
        )
        load(Batch, [batch])
        rows = {village: self._chosen(days, batch, village) for village in taking_part}
        # All of them at once: so they go through, and so they are written fast.
        by = self.ledger.who(taking_part[0])
        self._grant(days, by, [row for found in rows.values() for row in found])
        for village, found in rows.items():
            if self.random.random() < MENDED:
                self._mend(days, village, found[-1])
            self._warn(days, village, found)
            self._look_at_others(days, village, len(found))
            if self.random.random() < REFUSED:
                self._refuse(days, batch, village)
            if self.random.random() < LOST:
                self._lose(days, batch, village)
        in_time = [v for v in taking_part if v.branch.pk not in self.late]
        self._renew(days, by, [row for village in in_time for row in rows[village]])

    def _chosen(self, days: Days, batch: Sketch, village: Village) -> list[Sketch]:
        """Put forward those of the village that were lost before and come again, and
        the next ones."""
        key = village.branch.pk
        again = self.again[key, days.month]
        count = village.rounds[days.month] - len(again)
        chosen = again + [self.waiting[key].popleft() for _ in range(count)]
        for place, household in enumerate(chosen):
            self._look(village, household, days.looked, place)
        return [self.ledger.apply(village, batch, one) for one in chosen]

    def _look(self, village: Village, household: int, day: date, place: int, **seen):
        day = min(day + timedelta(days=place // A_DAY), self.demo.yesterday)
        seen = {"kind": InspectionKind.VILLAGE} | seen
        self.ledger.inspections.append(
            self.marks.seen(
                village.branch.pk,
                household,
                day=day,
                by=self.ledger.who(village),
                **seen,
            )
        )

    def _grant(self, days: Days, by: int, rows: list[Sketch]) -> None:
        ledger = self.ledger
        ledger.note(by, rows, Act.APPLY, days.applied)
        ledger.note(by, rows, Act.ASSESS, days.assessed)
        ledger.note(by, rows, Act.REVIEW, days.reviewed)
        ledger.note(by, rows, Act.PUBLISH, days.published)
        ledger.note(ledger.office, rows, Act.GRANT, days.granted)

    def _renew(self, days: Days, by: int, rows: list[Sketch]) -> None:
        month = days.month.plus(self.ledger.review_after - 1)
        if not rows or month >= self.demo.this_month:
            return
        villages = {village.branch.pk: village for village in self.plan.villages}
        looked = day_of(month, 2 + days.street % 5)
        for row in rows:
            place = self.random.randrange(A_DAY * 10)
            village, kind = villages[row.branch_id], InspectionKind.TOWN
            self._look(village, row.household_id, looked, place, kind=kind)
        self.ledger.note(by, rows, Act.RENEW, day_of(month, 20 + days.street % 8))

    def _look_at_others(self, days: Days, village: Village, count: int) -> None:
        others = self.others[village.branch.pk]
        for place in range(min(len(others), 1 + int(count * NOT_YET))):
            day = days.looked + timedelta(days=1)
            mend_by, grade = None, Grade.FAIR
            if self.random.random() < 0.3:
                grade = Grade.BELOW
                mend_by = day + timedelta(days=30)
            household = self.random.choice(others)
            self._look(village, household, day, place, grade=grade, mend_by=mend_by)

    def _refuse(self, days: Days, batch: Sketch, village: Village) -> None:
        household = self.waiting[village.branch.pk].pop()
        self._look(village, household, days.looked, 0)
        by = self.ledger.who(village)
        rows = [self.ledger.apply(village, batch, household)]
        self.ledger.note(by, rows, Act.APPLY, days.applied)
        self.ledger.note(by, rows, Act.ASSESS, days.assessed)
        self._look(
            village,
            household,
            days.reviewed,
            0,
            kind=InspectionKind.TOWN,
            grade=Grade.FAIR,
        )
        self.ledger.note(by, rows, Act.REFUSE, days.reviewed, WHY_REFUSED)

    def _mend(self, days: Days, village: Village, row: Sketch) -> None:
        warned = days.granted + timedelta(days=200)
        mended = warned + timedelta(days=30)
        if mended >= self.demo.yesterday:
            return
        mend_by = warned + timedelta(days=40)
        self._be_warned(village, row, warned, mend_by)
        self._look(village, row.household_id, mended, 0, kind=InspectionKind.REVISIT)
        self.ledger.note(self.ledger.who(village), [row], Act.MEND, mended)

    def _lose(self, days: Days, batch: Sketch, village: Village) -> None:
        """Let one household more be recognised, and lose it before the village's next
        round; some come again then. The public sees no difference of one."""
        later = [month for month in village.rounds if month > days.month]
        after = self.ledger.review_after
        if not later or later[0] > days.month.plus(after - 6):
            return
        household = self.waiting[village.branch.pk].pop()
        self._look(village, household, days.looked, 0)
        by = self.ledger.who(village)
        rows = [self.ledger.apply(village, batch, household)]
        self._grant(days, by, rows)
        revoked = day_of(later[0].plus(-4), 12)
        self._look(
            village,
            household,
            revoked - timedelta(days=5),
            0,
            kind=InspectionKind.TOWN,
            grade=Grade.BELOW,
        )
        self.ledger.note(by, rows, Act.REVOKE, revoked, WHY_LOST)
        if self.random.random() < REGAINED:
            self.again[village.branch.pk, later[0]].append(household)

    # What there is to do today

    def _late_villages(self) -> set[int]:
        """Draw the villages whose 复核 waits, one of the street among them."""
        due = [month for month in self.plan.rounds if self._is_due(month)]
        found = [v for v in self.plan.villages if any(m in v.rounds for m in due)]
        chosen = [v for v in found if self.random.random() < LATE]
        chosen += [v for v in found if v.is_of_street][:1]
        return {village.branch.pk for village in chosen}

    def _is_due(self, month: Month) -> bool:
        again = month.plus(self.ledger.review_after)
        return self.demo.this_month.plus(-6) <= again <= self.demo.this_month

    def _warned_rounds(self) -> dict[int, Month]:
        """Return {village: the round some of whose households are to mend}."""
        found = {}
        newest = self.plan.rounds[-4:-1]
        for village in self.plan.villages:
            if months := [month for month in village.rounds if month in newest]:
                found[village] = months[-1]
        chosen = [v for v in found if v.is_of_street][:3]
        rest = [v for v in found if not v.is_of_street]
        chosen += self.random.sample(rest, WARNED_VILLAGES - len(chosen))
        return {village.branch.pk: found[village] for village in chosen}

    def _warn(self, days: Days, village: Village, rows: list[Sketch]) -> None:
        if self.warned.get(village.branch.pk) != days.month:
            return
        for row in rows[:WARNED_HOUSEHOLDS]:
            warned = self.demo.today - timedelta(days=self.random.randint(15, 75))
            self._be_warned(village, row, warned, warned + timedelta(days=45))

    def _be_warned(self, village: Village, row, warned: date, mend_by: date) -> None:
        self._look(
            village,
            row.household_id,
            warned,
            0,
            kind=InspectionKind.TOWN,
            grade=Grade.FAIR,
            mend_by=mend_by,
        )
        by = self.ledger.who(village)
        self.ledger.warn(by, row, warned, mend_by, WHY_WARNED)

    def _under_way(self, place: int, villages: list[Village]) -> None:
        """Leave the street's next round where it is today, a few villages in each
        stage."""
        today, month = self.demo.today, self.demo.this_month
        while month.number not in ROUND_MONTHS:
            month = month.next()
        batch = Sketch(
            Batch,
            branch_id=villages[0].branch.parent_id,
            subject=Subject.HOUSEHOLD,
            name=f"{name_of(month)}示范户",
            opened_on=today - timedelta(days=40),
            published_from=today - timedelta(days=4),
            published_until=today + timedelta(days=3),
        )
        load(Batch, [batch])
        looked = today - timedelta(days=32)
        for number, village in enumerate(villages[:6]):
            rows = []
            for place_in_lane in range(ON_THE_WAY):
                household = self.waiting[village.branch.pk].pop()
                self._look(village, household, looked, place_in_lane)
                rows.append(self.ledger.apply(village, batch, household))
            for act, days in WAY[: 1 + (number + place) % len(WAY)]:
                day = today - timedelta(days=days)
                self.ledger.note(self.ledger.who(village), rows, act, day)


# The acts of the round under way, and how many days ago.
WAY = ((Act.APPLY, 24), (Act.ASSESS, 18), (Act.REVIEW, 11), (Act.PUBLISH, 4))
