from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from federation.months import Month, local_today


@pytest.mark.parametrize(
    ("day", "first", "last", "next_first"),
    [
        (date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1)),
        (date(2025, 2, 1), date(2025, 2, 1), date(2025, 2, 28), date(2025, 3, 1)),
        (date(2025, 12, 31), date(2025, 12, 1), date(2025, 12, 31), date(2026, 1, 1)),
        (date(2026, 4, 30), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)),
    ],
)
def test_a_month_is_a_half_open_range_of_days(day, first, last, next_first):
    month = Month.of(day)

    assert month.first_day == first
    assert month.last_day == last
    assert month.next_first_day == next_first


def test_months_are_counted_across_the_new_year():
    december = Month(2025, 12)

    assert december.next() == Month(2026, 1)
    assert december.next().previous() == december
    assert december.plus(14) == Month(2027, 2)
    assert december.plus(-12) == december.year_earlier() == Month(2024, 12)
    assert december.next().ordinal == december.ordinal + 1


def test_a_range_has_both_its_ends():
    months = Month.range(Month(2025, 11), Month(2026, 2))

    assert [str(month) for month in months] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert Month.range(Month(2026, 2), Month(2026, 1)) == []


def test_months_compare_as_time_does():
    assert Month(2025, 12) < Month(2026, 1) < Month(2026, 2)
    assert max(Month(2026, 10), Month(2026, 9)) == Month(2026, 10)


@pytest.mark.parametrize("text", ["2025-03", " 2025-3 ", "2025-03\n"])
def test_a_written_month_is_read(text):
    assert Month.parse(text) == Month(2025, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-13",
        "2025-00",
        "25-03",
        "2025-3月",
        "２０２５-03",
        "2025-03-01",
    ],
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("year", "number"), [(2026, 0), (2026, 13), (1899, 12), (9999, 1)]
)
def test_there_is_no_such_month(year, number):
    with pytest.raises(ValueError, match="no such month"):
        Month(year, number)


def test_a_month_is_written_for_machines_and_for_people():
    assert str(Month(2026, 3)) == "2026-03"
    assert Month(2026, 3).label == "2026 年 3 月"


def test_today_is_the_local_day_and_not_the_one_in_greenwich(monkeypatch):
    # Half past midnight on 1 March in Shanghai is still February in UTC.
    early = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: early)

    assert local_today() == date(2026, 3, 1)
    assert Month.current() == Month(2026, 3)
