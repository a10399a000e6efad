"""Until when a month is to be reported."""

from __future__ import annotations

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import locks
from federation.models import ReportingMonth
from federation.months import Month
from federation.workdays import workday_from
from rollups.models import Submission

DUE_DAY = 5
DUE_AT = time(18, 0)


def usual_deadline(month: Month) -> datetime:
    """Return the 5th of the month after *month* at 18:00, local time; on a day nobody
    works, the next workday."""
    day = workday_from(month.next_first_day.replace(day=DUE_DAY))
    return at_local(day, DUE_AT)


def at_local(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def due_of(month: Month) -> datetime:
    """Return until when *month* is to be reported: as the district set it, or as
    usual."""
    return due_dates([month])[month]


def due_dates(months: list[Month]) -> dict[Month, datetime]:
    """Return the deadline of each of *months*."""
    days = [month.first_day for month in months]
    rows = ReportingMonth.objects.filter(month__in=days, due_at__isnull=False)
    as_set = dict(rows.values_list("month", "due_at"))
    return {
        month: as_set.get(month.first_day) or usual_deadline(month) for month in months
    }


@transaction.atomic
def set_deadline(month: Month, due_at: datetime | None) -> datetime:
    """
    Let *month* be reported until *due_at*, or as usual if None, and return until when.
    What was reported is late or not by the new deadline.

    Raises ValidationError for a closed month, or a deadline within the month.
    """
    locks.share_months([month])
    ReportingMonth.objects.refuse_closed(month.first_day)
    if due_at is not None and timezone.localdate(due_at) <= month.last_day:
        raise ValidationError(
            f"截止时间要在{month.label}过完之后，请填 {month.next_first_day} 或更晚。"
        )
    state, _ = ReportingMonth.objects.select_for_update().get_or_create(
        month=month.first_day
    )
    state.due_at = due_at
    state.save()
    due_at = due_at or usual_deadline(month)
    reported = Submission.objects.of_month(month).filter(reported_at__isnull=False)
    reported.filter(reported_at__gt=due_at, is_late=False).update(is_late=True)
    reported.filter(reported_at__lte=due_at, is_late=True).update(is_late=False)
    return due_at
