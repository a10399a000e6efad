"""Which days people work in this country: weekends, official holidays, and the weekend
days that are worked instead."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

SATURDAY = 5
ONE_DAY = timedelta(days=1)
# Month and day of the holidays that have a date by law; the others follow the moon.
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def is_workday(day: date) -> bool:
    """Tell whether *day* is worked; in a year whose holidays have not been announced
    to us, every day but the weekend and the holidays with a fixed date is."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        is_holiday = (day.month, day.day) in FIXED_HOLIDAYS
        return day.weekday() < SATURDAY and not is_holiday


def workday_from(day: date) -> date:
    """Return *day*, or the first workday after it."""
    while not is_workday(day):
        day += ONE_DAY
    return day


def workday_after(day: date, count: int = 1) -> date:
    """Return the workday *count* workdays after *day*."""
    return _step(day, count, ONE_DAY)


def workday_before(day: date, count: int = 1) -> date:
    """Return the workday *count* workdays before *day*."""
    return _step(day, count, -ONE_DAY)


def _step(day: date, count: int, stride: timedelta) -> date:
    while count:
        day += stride
        count -= is_workday(day)
    return day
