"""What branches have answered of what they are asked, for months and branches at once:
the report page, the acts and the recount read the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Min

from federation.months import Month
from rollups.models import ReportedBatch, ReportedFigure
from rollups.models.reported import written

Place = tuple[int, date]  # branch id, first day of the month


class Answers:
    """The figures of *months*, and what is still silent."""

    def __init__(self, batches: list[ReportedBatch], figures, since):
        self._batches = batches
        self._since = since  # {(branch, batch): month of the first figure} of stocks
        self._values: dict[Place, dict[str, Decimal]] = defaultdict(dict)
        for branch_id, day, batch_id, value in figures:
            self._values[branch_id, day][str(batch_id)] = value

    def entered(self, place: Place) -> dict[str, str]:
        """Return ``{batch: value}`` of what was typed in for the month itself, as a
        submission keeps it."""
        found = self._values.get(place, {})
        return {batch: f"{value:f}" for batch, value in sorted(found.items())}

    def is_nothing(self, place: Place) -> bool:
        """Tell whether nothing but zeros was typed in."""
        return not any(self._values.get(place, {}).values())

    def asked(self, day: date, level: str) -> list[ReportedBatch]:
        """Return what a branch of *level* is asked for the month of *day*."""
        month = Month.of(day)
        return [
            batch
            for batch in self._batches
            if batch.is_in_force(month) and level in batch.indicator.levels
        ]

    def missing(self, place: Place, level: str) -> list[ReportedBatch]:
        """Return what a branch of *level* was asked for and is silent on. A stock goes
        on as it was said last, so once is enough."""
        branch_id, day = place
        values = self._values.get(place, {})
        return [
            batch
            for batch in self.asked(day, level)
            if str(batch.pk) not in values
            and not self._since.get((branch_id, batch.pk), date.max) <= day
        ]

    def named(self, place: Place) -> str:
        """Return what is not zero in words: ``救助 3 人、两癌检查 2023 年 12 人``."""
        values = self._values.get(place, {})
        return "、".join(
            f"{batch} {written(values[str(batch.pk)])} {batch.indicator.unit}"
            for batch in self._batches
            if values.get(str(batch.pk))
        )


def answers_of(months: Iterable[Month], branch_ids=None) -> Answers:
    """Return what is answered in *months*, of all branches or of these."""
    months = sorted(months)
    batches = ReportedBatch.objects.in_force(months[0], months[-1])
    batches = list(
        batches.select_related("indicator").order_by(
            "indicator__position", "indicator", "from_month", "pk"
        )
    )
    if not batches:
        return Answers([], [], {})
    figures = ReportedFigure.objects.filter(batch__in=[one.pk for one in batches])
    if branch_ids is not None:
        figures = figures.filter(branch__in=branch_ids)
    figures = figures.order_by()
    of_months = figures.filter(month__in=[month.first_day for month in months])
    stocks = [batch.pk for batch in batches if batch.indicator.is_stock]
    since = figures.filter(batch__in=stocks) if stocks else figures.none()
    since = since.values_list("branch_id", "batch_id").annotate(first=Min("month"))
    return Answers(
        batches,
        of_months.values_list("branch_id", "month", "batch_id", "value"),
        {(branch_id, batch_id): day for branch_id, batch_id, day in since},
    )
