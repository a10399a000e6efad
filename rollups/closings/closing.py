"""Closing a month and opening it again."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import locks
from federation.models import Mark, ReportingMonth
from federation.months import Month, local_today
from rollups import engine, registry
from rollups.closings import paper, rows
from rollups.models import Reopening, Revision

Status = ReportingMonth.Status


@transaction.atomic
def close(month: Month, by, reason: str = "") -> Revision:
    """
    Close *month*: count it once more from the records, keep every figure with the tree
    of the month as the next revision, and let nobody write into the month any more.

    Raises ValidationError with the sentence for the reader when the month is not over,
    was never opened, or is closed.
    """
    # Waits for whoever is writing into the month, and keeps new ones out.
    locks.hold_month(month)
    state = _held(month)
    if state.status == Status.CLOSED:
        raise ValidationError(f"{state}已经结账（第 {state.revision} 版）。")
    _refuse_too_early(month)
    with registry.reading():  # the revision names the indicators that were counted
        _count(month)
        revision = keep(month, state.revision + 1, by, reason)
    state.status, state.revision = Status.CLOSED, revision.number
    state.closed_at, state.closed_by = revision.closed_at, by
    state.save()
    return revision


@transaction.atomic
def reopen(month: Month, by, *, reason: str) -> None:
    """
    Open the closed *month* again. Its revisions stay; the next closing makes another.

    Raises ValidationError without a reason, or when the month is not closed.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "请写明为什么要重新开账。"})
    locks.hold_month(month)
    state = _held(month)
    if state.status != Status.CLOSED:
        raise ValidationError(f"{state}没有结账，不用重新开账。")
    Reopening.objects.create(
        revision=Revision.objects.newest_of(month), reopened_by=by, reason=reason
    )
    state.status = Status.OPEN
    state.closed_at = state.closed_by = None
    state.save()
    # What was entered late with its true date (posts, branches) counts from now on.
    _count(month)


def _held(month: Month) -> ReportingMonth:
    held = ReportingMonth.objects.select_for_update().filter(month=month.first_day)
    if state := held.first():
        return state
    raise ValidationError(f"{month.label}还没有开账，没有可以结账的数据。")


def _refuse_too_early(month: Month) -> None:
    if month.last_day >= local_today():
        raise ValidationError(
            f"{month.label}还没有过完，{month.next().label} 1 日起才能结账。"
        )


def _count(month: Month) -> None:
    """Count the whole month; the marks that this serves are gone."""
    marks = Mark.objects.filter(month=month.first_day, onward=False)
    served = list(marks.values_list("pk", flat=True))
    engine.recount([month])
    engine.delete_marks(served)


def keep(
    month: Month, number: int, by, reason: str, closed_at: datetime | None = None
) -> Revision:
    """Write revision *number* of *month* from the rollups as they stand, with its rows
    and its file; one closing at a time, since each hash covers the one before. It does
    not close the month: ``close`` does, and keeps everybody out meanwhile."""
    locks.hold_chain()
    last = Revision.objects.defer("csv", "facts").order_by("-sequence").first()
    closed_at = (closed_at or timezone.now()).replace(microsecond=0)
    facts = paper.facts(month, number, by, closed_at, reason)
    # The rows need the key of a revision, and the revision the hash of the rows.
    found = rows.of(month)
    csv = paper.csv(month, found)
    previous = last.sha256 if last else ""
    revision = Revision.objects.create(
        sequence=last.sequence + 1 if last else 1,
        month=month.first_day,
        number=number,
        closed_by=by,
        closed_at=closed_at,
        reason=reason,
        facts=facts,
        csv=csv,
        previous=previous,
        sha256=paper.digest(previous, facts, csv),
    )
    rows.keep(revision, found)
    return revision
