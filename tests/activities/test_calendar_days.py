"""The calendar's pure part: edges of months, weeks and years, holidays, layout."""

from datetime import date, time

import pytest

from activities.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    Line,
    NoSuchDateError,
    Week,
    count_within,
    day_of,
    days_between,
    grid_bounds,
    holiday_on,
    lay_out,
    month_of,
    week_of,
)
from federation.months import Month

LONG_AGO = date(2000, 1, 1)


def line(pk=1, first=date(2026, 11, 24), last=None, starts_at=None, **fields):
    return Line(
        pk=pk,
        url=f"/activities/{pk}/",
        title="草莓种植技术课",
        starts_on=first,
        ends_on=last or first,
        starts_at=starts_at,
        ends_at=None,
        where="双山街道",
        tag="技能培训",
        colour="spring",
        **fields,
    )


def november(lines, spans, per_day=3, today=LONG_AGO):
    days = days_between(date(2026, 11, 1), date(2026, 12, 1))
    return {day.date: day for day in lay_out(days, lines, spans, per_day, today)}


@pytest.mark.parametrize(
    ("month", "first", "end"),
    [
        (Month(2026, 11), date(2026, 10, 26), date(2026, 12, 7)),  # six weeks
        (Month(2026, 12), date(2026, 11, 30), date(2027, 1, 4)),  # over New Year
        (Month(2027, 1), date(2026, 12, 28), date(2027, 2, 1)),  # begins in 2026-W53
        (Month(2027, 2), date(2027, 2, 1), date(2027, 3, 1)),  # exactly four weeks
        (Month(2024, 2), date(2024, 1, 29), date(2024, 3, 4)),  # with 29 February
    ],
)
def test_a_months_grid_is_the_whole_weeks_that_touch_it(month, first, end):
    assert grid_bounds(month) == (first, end)


def test_a_grid_holds_every_day_of_its_month_from_monday_to_sunday():
    for year in range(2020, 2032):
        for number in range(1, 13):
            first, end = grid_bounds(Month(year, number))
            days = list(days_between(first, end))
            assert first.weekday() == 0
            assert len(days) % 7 == 0
            inside = [d for d in days if (d.year, d.month) == (year, number)]
            assert inside[0].day == 1
            assert inside[-1] == Month(year, number).last_day
            assert len(days) - len(inside) <= 13 - (len(inside) == 28)


def test_2026_has_a_week_53_and_it_leads_into_week_1_of_2027():
    week = week_of(2026, 53)
    assert (week.first_day, week.next_first_day) == (
        date(2026, 12, 28),
        date(2027, 1, 4),
    )
    assert week.next() == Week(2027, 1)
    assert Week(2027, 1).previous() == week


def test_new_years_day_may_lie_in_the_week_year_before():
    assert Week.of(date(2027, 1, 1)) == Week(2026, 53)
    assert Week.of(date(2024, 12, 30)) == Week(2025, 1)


def test_the_calendars_first_day_lies_in_a_week_one_can_open():
    assert week_of(FIRST_YEAR - 1, 52) == Week.of(date(FIRST_YEAR, 1, 1))


@pytest.mark.parametrize(
    ("build", "numbers"),
    [
        (month_of, (2026, 13)),
        (month_of, (2026, 0)),
        (month_of, (FIRST_YEAR - 1, 5)),
        (month_of, (LAST_YEAR + 1, 5)),
        (week_of, (2026, 60)),
        (week_of, (2025, 53)),
        (week_of, (2026, 0)),
        (week_of, (FIRST_YEAR - 1, 51)),
        (week_of, (LAST_YEAR + 1, 1)),
        (week_of, (10**30, 1)),
        (day_of, (2026, 2, 29)),
        (day_of, (2026, 11, 31)),
        (day_of, (9999, 1, 1)),
    ],
)
def test_an_address_of_no_day_is_refused_with_a_chinese_sentence(build, numbers):
    with pytest.raises(NoSuchDateError, match="。$"):
        build(*numbers)


def test_29_february_exists_in_leap_years_alone():
    assert day_of(2028, 2, 29) == date(2028, 2, 29)
    with pytest.raises(NoSuchDateError):
        day_of(2027, 2, 29)


@pytest.mark.parametrize(
    ("day", "name", "sign"),
    [
        (date(2026, 10, 1), "国庆节", "休"),
        (date(2026, 10, 10), "国庆节", "班"),  # a Saturday worked instead
        (date(2026, 2, 28), "春节", "班"),
        (date(2026, 1, 1), "元旦", "休"),
    ],
)
def test_official_holidays_and_make_up_workdays_are_known(day, name, sign):
    holiday = holiday_on(day)
    assert (holiday.name, holiday.sign) == (name, sign)


