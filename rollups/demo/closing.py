"""The closed months of the demo: all but the last two, each on a day of the month
after it, by the district's account."""

from __future__ import annotations

from datetime import datetime, timedelta

from federation.demo import Demo, load, step
from federation.demo.registry import at
from federation.models import ReportingMonth, User
from federation.months import Month
from rollups.closings import closing
from rollups.models import Reopening, Revision

LEFT_OPEN = 2  # the month of today, and the one that is being reported
CLOSED_AFTER = 9  # days of the next month
Status = ReportingMonth.Status


@step(950, "结账")
def close_months(demo: Demo) -> None:
    """Keep the first revision of every month that is closed."""
    for month in closed_months(demo):
        moment = at(month.next_first_day + timedelta(days=CLOSED_AFTER), 16, 20)
        revision(month, 1, min(moment, demo.now))


def closed_months(demo: Demo) -> list[Month]:
    return Month.range(demo.first_month, demo.this_month.plus(-LEFT_OPEN))


def reopen(month: Month, moment: datetime, why: str) -> None:
    """Open the closed *month* again, as the office did at that *moment*."""
    newest = Revision.objects.newest_of(month)
    row = Reopening(revision=newest, reopened_by=_office(), reason=why)
    row.reopened_at = moment
    load(Reopening, [row])
    states = ReportingMonth.objects.filter(month=month.first_day)
    states.update(status=Status.OPEN, closed_at=None, closed_by=None)


def revision(month: Month, number: int, moment: datetime, reason: str = "") -> None:
    office = _office()
    kept = closing.keep(month, number, office, reason, moment)
    ReportingMonth.objects.filter(month=month.first_day).update(
        status=Status.CLOSED,
        revision=number,
        closed_at=kept.closed_at,
        closed_by=office,
    )


def _office() -> User | None:
    return User.objects.filter(username="district").first()
