"""What stands in the columns of the wide table: an indicator, beside its earlier
periods and what the year is to bring."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rollups.registry import Indicator
from rollups.tables.question import Question


class Aspect(Enum):
    """What a column shows of its indicator."""

    NOW = "now"
    BEFORE = "before"  # 上月
    CHANGE = "change"  # 环比
    YEAR_AGO = "year_ago"  # 去年同月
    YEAR_CHANGE = "year_change"  # 同比
    YEAR_TO_DATE = "year_to_date"  # 本年累计
    TARGET = "target"  # 年度目标
    ACHIEVED = "achieved"  # 完成率: the year to date ÷ the target

    @property
    def is_change(self) -> bool:
        return self in (Aspect.CHANGE, Aspect.YEAR_CHANGE)


COMPARED = [
    Aspect.NOW,
    Aspect.BEFORE,
    Aspect.CHANGE,
    Aspect.YEAR_AGO,
    Aspect.YEAR_CHANGE,
    Aspect.YEAR_TO_DATE,
]
OF_TARGET = [Aspect.TARGET, Aspect.ACHIEVED]
COMPARED_WITH = {Aspect.CHANGE: Aspect.BEFORE, Aspect.YEAR_CHANGE: Aspect.YEAR_AGO}


def label_of(aspect: Aspect, period: Question) -> str:
    """Return what *aspect* is called for a *period* of one month, or of several."""
    is_month = period.length == 1
    return {
        Aspect.NOW: "本月" if is_month else "本期",
        Aspect.BEFORE: "上月" if is_month else "上期",
        Aspect.CHANGE: "环比",
        Aspect.YEAR_AGO: "去年同月" if is_month else "去年同期",
        Aspect.YEAR_CHANGE: "同比",
        Aspect.YEAR_TO_DATE: "本年累计",
        Aspect.TARGET: "年度目标",
        Aspect.ACHIEVED: "完成率",
    }[aspect]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of figures: *question* asks for its period."""

    indicator: Indicator
    aspect: Aspect
    question: Question

    @property
    def is_change(self) -> bool:
        return self.aspect.is_change

    @property
    def is_share(self) -> bool:
        return self.aspect is Aspect.ACHIEVED

    @property
    def has_records(self) -> bool:
        """Whether its figures are counted, so that records stand behind them."""
        return not (self.is_change or self.aspect in OF_TARGET)

    @property
    def label(self) -> str:
        """Return what stands under the indicator's name."""
        return label_of(self.aspect, self.question)

    @property
    def title(self) -> str:
        """Return the title of the column where it stands alone, as in a file."""
        label = self.indicator.label
        if self.aspect is not Aspect.NOW:
            label = f"{label} {self.label}"
        bare = self.is_change or self.is_share
        return label if bare else f"{label}（{self.indicator.unit}）"
