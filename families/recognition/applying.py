"""Applying (申报): households by their village, villages from the site's proposals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from families.models import Batch, Household, Recognition
from families.models.choices import Act, Stage, Subject
from families.recognition import steps
from families.recognition.checking import (
    Check,
    is_there,
    is_up_to_standard,
    refuse_day,
    refuse_problems,
    refuse_rights,
)
from federation import batches
from federation.models import Branch

APPLY = "families.apply_recognition"

CHANGED = "名单刚刚有变动，请刷新页面，看过以后再报。"
NOTHING = "请先选要申报的{subject}。"
OTHER_SUBJECT = "“{batch}”只收{subject}的申报，请另选批次。"
NOT_OPEN = "“{batch}”从 {day} 起申报，请核对日期。"
OVER = "“{batch}”已在 {day} 开始公示，请报下一批。"


def apply(
    user,
    batch: Batch,
    on: date,
    *,
    households: Iterable[Household] = (),
    branches: Iterable[Branch] = (),
) -> int:
    """
    Apply in *batch* for *households*, or for the villages *branches*; return for how
    many.

    A household must be on the register and a village must reach the standard on *on*;
    what is on the way or recognised is refused, what was revoked may apply again.
    Raises PermissionDenied, RefusedError, ValidationError (field ``on``).
    """
    rows = [
        *(_row(batch, Subject.HOUSEHOLD, one.branch, one) for one in households),
        *(_row(batch, Subject.VILLAGE, branch, None) for branch in branches),
    ]
    refuse_day(on)
    _refuse_batch(batch, rows, on)
    refuse_rights(user, APPLY, rows)
    try:
        with transaction.atomic():
            _hold(rows)
            refuse_problems(
                rows,
                _is_covered(batch),
                is_there(on),
                _is_free(rows, on),
                *([_reaches(rows, on)] if batch.subject == Subject.VILLAGE else []),
            )
            made = Recognition.objects.bulk_create(rows, batch_size=batches.BATCH)
            steps.note(user, Act.APPLY, made, on)
    except IntegrityError:
        # Somebody else applied for one of them in this very moment.
        raise ValidationError(CHANGED) from None
    return len(rows)


def _row(batch, subject, branch, household) -> Recognition:
    return Recognition(
        batch=batch,
        subject=subject,
        branch=branch,
        household=household,
        stage=Stage.APPLIED,
    )


def _refuse_batch(batch: Batch, rows: list[Recognition], on: date) -> None:
    label = batch.get_subject_display()
    if not rows:
        raise ValidationError(NOTHING.format(subject=label))
    if any(row.subject != batch.subject for row in rows):
        raise ValidationError(OTHER_SUBJECT.format(batch=batch, subject=label))
    if on < batch.opened_on:
        sentence = NOT_OPEN.format(batch=batch, day=batch.opened_on)
        raise ValidationError({"on": sentence})
    if batch.published_from and on >= batch.published_from:
        sentence = OVER.format(batch=batch, day=batch.published_from)
        raise ValidationError({"on": sentence})


def _hold(rows: list[Recognition]) -> None:
    """Let no village merge under its households. Raises ValidationError if one of them
    has moved on meanwhile."""
    villages = {row.household_id: row.branch_id for row in rows if row.household_id}
    for chosen in batches.of(sorted(villages)):
        held = Household.objects.filter(pk__in=chosen).order_by("pk")
        held = held.select_for_update(no_key=True).values_list("pk", "branch_id")
        if any(villages[pk] != branch_id for pk, branch_id in held):
            raise ValidationError(CHANGED)


def _is_covered(batch: Batch) -> Check:
    def check(row):
        if row.branch.path.startswith(batch.branch.path):
            return None
        return f"不在{batch.branch.short_name}的范围内"

    return check


def _is_free(rows: list[Recognition], on: date) -> Check:
    """Neither on the way nor recognised, and not applied for before it was revoked."""
    running, revoked = set(), {}
    for chosen in batches.of(rows):
        found = Recognition.objects.filter(
            subject=chosen[0].subject, branch__in={row.branch_id for row in chosen}
        )
        if chosen[0].subject == Subject.HOUSEHOLD:
            found = found.filter(household__in=[row.household_id for row in chosen])
        keys = ("branch_id", "household_id")
        running.update(found.running().values_list(*keys))
        gone = found.filter(revoked_on__isnull=False).order_by("revoked_on")
        for branch_id, household_id, day in gone.values_list(*keys, "revoked_on"):
            revoked[branch_id, household_id] = day

    def check(row):
        key = row.branch_id, row.household_id
        if key in running:
            return "已在申报或已认定，不用再报"
        if key in revoked and on < revoked[key]:
            return f"在 {revoked[key]} 摘牌，申报日期不能更早"
        return None

    return check


def _reaches(rows, on) -> Check:
    return is_up_to_standard(on, rows)
