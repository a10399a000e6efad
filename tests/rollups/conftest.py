"""Two indicators more than the site has: what the engine must be able to count."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, TruncMonth

from activities.models import Activity
from federation import site
from federation.months import Month
from rollups import engine, registry
from rollups.registry import Indicator, Kind, Source
from tests.rollups.reading import hold


def _rows(months: list[Month]):
    first, end = months[0].first_day, months[-1].next_first_day
    rows = Activity.objects.counted().filter(starts_on__gte=first, starts_on__lt=end)
    return rows.order_by().values(
        "branch_id", "programme_id", month=TruncMonth("starts_on")
    )


def _balance(months):
    offline = Coalesce(Sum("attendance_offline"), 0)
    yield _rows(months).annotate(
        balance=offline - Coalesce(Sum("attendance_online"), 0)
    )


def _programmes(months):
    yield _rows(months).annotate(held_programme=F("programme_id")).distinct()


# May be negative, and may add up to nothing, as money does.
BALANCE = Indicator(
    code="test.balance",
    label="线下减线上",
    unit="人次",
    kind=Kind.FLOW,
    source=Source(name="test balance", rows=_balance, records=None, columns={}),
    measure="balance",
)
# The same key in several branches: a parent's total is less than the sum.
PROGRAMMES = Indicator(
    code="test.programmes",
    label="开展的项目",
    unit="个",
    kind=Kind.DISTINCT,
    source=Source(name="test programmes", rows=_programmes, records=None, columns={}),
    measure="held_programme",
)


@pytest.fixture(autouse=True)
def forgotten_site():
    """The root's name is remembered for a minute; what another test remembered must
    not run out between two requests whose queries are counted."""
    cache.delete(site.CACHE_KEY)


@pytest.fixture
def more_indicators(monkeypatch):
    for indicator in (BALANCE, PROGRAMMES):
        monkeypatch.setitem(registry._indicators, indicator.code, indicator)


@pytest.fixture
def lectures(street, sister_street, community, second_community, sister_community):
    """March 2026: two lectures in one community, one in its sister, one by the street
    itself, one in the other street."""
    hold(community, date(2026, 3, 1))
    hold(community, date(2026, 3, 31), people=10)
    hold(second_community, date(2026, 3, 8), people=5)
    hold(street, date(2026, 3, 9), people=100)
    hold(sister_community, date(2026, 3, 10), people=7)
    engine.drain_marks()


@pytest.fixture
def silent_bell(monkeypatch):
    """Here the drains are called by hand."""
    monkeypatch.setattr("federation.counted.ring", lambda: None)
