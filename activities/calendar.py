"""The public calendar as plain values: weeks, months, days and the lines on them.

Nothing here asks the database or the clock; ``activities.agenda`` fetches the rows
that :func:`lay_out` puts on their days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import groupby

import chinese_calendar

from federation.months import Month
from federation.wording import clock, day_label

# Robots follow "next" for ever; nobody reads the calendar outside these years.
FIRST_YEAR = 2000
LAST_YEAR = 2099

ONE_DAY = timedelta(days=1)


class NoSuchDateError(ValueError):
    """An address that names no day of the calendar; the message is for the reader."""


OUT_OF_RANGE = f"活动日历只有 {FIRST_YEAR} 年到 {LAST_YEAR} 年。"


def check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoSuchDateError(OUT_OF_RANGE)


def month_of(year: int, number: int) -> Month:
    """Return the month. Raises NoSuchDateError for month 13 or a year out of range."""
    check_year(year)
    try:
        return Month(year, number)
    except ValueError:
        raise NoSuchDateError(f"没有 {year} 年 {number} 月，请检查网址。") from None


def week_of(year: int, number: int) -> Week:
    """Return the ISO week. Raises NoSuchDateError for week 60, or a 53 too many, and
    for one without a day in the calendar's years."""
    # The week of 1 January 2000 is 1999-W52.
    if FIRST_YEAR - 1 <= year <= LAST_YEAR + 1:
        try:
            first_day = date.fromisocalendar(year, number, 1)
        except ValueError:
            raise NoSuchDateError(
                f"{year} 年没有第 {number} 周，请检查网址。"
            ) from None
        if is_in_range(first_day) or is_in_range(first_day + 6 * ONE_DAY):
            return Week(year, number)
    raise NoSuchDateError(OUT_OF_RANGE)


def day_of(year: int, month: int, day: int) -> date:
    """Return the day. Raises NoSuchDateError for 30 February or a year out of range."""
    check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDateError(
            f"没有 {year} 年 {month} 月 {day} 日，请检查网址。"
        ) from None


