"""Keeps what was seen and done, and writes it down as ``families.recognition`` would
have: a recognition as it stands, a dated step for each act, a plate for each grant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from random import Random

from families.demo.plan import Village
from families.models import Inspection, Plate, Recognition, RecognitionStep
from families.models.choices import Act, Stage
from families.models.recognition import TOKEN_ALPHABET, TOKEN_LENGTH
from families.recognition.steps import months_later
from federation.demo import Sketch, load, repeat
from federation.demo.registry import at
from federation.models import User

STAGE_AFTER = {
    Act.APPLY: Stage.APPLIED,
    Act.ASSESS: Stage.ASSESSED,
    Act.REVIEW: Stage.REVIEWED,
    Act.PUBLISH: Stage.PUBLISHED,
    Act.REFUSE: Stage.REFUSED,
    Act.REVOKE: Stage.REVOKED,
    Act.GRANT: Stage.GRANTED,
}
MANY = 20  # steps of one kind on one day


class Ledger:
    """Collects rows; ``write`` loads what was collected and forgets it."""

    def __init__(self, random: Random, review_after: int):
        self.random, self.review_after = random, review_after
        users = dict(User.objects.values_list("username", "pk"))
        self.office, self.street = users["district"], users["street"]
        self.rows: list[Sketch] = []
        self.inspections: list[Sketch] = []
        self._steps: list[tuple] = []

    def who(self, village: Village, act: str = "") -> int:
        """Return who does it: the street has an account, the others' papers are
        entered by the district, which alone recognises."""
        is_street = village.is_of_street and act != Act.GRANT
        return self.street if is_street else self.office

    def apply(
        self, village: Village, batch: Sketch, household_id: int | None
    ) -> Sketch:
        """Return a new recognition; its first step is to be noted."""
        row = Sketch(
            Recognition,
            subject=batch.subject,
            branch_id=village.branch.pk,
            household_id=household_id,
            batch_id=batch.id,
        )
        self.rows.append(row)
        return row

    def note(
        self, by: int, rows: list[Sketch], act: str, on: date, reason: str = ""
    ) -> None:
        """Write the step *act* on *rows* and let them say where they stand now. In the
        order in which it was done."""
        self._steps.append((rows, act, on, reason, by))
        changes = {}
        if act in STAGE_AFTER:
            changes["stage"] = STAGE_AFTER[act]
        if act == Act.APPLY:
            changes["known_on"] = on
        elif act == Act.GRANT:
            changes["granted_on"] = on
        elif act == Act.REVOKE:
            changes["revoked_on"] = on
        if act in (Act.GRANT, Act.RENEW):
            changes["review_due_on"] = months_later(on, self.review_after)
        if act in (Act.MEND, Act.REVOKE):
            changes["mend_by"] = None
        for row in rows:
            row.__dict__.update(changes)

    def warn(self, by: int, row: Sketch, on: date, mend_by: date, why: str) -> None:
        self.note(by, [row], Act.WARN, on, why)
        row.mend_by = mend_by

    def write(self) -> None:
        load(Inspection, self.inspections)
        load(Recognition, self.rows)
        self._write_steps()
        load(Plate, self._plates())
        self.rows, self.inspections, self._steps = [], [], []

    def _write_steps(self) -> None:
        """Write the steps in their order: the few one by one, the many by copying."""
        few = []
        for rows, *told in self._steps:
            if len(rows) < MANY:
                few += [_step(row, *told) for row in rows]
                continue
            load(RecognitionStep, few)
            few = []
            for first, last in _runs(rows):
                step = _step(first, *told)
                load(RecognitionStep, [step])
                repeat(step, RecognitionStep, "recognition", last.id)
        load(RecognitionStep, few)

    def _plates(self):
        for row in self.rows:
            if row.granted_on:
                token = self.random.choices(TOKEN_ALPHABET, k=TOKEN_LENGTH)
                yield Sketch(
                    Plate,
                    recognition_id=row.id,
                    token="".join(token),
                    issued_on=row.granted_on,
                )


def _step(row: Sketch, act: str, on: date, reason: str, by: int) -> Sketch:
    return Sketch(
        RecognitionStep,
        recognition_id=row.id,
        act=act,
        done_on=on,
        reason=reason,
        done_by_id=by,
        recorded_at=_moment(on),
    )


def _runs(rows: list[Sketch]) -> Iterator[tuple[Sketch, Sketch]]:
    """Yield the first and the last of each run of rows with keys without gaps."""
    first = last = rows[0]
    for row in rows[1:]:
        if row.id != last.id + 1:
            yield first, last
            first = row
        last = row
    yield first, last


@cache
def _moment(on: date) -> datetime:
    return at(on, 15, 30)
