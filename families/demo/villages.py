"""The villages' own recognition, two months after the rounds of their households."""

from __future__ import annotations

from datetime import date, timedelta

from families.demo.ledger import Ledger
from families.demo.marks import Marks
from families.demo.plan import VILLAGES_AFTER, Plan, Village, day_of
from families.demo.rounds import WAY, name_of
from families.models import Batch
from families.models.choices import Act, Grade, InspectionKind, Subject
from federation.demo import Demo, Sketch, load
from federation.models import Branch
from federation.months import Month

LOST_AFTER = 13  # months
LATE_ONE_IN = 12  # whose 复核 was not made in time
ON_THE_WAY, WARNED = 6, 2

WHY_LOST = "区抽查时主街垃圾清运长期不及时，没有达到示范线。"
WHY_WARNED = "村内分类投放点缺少管护，请整改。"


class Villages:
    def __init__(self, demo: Demo, plan: Plan, marks: Marks, ledger: Ledger):
        self.demo, self.plan = demo, plan
        self.marks, self.ledger = marks, ledger
        self.district = Branch.objects.root()
        self.recognised: list[tuple[Village, Sketch]] = []

    def tell(self) -> None:
        for number, month in enumerate(self.plan.rounds[2:-1]):
            self._round(month, number)
        self._warn()
        self._under_way()
        self.ledger.write()

    def _round(self, after: Month, number: int) -> None:
        month = after.plus(VILLAGES_AFTER)
        batch = Sketch(
            Batch,
            branch_id=self.district.pk,
            subject=Subject.VILLAGE,
            name=f"{name_of(after)}示范村",
            opened_on=day_of(month.previous(), 1),
            published_from=day_of(month, 2),
            published_until=day_of(month, 8),
            document_number=f"章妇〔{month.year}〕{30 + number} 号",
        )
        load(Batch, [batch])
        is_last = after == self.plan.rounds[-2]
        for village in self.plan.villages:
            if village.granted == after:
                row = self._grant(month, batch, village)
                if village.is_lost:
                    self._lose(month, village, row)
                else:
                    self.recognised.append((village, row))
                    self._renew(month, village, row)
            elif is_last and village.is_regained:
                self.recognised.append((village, self._grant(month, batch, village)))

    def _look(self, village: Village, day: date, kind=InspectionKind.TOWN, **seen):
        by = self.ledger.who(village)
        self.ledger.inspections.append(
            self.marks.seen(village.branch.pk, None, kind, day, by=by, **seen)
        )

    def _note(
        self, village: Village, row: Sketch, act: str, on: date, reason=""
    ) -> None:
        by = self.ledger.who(village, act)
        self.ledger.note(by, [row], act, on, reason)

    def _grant(self, month: Month, batch: Sketch, village: Village) -> Sketch:
        before = month.previous()
        self._look(village, day_of(before, 2 + village.branch.pk % 8))
        row = self.ledger.apply(village, batch, None)
        for act, day in (
            (Act.APPLY, day_of(before, 12)),
            (Act.ASSESS, day_of(before, 17)),
            (Act.REVIEW, day_of(before, 24)),
            (Act.PUBLISH, day_of(month, 2)),
            (Act.GRANT, day_of(month, 15)),
        ):
            self._note(village, row, act, day)
        return row

    def _renew(self, month: Month, village: Village, row: Sketch) -> None:
        again = month.plus(self.ledger.review_after - 1)
        is_late = len(self.recognised) % LATE_ONE_IN == 0
        if again >= self.demo.this_month or is_late:
            return
        self._look(village, day_of(again, 3 + village.branch.pk % 9))
        self._note(village, row, Act.RENEW, day_of(again, 22))

    def _lose(self, month: Month, village: Village, row: Sketch) -> None:
        revoked = day_of(month.plus(LOST_AFTER), 20)
        looked = revoked - timedelta(days=9)
        self._look(village, looked, InspectionKind.DISTRICT, grade=Grade.FAIR)
        self._note(village, row, Act.REVOKE, revoked, WHY_LOST)

    def _warn(self) -> None:
        """Ask two of the newest to mend; of one the time is over."""
        for (village, row), days in zip(
            self.recognised[-WARNED:], (40, 12), strict=True
        ):
            warned = self.demo.today - timedelta(days=days)
            mend_by = warned + timedelta(days=30)
            self._look(village, warned, grade=Grade.FAIR, mend_by=mend_by)
            by = self.ledger.who(village)
            self.ledger.warn(by, row, warned, mend_by, WHY_WARNED)

    def _under_way(self) -> None:
        """Leave some in each stage; the others are the site's proposals."""
        today = self.demo.today
        near = [village for village in self.plan.villages if village.is_near]
        batch = Sketch(
            Batch,
            branch_id=self.district.pk,
            subject=Subject.VILLAGE,
            name=f"{self.demo.this_month.label}示范村",
            opened_on=today - timedelta(days=40),
            published_from=today - timedelta(days=4),
            published_until=today + timedelta(days=3),
        )
        load(Batch, [batch])
        for village in near:
            self._look(village, today - timedelta(days=32 + village.branch.pk % 4))
        for number, village in enumerate(near[1 : 1 + ON_THE_WAY]):
            row = self.ledger.apply(village, batch, None)
            for act, days in WAY[: 1 + number % len(WAY)]:
                self._note(village, row, act, today - timedelta(days=days))
