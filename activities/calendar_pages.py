"""The calendar's pages as values: which days, what title, what lies beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from activities.calendar import (
    ONE_DAY,
    NoSuchDateError,
    Week,
    day_of,
    grid_bounds,
    is_in_range,
    month_of,
    week_of,
)
from federation.months import Month
from federation.wording import day_label, day_range, weekday_name

CHINESE_MONTHS = [*"一二三四五六七八九十", "十一", "十二"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page one step away; without an address at the calendar's ends."""

    label: str
    description: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """One page: the days it is about, ``[first, end)``, and the days it shows."""

    title: str
    subtitle: str
    address: str
    first: date
    end: date
    shown_first: date
    shown_end: date
    previous: Neighbour
    next: Neighbour
    today: Neighbour
    month_address: str
    week_address: str

    def shows(self, day: date) -> bool:
        return self.first <= day < self.end


def month_page(year: int, number: int, today: date) -> CalendarPage:
    month = month_of(year, number)
    shown_first, shown_end = grid_bounds(month)
    here = month.first_day <= today < month.next_first_day
    return CalendarPage(
        title=month.label,
        subtitle="",
        address=month_address(month.first_day),
        first=month.first_day,
        end=month.next_first_day,
        shown_first=shown_first,
        shown_end=shown_end,
        previous=_month_beside(month.previous(), "上个月"),
        next=_month_beside(month.next(), "下个月"),
        today=Neighbour("今天", "回到本月", month_address(today)),
        month_address=month_address(month.first_day),
        week_address=week_address(today if here else month.first_day),
    )


def week_page(year: int, number: int, today: date) -> CalendarPage:
    week = week_of(year, number)
    first, end = week.first_day, week.next_first_day
    # A week belongs to the month of its Thursday, as ISO counts its year.
    thursday = date.fromisocalendar(year, number, 4)
    return CalendarPage(
        title=f"{year} 年第 {number} 周",
        subtitle=day_range(first, end - ONE_DAY),
        address=week_address(first),
        first=first,
        end=end,
        shown_first=first,
        shown_end=end,
        previous=_week_beside(week.previous(), "上一周"),
        next=_week_beside(week.next(), "下一周"),
        today=Neighbour("今天", "回到本周", week_address(today)),
        month_address=month_address(thursday),
        week_address=week_address(first),
    )


def day_page(year: int, month: int, number: int, today: date) -> CalendarPage:
    day = day_of(year, month, number)
    return CalendarPage(
        title=day_label(day, year=True),
        subtitle=weekday_name(day) + ("，今天" if day == today else ""),
        address=day_address(day),
        first=day,
        end=day + ONE_DAY,
        shown_first=day,
        shown_end=day + ONE_DAY,
        previous=_day_beside(day - ONE_DAY, "前一天"),
        next=_day_beside(day + ONE_DAY, "后一天"),
        today=Neighbour("今天", "看今天的活动", day_address(today)),
        month_address=month_address(day),
        week_address=week_address(day),
    )


def month_address(day: date) -> str:
    return reverse("activities:calendar_month", args=[day.year, day.month])


def week_address(day: date) -> str:
    week = Week.of(day)
    return reverse("activities:calendar_week", args=[week.year, week.number])


def day_address(day: date) -> str:
    return reverse("activities:calendar_day", args=[day.year, day.month, day.day])


def _month_beside(month: Month, words: str) -> Neighbour:
    address = month_address(month.first_day) if is_in_range(month.first_day) else ""
    label = f"{CHINESE_MONTHS[month.number - 1]}月"
    return Neighbour(label, f"{words}：{month.label}", address)


def _week_beside(week: Week, words: str) -> Neighbour:
    try:
        week_of(week.year, week.number)
    except NoSuchDateError:
        return Neighbour(words, words)
    return Neighbour(words, words, week_address(week.first_day))


def _day_beside(day: date, words: str) -> Neighbour:
    address = day_address(day) if is_in_range(day) else ""
    return Neighbour(words, f"{words}：{day_label(day, year=True)}", address)
