"""Which month is being reported, and what a person has to say to it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, Q

from federation.models import MonthOpening, ReportingMonth
from federation.months import Month, local_today
from federation.roles import permissions_of
from federation.scope import grants_in_force
from rollups.models import Submission
from rollups.submissions.acts import REPORT


def month_to_report() -> Month:
    """Return the newest month that can be reported: from its last day on."""
    return Month.of(local_today() + timedelta(days=1)).previous()


def own_to_report(user):
    """Return what *user* still has to report, oldest first: of the very branches she
    was given, in months that can be reported and are not closed to them. What has
    changed since she confirmed it is among them."""
    paths = [
        path for path, role in grants_in_force(user) if REPORT in permissions_of(role)
    ]
    left = left_to_report().filter(branch__path__in=paths)
    return left.select_related("branch").order_by("month", "branch__path")


def left_to_report():
    """Return what any branch still has to say something to, in months that can be
    reported and are not closed to it."""
    shut = ReportingMonth.objects.not_open().values("month")
    opened = Exists(MonthOpening.objects.for_row())
    open_ones = Submission.objects.filter(
        month__lte=month_to_report().first_day
    ).filter(~Q(month__in=shut) | opened)
    return open_ones.unreported() | open_ones.filter(has_changed=True)