def test_an_ordinary_weekend_or_weekday_is_no_holiday():
    assert holiday_on(date(2026, 11, 22)) is None
    assert holiday_on(date(2026, 11, 24)) is None


def test_a_year_whose_holidays_are_not_announced_shows_none():
    assert holiday_on(date(LAST_YEAR, 10, 1)) is None
    assert holiday_on(date(2001, 10, 1)) is None


def test_a_days_lines_stand_in_order_of_their_hours():
    day = date(2026, 11, 24)
    lines = [
        line(1, day, starts_at=time(14, 30)),
        line(2, day, starts_at=time(9, 0)),
        line(3, day),
    ]
    shown = november(lines, {(day, day): 3})[day]
    assert [entry.line.pk for entry in shown.entries] == [3, 2, 1]
    assert [entry.time for entry in shown.entries] == ["当天", "09:00", "14:30"]


def test_a_crowded_day_shows_three_lines_and_counts_the_rest():
    day = date(2026, 11, 17)
    lines = [line(pk, day, starts_at=time(8 + pk)) for pk in range(3)]
    shown = november(lines, {(day, day): 540})[day]
    assert len(shown.entries) == 3
    assert shown.hidden_count == 537


def test_an_activity_of_several_days_stands_on_each_of_them():
    first, last = date(2026, 11, 24), date(2026, 11, 26)
    days = november([line(1, first, last, time(9))], {(first, last): 1})
    assert [d.day for d in days if days[d].entries] == [24, 25, 26]
    words = [(days[d].entries[0].time, days[d].entries[0].until) for d in (first, last)]
    assert words == [("09:00", "至 11 月 26 日"), ("第 3 天", "最后一天")]
    assert [days[date(2026, 11, n)].count for n in (23, 24, 25, 26, 27)] == [
        0,
        1,
        1,
        1,
        0,
    ]


def test_what_began_before_the_first_day_is_shown_from_the_first_day_on():
    began, last = date(2026, 10, 20), date(2026, 11, 2)
    days = november([line(1, began, last)], {(date(2026, 11, 1), last): 1})
    assert [d.day for d in days if days[d].entries] == [1, 2]
    assert days[date(2026, 11, 1)].entries[0].time == "第 13 天"


def test_what_goes_on_after_the_last_day_is_shown_to_the_last_day():
    first, last = date(2026, 11, 29), date(2027, 1, 3)
    days = november([line(1, first, last)], {(first, date(2026, 11, 30)): 1})
    assert [d.day for d in days if days[d].entries] == [29, 30]


def test_a_long_exhibition_does_not_crowd_out_what_begins_today():
    first, today = date(2026, 11, 1), date(2026, 11, 10)
    last = date(2026, 11, 30)
    lines = [line(pk, first, last) for pk in (1, 2, 3)]
    lines.append(line(9, today, starts_at=time(19)))
    spans = {(first, last): 3, (today, today): 1}
    shown = november(lines, spans)[today]
    assert [entry.line.pk for entry in shown.entries] == [9, 1, 2]
    assert shown.hidden_count == 1


def test_a_cancelled_line_takes_no_place_from_one_that_happens():
    day = date(2026, 11, 24)
    lines = [line(pk, day, starts_at=time(8 + pk)) for pk in range(1, 4)]
    cancelled = line(9, day, starts_at=time(8), is_cancelled=True)
    shown = november([cancelled, *lines], {(day, day): 4})[day]
    assert [entry.line.pk for entry in shown.entries] == [1, 2, 3]


def test_today_and_what_is_past_are_marked():
    days = november([], {}, today=date(2026, 11, 24))
    assert [d.day for d in days if days[d].is_today] == [24]
    assert sum(day.is_past for day in days.values()) == 23


def test_the_months_number_counts_an_activity_of_many_days_once():
    spans = {
        (date(2026, 10, 26), date(2026, 11, 3)): 1,  # reaches into November
        (date(2026, 10, 27), date(2026, 10, 27)): 5,  # October's, in the grid only
        (date(2026, 11, 30), date(2026, 12, 2)): 1,
        (date(2026, 12, 1), date(2026, 12, 1)): 4,
        (date(2026, 11, 24), date(2026, 11, 24)): 47,
    }
    assert count_within(spans, date(2026, 11, 1), date(2026, 12, 1)) == 49
