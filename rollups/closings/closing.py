"""Closing a month and opening it again, for everybody or for one branch."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import locks
from federation.models import Branch, Mark, MonthOpening, Placement, ReportingMonth
from federation.months import Month, local_today
from federation.wording import day_label
from rollups import corrections, engine, registry
from rollups.closings import paper, rows
from rollups.models import Correction, Reopening, Revision

Status = ReportingMonth.Status

LONGEST_OPENING = timedelta(days=92)
EXPIRED = "部分开账到期，自动结账"


@transaction.atomic
def close(month: Month, by, reason: str = "") -> Revision:
    """
    Close *month*: count it once more from the records, keep every figure with the tree
    of the month as the next revision, and let nobody write into the month any more.

    A month that was open to some branches only, and in which no figure changed and no
    correction was entered, stays at its revision: that one is returned. Raises
    ValidationError with the sentence for the reader when the month is not over, was
    never opened, or is closed.
    """
    # Waits for whoever is writing into the month, and keeps new ones out.
    locks.hold_month(month)
    state = _held(month)
    if state.status == Status.CLOSED:
        raise ValidationError(f"{state}已经结账（第 {state.revision} 版）。")
    _refuse_too_early(month)
    with registry.reading():  # the revision names the indicators that were counted
        _count(month)
        if state.status == Status.PARTLY and not _has_news(month):
            revision = Revision.objects.newest_of(month)
        else:
            revision = keep(month, state.revision + 1, by, reason)
    state.status, state.revision = Status.CLOSED, revision.number
    state.closed_at, state.closed_by = revision.closed_at, revision.closed_by
    state.save()
    _end_openings(month)
    entered = Correction.objects.entered().of_month(month)
    entered.filter(revision=None).update(revision=revision)
    return revision


def close_expired() -> list[Revision]:
    """Close each month again whose openings for single branches have all expired, and
    return the revisions they stand at. Safe to repeat, and side by side."""
    closed = []
    for state in ReportingMonth.objects.partly_open().order_by("month"):
        month = Month.of(state.month)
        with transaction.atomic():
            locks.hold_month(month)
            openings = MonthOpening.objects.of_month(month.first_day)
            if _held(month).status == Status.PARTLY and not openings.in_force():
                closed.append(close(month, None, EXPIRED))
    return closed


def reopen(
    month: Month,
    by,
    *,
    reason: str,
    branch: Branch | None = None,
    until: date | None = None,
) -> int:
    """
    Open the closed *month* again: for everybody, or for *branch* and those below it
    until the day *until*. Its revisions stay; the next closing makes another. Approved
    corrections of what is open now are entered; return how many.

    Raises ValidationError without a reason, or when the month is not closed.
    """
    if branch is None:
        _reopen(month, by, reason.strip())
    else:
        _open_for(month, by, reason.strip(), branch, until)
    # After it, each in a transaction of its own: they take locks of other months too.
    return corrections.enter_waiting(month, by)


@transaction.atomic
def _reopen(month: Month, by, reason: str) -> None:
    state = _shut(month, reason)
    _say_reopened(month, by, reason)
    _end_openings(month)
    state.status = Status.OPEN
    state.closed_at = state.closed_by = None
    state.save()
    # What was entered late with its true date (posts, branches) counts from now on.
    _count(month)


@transaction.atomic
def _open_for(month: Month, by, reason: str, branch: Branch, until) -> None:
    state = _shut(month, reason)
    _refuse_no_part(month, branch)
    _refuse_until(until)
    MonthOpening.objects.create(
        month=month.first_day, branch=branch, until=until, reason=reason, opened_by=by
    )
    told = f"只对{branch}，到 {day_label(until, year=True)}：{reason}"
    _say_reopened(month, by, told[:200])
    state.status = Status.PARTLY
    state.save()
    _count(month)


def _shut(month: Month, reason: str) -> ReportingMonth:
    """Hold *month*, which must not be open, and return its row."""
    if not reason:
        raise ValidationError({"reason": "请写明为什么要重新开账。"})
    if len(reason) > Reopening._meta.get_field("reason").max_length:
        raise ValidationError({"reason": "原因请写在 200 字以内。"})
    locks.hold_month(month)
    state = _held(month)
    if state.status == Status.OPEN:
        raise ValidationError(f"{state}没有结账，不用重新开账。")
    return state


def _refuse_no_part(month: Month, branch: Branch) -> None:
    placed = Placement.objects.covering(month).filter(branch=branch).first()
    if placed is None:
        raise ValidationError(
            {"branch": f"{branch}在{month.label}不在组织树里，请另选一个。"}
        )
    if placed.depth == 0:
        raise ValidationError({"branch": "要对全区重新开账，请选“整个月”。"})


def _refuse_until(until: date | None) -> None:
    today = local_today()
    if until is None or not today <= until <= today + LONGEST_OPENING:
        last = day_label(today + LONGEST_OPENING)
        raise ValidationError({"until": f"请写明开到哪一天：从今天起，最晚到 {last}。"})


def _say_reopened(month: Month, by, reason: str) -> None:
    Reopening.objects.create(
        revision=Revision.objects.newest_of(month), reopened_by=by, reason=reason
    )


def _end_openings(month: Month) -> None:
    openings = MonthOpening.objects.of_month(month.first_day)
    openings.not_ended().update(ended_at=timezone.now())


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


def _has_news(month: Month) -> bool:
    """Tell whether the figures of *month* say something else than its newest revision,
    or a correction waits to be named in one."""
    if bytes(Revision.objects.newest_of(month).csv) != paper.csv(month, rows.of(month)):
        return True
    entered = Correction.objects.entered().of_month(month)
    return entered.filter(revision=None).exists()


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
