"""Which days people work in this country: weekends, official holidays, and the weekend
days that are worked instead."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_workday(day: date) -> bool:
    """Tell whether *day* is worked; in a year whose holidays have not been announced
    to us, every day but the weekend is."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < SATURDAY


def workday_from(day: date) -> date:
    """Return *day*, or the first workday after it."""
    while not is_workday(day):
        day += ONE_DAY
    return day
