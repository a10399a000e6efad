"""What the records say to a submission, after every recount.

``settled`` is a function of the row and what is counted now: to settle twice, or again
every night, changes nothing, and whatever order an approval and a 零报告 arrive in, the
recount that serves the approval's mark comes last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from federation import batches
from federation.months import Month
from rollups.models import Submission
from rollups.reported import Answers, answers_of
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
    "reported",
    "branch__level",
)


class Word(NamedTuple):
    """What a branch says, or said: the figures of its records, and ``{batch: value}``
    of what it typed in."""

    figures: Figures = NOTHING
    reported: dict[str, str] = {}  # noqa: RUF012  never written to

    @property
    def is_nothing(self) -> bool:
        """Whether it says zero and nothing else."""
        return self.figures == NOTHING and not any(map(Decimal, self.reported.values()))


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
    answers = answers_of(months, branch_ids)
    found: dict[Month, list[int]] = defaultdict(list)
    for pk, branch_id, day, status, has_changed, *said, level in rows:
        place = branch_id, day
        now, lacks = word_now(figures, answers, place, level)
        if settled(status, _word(*said), now, lacks=lacks) != (status, has_changed):
            found[Month.of(day)].append(pk)
    due = due_dates(list(found))
    for month, pks in found.items():
        for chosen in batches.of(pks):
            _write(month, chosen, figures, answers, due[month])


def word_now(
    figures: dict, answers: Answers, place: tuple, level: str
) -> tuple[Word, bool]:
    """Return what a branch counts now, and whether it is silent on what it is asked."""
    word = Word(figures.get(place, NOTHING), answers.entered(place))
    return word, bool(answers.missing(place, level))


def settled(
    status: str, confirmed: Word | None, now: Word, *, lacks: bool = False
) -> tuple[str, bool]:
    """Return (status, has_changed) of a submission that stands at *status*, for which
    somebody confirmed this word or nobody any, and whose branch says *now*. While it
    *lacks* a figure it is asked for, its records do not report by themselves."""
    if status == Status.RETURNED:  # the branch's word brings it back, nothing else
        return status, False
    if confirmed is None:
        is_said = now.figures.sessions and not lacks
        return (Status.REPORTED if is_said else Status.MISSING), False
    if confirmed.is_nothing and now.is_nothing:
        return Status.ZERO, False
    return Status.REPORTED, confirmed != now


def _write(
    month: Month, pks: list[int], figures: dict, answers: Answers, due_at: datetime
) -> None:
    # Locked, and read again: the branch may have said something meanwhile.
    rows = list(
        Submission.objects.filter(pk__in=pks)
        .order_by("pk")
        .select_related("branch")
        .select_for_update(of=("self",), no_key=True)
    )
    new = [row.branch_id for row in rows if row.reported_at is None]
    handed_in = reporting.handed_in(new, month) if new else {}
    for row in rows:
        place = row.branch_id, month.first_day
        now, lacks = word_now(figures, answers, place, row.branch.level)
        confirmed = confirmed_by(row)
        row.status, row.has_changed = settled(row.status, confirmed, now, lacks=lacks)
        if row.status == Status.MISSING:
            row.reported_at, row.is_late = None, False
        elif row.reported_at is None:
            row.reported_at = handed_in.get(row.branch_id) or timezone.now()
            row.is_late = row.reported_at > due_at
    Submission.objects.bulk_update(rows, WRITTEN, batch_size=batches.BATCH)


def confirmed_by(row: Submission) -> Word | None:
    """Return what somebody confirmed of *row*; None if nobody did."""
    return _word(row.sessions, row.attendance, row.reported)


def _word(sessions: int | None, attendance: int | None, reported: dict) -> Word | None:
    return None if sessions is None else Word(Figures(sessions, attendance), reported)
