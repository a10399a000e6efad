"""When reminders go out: three workdays before the deadline and on the workday after
it; each time on the workday that follows as well, for what failed or nobody could
send."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from federation.models import ReportingMonth
from federation.months import Month
from federation.workdays import is_workday, workday_after, workday_before, workday_from
from rollups.models import Reminder
from rollups.submissions import as_expected
from rollups.submissions.deadlines import due_dates
from rollups.submissions.reading import month_to_report

Occasion = Reminder.Occasion

AHEAD = 3  # workdays
FROM, UNTIL = time(9), time(17)


def is_working_time(now: datetime) -> bool:
    local = timezone.localtime(now)
    return is_workday(local.date()) and FROM <= local.time() < UNTIL


def occasion_of(month: Month, due_at: datetime, now: datetime) -> Occasion | None:
    """Return what *now*, a working time, is to a month that is due at *due_at*."""
    occasion = Occasion.BEFORE if now < due_at else Occasion.AFTER
    first = days_of(month, timezone.localdate(due_at))[occasion]
    today = timezone.localdate(now)
    return occasion if today in (first, workday_after(first)) else None


def days_of(month: Month, due_on: date) -> dict[Occasion, date]:
    """Return the day on which each reminder of *month*, due on *due_on*, goes out."""
    # Before its last day there is nothing to report.
    before = max(workday_before(due_on, AHEAD), workday_from(month.last_day))
    return {Occasion.BEFORE: before, Occasion.AFTER: workday_after(due_on)}


def due_now(now: datetime) -> tuple[dict[Month, datetime], Occasion] | None:
    """Return the open months of which people are to be reminded at *now*, newest
    first, with their deadlines, and the occasion; None if there is nothing to send."""
    rule = as_expected()
    if not rule.sends_reminders or not is_working_time(now):
        return None
    newest = month_to_report()
    rows = ReportingMonth.objects.filter(
        status=ReportingMonth.Status.OPEN, month__lte=newest.first_day
    )
    days = rows.order_by("-month").values_list("month", flat=True)
    due = due_dates([month for day in days if rule.covers(month := Month.of(day))])
    occasions = {month: occasion_of(month, due[month], now) for month in due}
    chosen = next(filter(None, occasions.values()), None)
    if chosen is None:
        return None
    return {month: due[month] for month in due if occasions[month]}, chosen
