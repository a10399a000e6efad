"""The periods of reports: written, said, and one after another."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from federation.months import Month
from rollups.models import ReportTemplate
from rollups.reports import Period, offered, parse, usual


def table(kind, first=None) -> ReportTemplate:
    return ReportTemplate(slug="t", title="表", period_kind=kind, term_first=first)


TERM = table("term", date(2022, 1, 1))


@pytest.mark.parametrize(
    ("kind", "text", "first", "last", "label"),
    [
        ("month", "2026-10", Month(2026, 10), Month(2026, 10), "2026 年 10 月"),
        ("month", "2024-02", Month(2024, 2), Month(2024, 2), "2024 年 2 月"),
        ("quarter", "2026Q3", Month(2026, 7), Month(2026, 9), "2026 年第 3 季度"),
        ("quarter", "2026q4", Month(2026, 10), Month(2026, 12), "2026 年第 4 季度"),
        ("half_year", "2026H1", Month(2026, 1), Month(2026, 6), "2026 年上半年"),
        ("half_year", "2026H2", Month(2026, 7), Month(2026, 12), "2026 年下半年"),
        ("year", "2026", Month(2026, 1), Month(2026, 12), "2026 年"),
    ],
)
def test_a_period_is_read_and_said(kind, text, first, last, label):
    period = parse(table(kind), text)

    assert (period.first, period.last, period.label) == (first, last, label)
    assert str(period) == text.upper()
    assert len(period.months) == period.length


def test_a_term_is_five_years_from_the_month_the_district_says():
    period = parse(TERM, "2022-01..2026-12")
    assert period.length == 60
    assert period.label == "2022 年 1 月至 2026 年 12 月"
    # Terms follow each other both ways, whichever of them was told.
    assert parse(TERM, "2017-01..2021-12").plus(1) == period
    assert parse(table("term", date(2032, 1, 1)), "2022-01..2026-12") == period


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("month", "2026-13"),
        ("month", "2026-00"),
        ("month", "2026-1"),
        ("month", "2026Q3"),
        ("month", "２０２６-10"),
        ("month", "2026-10\x00"),
        ("month", "9" * 5000),
        ("quarter", "2026Q5"),
        ("quarter", "2026-10"),
        ("half_year", "2026H3"),
        ("year", "26"),
        ("year", "2026-10"),
        ("term", "2022"),
        ("term", "2022-13..2026-12"),
        ("term", "2022-02..2027-01"),
        ("term", "2022-01..2025-12"),
        ("term", "2026-12..2022-01"),
    ],
)
def test_a_wrong_period_is_refused_with_how_to_write_it(kind, text):
    first = date(2022, 1, 1) if kind == "term" else None
    with pytest.raises(ValidationError) as refusal:
        parse(table(kind, first), text)
    assert "请写成" in refusal.value.message


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("month", "1999-12"),
        ("month", "2100-01"),
        ("quarter", "0000Q1"),
        ("year", "9999"),
        ("term", "1997-01..2001-12"),
    ],
)
def test_a_period_beyond_the_site_is_refused(kind, text):
    first = date(2022, 1, 1) if kind == "term" else None
    with pytest.raises(ValidationError, match="2000 年和 2099 年之间"):
        parse(table(kind, first), text)


def test_there_is_nothing_after_the_last():
    assert parse(table("year"), "2099").plus(1) is None
    assert parse(table("year"), "2000").plus(-1) is None


@pytest.mark.parametrize(
    ("today", "kind", "text"),
    [
        (date(2026, 11, 24), "month", "2026-10"),
        (date(2026, 11, 24), "quarter", "2026Q3"),
        (date(2026, 11, 24), "half_year", "2026H1"),
        (date(2026, 11, 24), "year", "2026"),
        (date(2026, 11, 24), "term", "2022-01..2026-12"),
        (date(2027, 1, 1), "month", "2026-12"),
        (date(2027, 1, 1), "quarter", "2026Q4"),
        (date(2027, 1, 1), "half_year", "2026H2"),
        (date(2027, 1, 1), "year", "2026"),
        (date(2027, 1, 1), "term", "2022-01..2026-12"),
        (date(2027, 2, 1), "term", "2027-01..2031-12"),
        (date(2024, 2, 29), "month", "2024-01"),
    ],
)
def test_the_period_that_is_due_comes_first(monkeypatch, today, kind, text):
    monkeypatch.setattr("federation.months.local_today", lambda: today)
    first = date(2022, 1, 1) if kind == "term" else None

    assert str(usual(table(kind, first))) == text


def test_the_chosen_one_is_among_those_to_choose(monkeypatch):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 11, 24))
    old = Period("quarter", Month(2015, 1))
    periods = [str(period) for period in offered(table("quarter"), old)]

    assert periods[0] == "2026Q4"
    assert periods[-1] == "2015Q1"
    assert len(periods) == 13
