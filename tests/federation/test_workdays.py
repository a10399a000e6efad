"""Which days are worked: weekends, holidays, and the weekends worked instead."""

from datetime import date

import pytest

from federation.workdays import (
    is_workday,
    workday_after,
    workday_before,
    workday_from,
)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday, worked instead
        (date(2026, 9, 20), True),  # a Sunday, worked instead
        (date(2026, 11, 28), False),  # a plain Saturday
        (date(2026, 1, 1), False),
        (date(2099, 10, 8), True),  # a Thursday of a year nobody announced
        (date(2099, 10, 10), False),
        (date(2099, 10, 1), False),  # a holiday by law, announced or not
    ],
)
def test_what_is_a_workday(day, worked):
    assert is_workday(day) == worked


def test_the_next_workday_is_the_day_itself_if_it_is_worked():
    assert workday_from(date(2026, 10, 9)) == date(2026, 10, 9)
    assert workday_from(date(2026, 10, 1)) == date(2026, 10, 8)


def test_workdays_are_counted_over_holidays():
    assert workday_after(date(2026, 9, 30)) == date(2026, 10, 8)
    assert workday_after(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert workday_before(date(2026, 10, 8), 2) == date(2026, 9, 29)