def is_in_range(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week, Monday to Sunday; its year is the week year, not the calendar's."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Week:
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @property
    def first_day(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def next_first_day(self) -> date:
        return self.first_day + timedelta(days=7)

    def next(self) -> Week:
        return Week.of(self.next_first_day)

    def previous(self) -> Week:
        return Week.of(self.first_day - ONE_DAY)


def days_between(first: date, end: date) -> Iterator[date]:
    """Yield the days of ``[first, end)``."""
    while first < end:
        yield first
        first += ONE_DAY


def grid_bounds(month: Month) -> tuple[date, date]:
    """Return ``[first, end)`` of the whole weeks that show *month*, Monday first."""
    first = month.first_day - timedelta(days=month.first_day.weekday())
    trailing = 6 - month.last_day.weekday()
    return first, month.last_day + timedelta(days=trailing + 1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off by law (休), or a weekend day worked instead (班)."""

    name: str
    is_off: bool

    @property
    def sign(self) -> str:
        return "休" if self.is_off else "班"


def holiday_on(day: date) -> Holiday | None:
    """Return the official holiday or make-up workday; None for any other day and
    for years whose holidays have not been announced to us."""
    try:
        is_off, english = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    if english is None:
        return None
    return Holiday(HOLIDAY_NAMES[english], is_off)


HOLIDAY_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
# The full name of 2015's one-off holiday is longer than a cell is wide.
HOLIDAY_NAMES["Anti-Fascist 70th Day"] = "抗战胜利日"


@dataclass(frozen=True, slots=True)
class Line:
    """What the calendar shows of one activity: the whitelisted public fields."""

    pk: int
    url: str
    title: str
    starts_on: date
    ends_on: date
    starts_at: time | None
    ends_at: time | None
    where: str
    tag: str
    colour: str
    state: str = ""  # 已取消, 已延期 or nothing
    is_cancelled: bool = False

    def on(self, day: date) -> Entry:
        """Return this line as it reads on *day*, one of its days."""
        return Entry(self, *self._time_words(day))

    def _time_words(self, day: date) -> tuple[str, str]:
        if day > self.starts_on:
            return f"第 {(day - self.starts_on).days + 1} 天", self._until(day)
        return clock(self.starts_at) or "当天", self._until(day)

    def _until(self, day: date) -> str:
        if self.ends_on > day:
            return f"至 {day_label(self.ends_on)}"
        if self.ends_on == self.starts_on and self.starts_at and self.ends_at:
            return f"至 {clock(self.ends_at)}"
        return "最后一天" if self.ends_on > self.starts_on else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line on one of its days."""

    line: Line
    time: str
    until: str

    @property
    def is_clock(self) -> bool:
        return self.time[:1].isdigit()


@dataclass(slots=True)
class CalendarDay:
    """One day with the lines shown on it and the number of those left out."""

    date: date
    entries: list[Entry]
    count: int
    holiday: Holiday | None
    is_today: bool
    is_past: bool
    other_year: int | None  # named where a list leaves the current year
    is_out: bool = False  # of the month whose grid this is

    @property
    def hidden_count(self) -> int:
        return self.count - len(self.entries)

    @property
    def path(self) -> str:
        """The day's address below `/calendar/`; nothing outside its years."""
        return f"{self.date:%Y/%m/%d}/" if is_in_range(self.date) else ""

    @property
    def classes(self) -> str:
        states = {
            "has": self.count,
            "today": self.is_today,
            "past": self.is_past,
            "out": self.is_out,
        }
        return " ".join(["day", *(name for name, applies in states.items() if applies)])


def lay_out(
    days: Iterable[date],
    lines: Iterable[Line],
    spans: dict[tuple[date, date], int],
    per_day: int,
    today: date,
) -> list[CalendarDay]:
    """
    Put *lines* on each of their days, at most *per_day* on one.

    spans   {(first, last): number of activities from first to last}, both within
            the days shown
    lines   the first *per_day* of each span; what begins on a day stands before what
            goes on from an earlier one, so a long exhibition crowds out nothing
    """
    by_day = defaultdict(list)
    days = list(days)
    for line in lines:
        first = max(line.starts_on, days[0])
        last = min(line.ends_on, days[-1])
        for day in days_between(first, last + ONE_DAY):
            by_day[day].append(line)
    counts = count_by_day(days, spans)
    return [
        replace(
            day_with(day, sorted(by_day[day], key=order_on(day))[:per_day], today),
            count=counts[day],
        )
        for day in days
    ]


def day_with(day: date, lines: Iterable[Line], today: date) -> CalendarDay:
    """Return *day* with all of *lines* on it, in their order."""
    entries = [line.on(day) for line in lines]
    return CalendarDay(
        date=day,
        entries=entries,
        count=len(entries),
        holiday=holiday_on(day),
        is_today=day == today,
        is_past=day < today,
        other_year=day.year if day.year != today.year else None,
    )


def list_by_day(
    lines: Iterable[Line], today: date, since: date = date.min
) -> list[CalendarDay]:
    """Return the days on which *lines* begin, in their order; one that began before
    *since* stands on *since*. Each line is listed once."""
    return [
        day_with(day, list(group), today)
        for day, group in groupby(lines, key=lambda line: max(line.starts_on, since))
    ]


def order_on(day: date):
    """Return the sort key of lines on *day*: new ones by hour, then older ones;
    cancelled ones take no place from those that happen."""

    def key(line: Line):
        age = (day - line.starts_on).days
        return age, line.is_cancelled, line.starts_at or time.min, line.pk

    return key


def count_by_day(
    days: list[date], spans: dict[tuple[date, date], int]
) -> dict[date, int]:
    """Return how many of the *spans* lie on each day, in one pass over both."""
    change = defaultdict(int)
    for (first, last), number in spans.items():
        change[first] += number
        change[last + ONE_DAY] -= number
    counts, running = {}, 0
    for day in days:
        running += change[day]
        counts[day] = running
    return counts


def count_within(
    spans: dict[tuple[date, date], int], first_day: date, end_day: date
) -> int:
    """Return the number of activities with at least one day in ``[first, end)``."""
    return sum(
        number
        for (first, last), number in spans.items()
        if first < end_day and last >= first_day
    )
