"""What the records say to a submission, after every recount.

``settled`` is a function of the row and what is counted now: to settle twice, or again
every night, changes nothing, and whatever order an approval and a 零报告 arrive in, the
recount that serves the approval's mark comes last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from federation import batches
from federation.months import Month
from rollups.models import Submission
from rollups.submissions import reporting
from rollups.submissions.deadlines import due_dates
from rollups.submissions.reporting import NOTHING, Figures

Status = Submission.Status
WRITTEN = ("status", "has_changed", "reported_at", "is_late")
READ = (
    "pk",
    "branch_id",
    "month",
    "status",
    "has_changed",
    "sessions",
    "attendance",
)


def settle(months: Iterable[Month], branch_ids: set[int] | None = None) -> None:
    """Bring the submissions of *months* in line with the rollups, for the branches
    recounted or for all. Call it in the transaction of the recount."""
    months = list(months)
    rows = Submission.objects.filter(month__in=[month.first_day for month in months])
    if branch_ids is not None:
        rows = rows.filter(branch__in=branch_ids)
    rows = list(rows.order_by("pk").values_list(*READ))
    if not rows:
        return
    figures = reporting.stored(months, branch_ids)
    found: dict[Month, list[int]] = defaultdict(list)
    for pk, branch_id, day, status, has_changed, sessions, attendance in rows:
        now = figures.get((branch_id, day), NOTHING)
        confirmed = None if sessions is None else Figures(sessions, attendance)
        if settled(status, confirmed, now) != (status, has_changed):
            found[Month.of(day)].append(pk)
    due = due_dates(list(found))
    for month, pks in found.items():
        for chosen in batches.of(pks):
            _write(month, chosen, figures, due[month])


def settled(status: str, confirmed: Figures | None, now: Figures) -> tuple[str, bool]:
    """Return (status, has_changed) of a submission that stands at *status*, for which
    somebody confirmed these figures or nobody any, and whose branch counts *now*."""
    if status == Status.RETURNED:  # the branch's word brings it back, nothing else
        return status, False
    if confirmed is None:
        return (Status.REPORTED if now.sessions else Status.MISSING), False
    if confirmed == now == NOTHING:
        return Status.ZERO, False
    return Status.REPORTED, confirmed != now


def _write(month: Month, pks: list[int], figures: dict, due_at: datetime) -> None:
    # Locked, and read again: the branch may have said something meanwhile.
    rows = list(
        Submission.objects.filter(pk__in=pks)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    new = [row.branch_id for row in rows if row.reported_at is None]
    handed_in = reporting.handed_in(new, month) if new else {}
    for row in rows:
        now = figures.get((row.branch_id, month.first_day), NOTHING)
        row.status, row.has_changed = settled(row.status, confirmed_by(row), now)
        if row.status == Status.MISSING:
            row.reported_at, row.is_late = None, False
        elif row.reported_at is None:
            row.reported_at = handed_in.get(row.branch_id) or timezone.now()
            row.is_late = row.reported_at > due_at
    Submission.objects.bulk_update(rows, WRITTEN, batch_size=batches.BATCH)


def confirmed_by(row: Submission) -> Figures | None:
    """Return what somebody confirmed of *row*; None if nobody did."""
    return None if row.sessions is None else Figures(row.sessions, row.attendance)
