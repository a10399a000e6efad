"""How the rows of a ``Source`` are read, where records belong to a branch and hold on
days or happen on one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import QuerySet
from django.db.models.functions import TruncMonth

from federation.models import Programme
from rollups.registry import as_month

OfDay = Callable[[date], QuerySet]  # day -> the records that hold on it
OfPeriod = Callable[[date, date], QuerySet]  # (first, end) -> those of [first, end)


def at_month_end(of_day: OfDay, measures: dict) -> Callable:
    """Return the ``rows`` of a stock: what holds on the last day of each month."""

    def rows(months):
        for month in months:
            yield (
                of_day(month.last_day)
                .order_by()
                .values("branch_id")
                .annotate(
                    month=as_month(month),
                    programme_id=Programme.objects.sentinel_id(),
                    **measures,
                )
            )

    return rows


def records_at_month_end(of_day: OfDay, *related: str) -> Callable:
    """Return the ``records`` of a stock, each with its branch and *related*."""

    def records(first, end):
        return of_day(end - timedelta(days=1)).select_related("branch", *related)

    return records


def in_month(of_period: OfPeriod, field: str, measures: dict) -> Callable:
    """Return the ``rows`` of a flow, each in the month of its date *field*."""

    def rows(months):
        yield (
            of_period(months[0].first_day, months[-1].next_first_day)
            .order_by()
            .values("branch_id", month=TruncMonth(field))
            .annotate(programme_id=Programme.objects.sentinel_id(), **measures)
        )

    return rows


def records_in_month(of_period: OfPeriod, *related: str) -> Callable:
    """Return the ``records`` of a flow, each with its branch and *related*."""

    def records(first, end):
        return of_period(first, end).select_related("branch", *related)

    return records
