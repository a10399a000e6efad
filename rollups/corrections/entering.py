"""Approved corrections become records when their month is open.

Each in a transaction of its own, which takes the months' locks in their order as any
writer does; whoever dies in between leaves them waiting, and the next run finds them.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from federation.models import ReportingMonth
from federation.months import Month
from rollups.corrections.handlers import handler_of
from rollups.models import Correction, CorrectionStep

State = Correction.State
Verb = CorrectionStep.Verb


def enter_waiting(month: Month | None = None, by=None) -> int:
    """Enter what was approved and whose month (*month*, or any) is open to it now, and
    return how many that were. One that cannot be entered holds up no other."""
    waiting = Correction.objects.to_enter()
    if month is not None:
        waiting = waiting.of_month(month)
    closed = ReportingMonth.objects.closed().values("month")
    waiting = waiting.exclude(month__in=closed).order_by("pk")
    return sum(enter(correction, by) for correction in list(waiting))


def enter(correction: Correction, by=None) -> bool:
    """
    Write *correction* as the record it says, if its month is open to it; tell whether
    it was entered now. Safe to repeat.

    What the record itself refuses (it was changed meanwhile, another month it touches
    is closed) is noted on the correction, which goes on waiting.
    """
    try:
        return _enter(correction, by)
    except ValidationError as refusal:
        if _is_closed(correction):
            return False
        _hold_up(correction, "".join(refusal.messages))
    except IntegrityError:
        _hold_up(correction, "和已有的记录冲突，没能入账，请核对后重新填报。")
    return False


@transaction.atomic
def _enter(correction: Correction, by) -> bool:
    stored = _locked(correction)
    if stored is None:
        return False
    stored.object_id = handler_of(stored).enter(stored)
    stored.state, stored.entered_at, stored.problem = State.ENTERED, timezone.now(), ""
    stored.save()
    CorrectionStep.objects.create(correction=stored, verb=Verb.ENTERED, by=by)
    return True


@transaction.atomic
def _hold_up(correction: Correction, problem: str) -> None:
    stored = _locked(correction)
    problem = problem[:300]
    if stored is None or stored.problem == problem:
        return
    stored.problem = problem
    stored.save()
    CorrectionStep.objects.create(correction=stored, verb=Verb.HELD_UP, reason=problem)


def _locked(correction: Correction) -> Correction | None:
    """Return the stored row, locked; None if it does not wait to be entered."""
    rows = Correction.objects.to_enter().select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("branch", "author", "street_by", "district_by")
    return rows.filter(pk=correction.pk).first()


def _is_closed(correction: Correction) -> bool:
    """Tell whether the correction's own month is (still) closed to its branch: it
    simply waits."""
    place = correction.as_bucket()
    return bool(ReportingMonth.objects.why_closed_to([place]))
