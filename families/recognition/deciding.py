"""From 申报 to 区认定: the strides of a batch, for one household or for a street."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from families.models import Plate, Recognition
from families.models.choices import ON_THE_WAY, Act, Stage
from families.recognition import steps
from families.recognition.applying import APPLY
from families.recognition.checking import (
    Check,
    follows,
    is_there,
    is_up_to_standard,
    newest_steps,
    refuse_day,
    refuse_problems,
    refuse_rights,
    stands_at,
    tidy_reason,
)
from families.recognition.terms import review_day
from federation import batches

REVIEW = "families.review_recognition"
GRANT = "families.grant_recognition"

NOTHING = "没有可以办理的，请刷新页面再看。"


@dataclass(frozen=True, slots=True)
class Stride:
    """One step of the way. *right*: who may take it."""

    act: str
    before: str
    after: str
    right: str


STRIDES = {
    stride.act: stride
    for stride in (
        Stride(Act.ASSESS, Stage.APPLIED, Stage.ASSESSED, APPLY),
        Stride(Act.REVIEW, Stage.ASSESSED, Stage.REVIEWED, REVIEW),
        Stride(Act.PUBLISH, Stage.REVIEWED, Stage.PUBLISHED, REVIEW),
        Stride(Act.GRANT, Stage.PUBLISHED, Stage.GRANTED, GRANT),
    )
}


@transaction.atomic
def advance(user, act: str, recognitions, on: date) -> int:
    """
    Take the stride *act* with every row of the queryset *recognitions*; return how many
    there were.

    A grant sets when 复核 is due and makes the plates. Raises PermissionDenied,
    RefusedError, ValidationError (field ``on``).
    """
    stride = STRIDES[act]
    refuse_day(on)
    rows = steps.hold(recognitions)
    if not rows:
        raise ValidationError(NOTHING)
    refuse_rights(user, stride.right, rows)
    refuse_problems(
        rows,
        stands_at(stride.before),
        follows(on, rows),
        is_there(on),
        _is_in_time(act, on, rows),
        is_up_to_standard(on, rows),
    )
    if act != Act.GRANT:
        return steps.write(user, act, rows, on, stage=stride.after)
    for subject in {row.subject for row in rows}:
        chosen = [row for row in rows if row.subject == subject]
        due = review_day(subject, on)
        dates = {"granted_on": on, "review_due_on": due}
        steps.write(user, act, chosen, on, stage=stride.after, **dates)
    plates = [Plate(recognition=row, issued_on=on) for row in rows]
    Plate.objects.bulk_create(plates, batch_size=batches.BATCH)
    return len(rows)


@transaction.atomic
def refuse(user, recognitions, on: date, reason: str) -> int:
    """
    Turn down every row of the queryset *recognitions* that is on the way (不予通过).

    A village may turn down its own before it passes them on; later it is up to whoever
    reviews. Raises as ``advance`` does, and ValidationError (field ``reason``).
    """
    refuse_day(on)
    reason = tidy_reason(reason)
    rows = steps.hold(recognitions)
    if not rows:
        raise ValidationError(NOTHING)
    passed_on = [row for row in rows if row.stage != Stage.APPLIED]
    refuse_rights(user, APPLY, rows)
    refuse_rights(user, REVIEW, passed_on)
    refuse_problems(rows, stands_at(*ON_THE_WAY), follows(on, rows))
    return steps.write(user, Act.REFUSE, rows, on, reason, stage=Stage.REFUSED)


def _is_in_time(act: str, on: date, rows: list[Recognition]) -> Check:
    """公示 begins in its time, and nobody is recognised before it is over: for each as
    long as the batch says, whoever was published late."""
    published = newest_steps(rows, Act.PUBLISH) if act == Act.GRANT else {}

    def check(row: Recognition):
        first, last = row.batch.published_from, row.batch.published_until
        if act not in (Act.PUBLISH, Act.GRANT):
            return None
        if first is None:
            return f"“{row.batch}”还没有填公示的起止日期"
        if act == Act.PUBLISH and not first <= on <= last:
            return f"“{row.batch}”的公示是 {first} 至 {last}，请核对日期"
        if act == Act.GRANT and on <= last:
            return f"“{row.batch}”公示到 {last}，期满后再认定"
        begun = published.get(row.pk, first)
        if act == Act.GRANT and on <= (over := begun + (last - first)):
            return f"{begun} 才开始公示，公示到 {over}，期满后再认定"
        return None

    return check
