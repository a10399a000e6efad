"""What a recognition in force rests on: the inspection that its last 认定, 复核 or
整改合格 went by. It may be mended, but not so that it would carry the recognition no
more: what was decided, and published, could be defended no longer."""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from families.models import Inspection, Recognition
from families.models.choices import Act, Stage

# The acts that go by an inspection and leave the recognition in force.
CONFIRMING = (Act.GRANT, Act.RENEW, Act.MEND)


def hold(inspection: Inspection) -> None:
    """Lock the recognitions that may go by *inspection*, until the transaction ends:
    no act goes by it while it changes."""
    rows = _running(inspection).select_for_update(no_key=True)
    list(rows.order_by("pk").values_list("pk"))


def resting_on(inspection: Inspection) -> date | None:
    """Return the day of the act by which a recognition in force rests on *inspection*;
    None if none does."""
    granted = _running(inspection).filter(stage=Stage.GRANTED)
    confirmed = granted.filter(steps__act__in=CONFIRMING)
    day = confirmed.aggregate(day=Max("steps__done_on"))["day"]
    is_newest = day is not None and _newest(inspection, day) == inspection.pk
    return day if is_newest else None


def _running(inspection: Inspection):
    """Return the recognition of its household or village that is on the way or in
    force; there is one at most."""
    running = Recognition.objects.running()
    if inspection.household_id:
        return running.of_households().filter(household=inspection.household_id)
    return running.of_villages().filter(branch=inspection.branch_id)


def _newest(inspection: Inspection, day: date) -> int | None:
    """Return the key of the inspection that an act on *day* went by."""
    if inspection.household_id:
        seen = Inspection.objects.deciding_on_households()
        seen = seen.filter(household=inspection.household_id)
    else:
        seen = Inspection.objects.deciding_on_villages()
        seen = seen.filter(branch=inspection.branch_id)
    seen = seen.filter(inspected_on__lte=day).order_by("-inspected_on", "-pk")
    return seen.values_list("pk", flat=True).first()
