"""What was counted before the site, as a note below a table: never added to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from federation.months import Month
from rollups.models import Baseline
from rollups.models.reported import written
from rollups.registry import Indicator, Kind
from rollups.tables.question import Question


@dataclass(frozen=True, slots=True)
class Note:
    """What stands in papers about one indicator, within a question's period and
    branch."""

    indicator: Indicator
    first: Month
    last: Month
    value: Decimal
    is_exact: bool
    sources: list[str]

    @property
    def sentence(self) -> str:
        """Return ``两癌检查：2019 年 1 月至 2020 年 12 月 约 12,000 人（来源：…）``."""
        period = self.first.label
        if self.last != self.first:
            period = f"{period}至 {self.last.label}"
        about = "" if self.is_exact else "约 "
        sources = "；".join(self.sources)
        return (
            f"{self.indicator.label}：{period} {about}{written(self.value)} "
            f"{self.indicator.unit}（来源：{sources}）"
        )


def baselines_for(question: Question) -> list[Note]:
    """Return a note for each indicator of *question* that has baselines wholly within
    its months and below its branch, in the order of its columns; those of the batches
    of a campaign are the campaign's, too."""
    rows = _rows(question)
    found = [
        (indicator, [row for row in rows if _is_of(row.indicator, indicator.code)])
        for indicator in question.indicators
        if indicator.is_additive
    ]
    return [_note(indicator, some) for indicator, some in found if some]


def _is_of(code: str, asked: str) -> bool:
    return code == asked or code.startswith(f"{asked}.")


def _rows(question: Question) -> list[Baseline]:
    first, last = question.first.first_day, question.last.first_day
    rows = Baseline.objects.filter(branch__path__startswith=question.branch.path)
    rows = rows.within_period(first, last)
    if question.programme:
        rows = rows.filter(programme__in=question.programme_ids)
    return list(rows.order_by("branch__path", "first_month", "pk"))


def _note(indicator: Indicator, rows: list[Baseline]) -> Note:
    if indicator.kind is Kind.STOCK:
        # What was there at the end of the last of these periods: nothing adds up.
        latest = max(row.last_month for row in rows)
        rows = [row for row in rows if row.last_month == latest]
    return Note(
        indicator=indicator,
        first=Month.of(min(row.first_month for row in rows)),
        last=Month.of(max(row.last_month for row in rows)),
        value=sum((row.value for row in rows), Decimal(0)),
        is_exact=all(row.is_exact for row in rows),
        sources=list(dict.fromkeys(row.source for row in rows)),
    )
