"""Writing an act down: rows locked in one order, changed in sets, a step for each."""

from __future__ import annotations

from datetime import date

from families.models import Recognition, RecognitionStep
from federation import batches
from federation.months import Month


def hold(recognitions) -> list[Recognition]:
    """Lock the rows of the queryset *recognitions* and return them as they stand, with
    household, branch and batch. Call it inside the transaction of the act."""
    pks = sorted(set(recognitions.order_by().values_list("pk", flat=True)))
    found = []
    for chosen in batches.of(pks):
        # no_key: a step or plate that refers to the row need not wait for this.
        rows = Recognition.objects.filter(pk__in=chosen)
        rows = rows.select_for_update(of=("self",), no_key=True)
        found += rows.select_related("household", "branch", "batch").order_by("pk")
    return found


def write(
    user, act: str, rows: list[Recognition], on: date, reason: str = "", **changes
) -> int:
    """Write *changes* to the held *rows* and the step *act* of each; return how many
    they are."""
    for chosen in batches.of([row.pk for row in rows]):
        Recognition.objects.filter(pk__in=chosen).update(**changes)
    note(user, act, rows, on, reason)
    return len(rows)


def note(user, act: str, rows: list[Recognition], on: date, reason: str = "") -> None:
    """Write the step *act* of each of *rows*."""
    RecognitionStep.objects.bulk_create(
        [
            RecognitionStep(
                recognition=row, act=act, done_on=on, reason=reason, done_by=user
            )
            for row in rows
        ],
        batch_size=batches.BATCH,
    )


def months_later(day: date, months: int) -> date:
    """Return the same day *months* later, or the last one of a shorter month."""
    last = Month.of(day).plus(months).last_day
    return last.replace(day=min(day.day, last.day))
