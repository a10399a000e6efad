"""What was seen at a household or in a village: some dozen ways of getting so many
points, judged as those of a form are."""

from __future__ import annotations

import uuid
from datetime import date
from random import Random

from families import inspections
from families.inspections import Verdict
from families.models import Inspection, Standard
from families.models.choices import Grade, Outcome, Subject
from federation.demo import Sketch

WAYS = 24  # different ones of each grade: nobody reads more of them
RANGES = {Grade.MODEL: (86, 98), Grade.FAIR: (71, 84), Grade.BELOW: (52, 69)}
REMARKS = {
    Outcome.TO_MEND: ("柴草堆在门口", "厕所不洁", "杂物没有分类", "院内堆放农具"),
    Outcome.NOT_MET: ("长期无人打扫",),
}


class Marks:
    """Draws inspections by the standard of *subject*, of which the demo has one."""

    def __init__(self, random: Random, subject: str, day: date):
        self.random = random
        self.standard: Standard = inspections.standard_on(subject, day)
        self.inspectors = (
            "村妇联评比小组" if subject == Subject.HOUSEHOLD else "镇街评比组"
        )
        self.ways = {
            grade: [self._way(*bounds) for _ in range(WAYS)]
            for grade, bounds in RANGES.items()
        }

    def seen(
        self,
        branch_id: int,
        household_id: int | None,
        kind: str,
        day: date,
        *,
        by: int,
        grade: str = Grade.MODEL,
        mend_by: date | None = None,
    ) -> Sketch:
        verdict = self.ways[grade][int(self.random.random() * WAYS)]
        outcome = Outcome.MET if verdict.is_enough else Outcome.NOT_MET
        if mend_by:
            outcome = Outcome.TO_MEND
        remark = ""
        if remarks := REMARKS.get(outcome):
            remark = self.random.choice(remarks)
        return Sketch(
            Inspection,
            branch_id=branch_id,
            household_id=household_id,
            kind=kind,
            inspected_on=day,
            standard_id=self.standard.pk,
            scores=verdict.scores,
            points=verdict.points,
            grade=verdict.grade,
            outcome=outcome,
            mend_by=mend_by,
            inspectors=self.inspectors,
            remark=remark,
            recorded_by_id=by,
            client_token=uuid.UUID(int=self.random.getrandbits(128), version=4),
            known_on=day,
        )

    def _way(self, least: int, most: int) -> Verdict:
        criteria = [one for one in self.standard.criteria.all() if not one.is_veto]
        points = {one.pk: one.weight for one in criteria}
        missing = 100 - self.random.randint(least, most)
        while missing:
            key = self.random.choice(list(points))
            if points[key]:
                points[key] -= 1
                missing -= 1
        return inspections.judge(self.standard, points)
