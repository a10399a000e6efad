"""环比, 同比 and 累计 by kind: a flow adds up, a stock takes its last value, a distinct
is recounted."""

from datetime import date
from decimal import Decimal

import pytest

from federation.months import Month
from rollups import engine
from rollups.tables import wide_table
from tests.factories import MemberFactory, PostFactory
from tests.rollups.reading import (
    ACTIVE,
    ATTENDANCE,
    IN_POST,
    PER_SESSION,
    SESSIONS,
    ask,
    hold,
)

LABELS = ["本月", "上月", "环比", "去年同月", "同比", "本年累计"]


@pytest.fixture
def two_years(street, community, second_community):
    """Lectures of the first community in last year's March and each month of this year,
    one of the second in February; a third and a second post this year."""
    for day in (date(2025, 3, 5), date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)):
        hold(community, day, people=10)
    hold(community, date(2026, 3, 6), people=50)
    hold(second_community, date(2026, 2, 7), people=30)
    for day in (date(2025, 1, 1), date(2026, 2, 2), date(2026, 3, 3)):
        PostFactory(member=MemberFactory(branch=community), started_on=day)
    engine.recount_range(Month(2025, 1), Month(2026, 3))
    engine.drain_marks()


@pytest.mark.parametrize(
    ("code", "figures"),
    [
        (SESSIONS, [2, 2, 0, 1, 1, 5]),
        (ATTENDANCE, [60, 40, Decimal("0.5"), 10, 5, 110]),
        # One in January, two in February, one in March: two of them in all.
        (ACTIVE, [1, 2, Decimal("-0.5"), 1, 0, 2]),
        (IN_POST, [3, 2, Decimal("0.5"), 1, 2, 3]),
        (PER_SESSION, [30, 20, Decimal("0.5"), 10, 2, 22]),
    ],
)
def test_each_kind_compares_in_its_own_way(street, two_years, code, figures):
    table = wide_table(ask(street, code, first=Month(2026, 3)), compare=True)
    assert [column.label for column in table.columns] == LABELS
    assert table.whole.figures == figures


@pytest.mark.parametrize(
    ("code", "now", "before", "year_ago", "year"),
    [(SESSIONS, 5, 0, 1, 5), (ACTIVE, 2, 0, 1, 2), (IN_POST, 3, 1, 1, 3)],
)
def test_a_quarter_compares_with_the_one_before_it(
    street, two_years, code, now, before, year_ago, year
):
    quarter = ask(street, code, first=Month(2026, 1), last=Month(2026, 3))
    figures = wide_table(quarter, compare=True).whole.figures
    assert figures[:2] + figures[3:4] + figures[5:] == [now, before, year_ago, year]


def test_the_year_to_date_of_a_range_over_new_year_begins_in_january(street, two_years):
    winter = ask(street, SESSIONS, first=Month(2025, 12), last=Month(2026, 2))
    assert wide_table(winter, compare=True).whole.figures[5] == 3
