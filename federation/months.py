"""The month as a value, and the one place that knows which day it is.

A month is stored as the date of its first day. Every date of this site is a local
date in Asia/Shanghai, so a month is a plain half-open range of dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

# Open ends are dates too, so that range comparisons need no NULL branch.
SINCE_EVER = date(1900, 1, 1)
UNTIL_EVER = date(9999, 12, 1)


def local_today() -> date:
    """Return today's date in the site's one time zone."""
    return timezone.localdate()


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month; orders and compares as time does."""

    year: int
    number: int

    def __post_init__(self):
        if not (1 <= self.number <= 12 and 1900 <= self.year <= 9998):
            raise ValueError(f"no such month: {self.year}-{self.number}")

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month in which *day* lies."""
        return cls(day.year, day.month)

    @classmethod
    def current(cls) -> Month:
        """Return the month of today, local time."""
        return cls.of(local_today())

    @classmethod
    def parse(cls, text: str) -> Month:
        """Return the month written as ``2025-03``. Raises ValueError otherwise."""
        year, dash, number = text.strip().partition("-")
        digits = year.isascii() and year.isdigit() and len(year) == 4
        if not (dash and digits and number.isascii() and number.isdigit()):
            raise ValueError(f"not a month: {text!r}")
        return cls(int(year), int(number))

    @classmethod
    def range(cls, first: Month, last: Month) -> list[Month]:
        """Return the months from *first* to *last*, both included, oldest first."""
        return list(first.until(last))

    def until(self, last: Month) -> Iterator[Month]:
        month = self
        while month <= last:
            yield month
            month = month.next()

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def next_first_day(self) -> date:
        """The first day no longer in this month: ranges are ``[first, next)``."""
        return self.next().first_day

    @property
    def last_day(self) -> date:
        return self.next_first_day - timedelta(days=1)

    @property
    def ordinal(self) -> int:
        """A small integer that grows by one each month; the key of month locks."""
        return self.year * 12 + self.number - 1

    def plus(self, months: int) -> Month:
        """Return the month *months* later (earlier when negative)."""
        year, zero_based = divmod(self.ordinal + months, 12)
        return Month(year, zero_based + 1)

    def next(self) -> Month:
        return self.plus(1)

    def previous(self) -> Month:
        return self.plus(-1)

    def year_earlier(self) -> Month:
        return self.plus(-12)

    @property
    def label(self) -> str:
        """Return the Chinese title, ``2025 年 3 月``."""
        return f"{self.year} 年 {self.number} 月"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
