"""What the district asks for in a fixed autumn: jobs at month end, aid each month, and
a campaign in two batches."""

from datetime import date

import pytest

from federation.models import ReportingMonth
from federation.months import Month
from rollups import submissions
from rollups.models import Expectation, ReportedIndicator, Submission
from tests.factories import (
    ReportedBatchFactory,
    ReportedFigureFactory,
    ReportedIndicatorFactory,
)

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
JOBS, AID, SCREENING = "reported.mom_jobs", "reported.aid", "reported.screening"


@pytest.fixture(autouse=True)
def november(monkeypatch):
    """Let it be the third of November, in the one place that knows which day it is."""
    for module in (
        "federation.months",
        "federation.successions",
        "rollups.submissions.acts",
        "rollups.submissions.expecting",
        "rollups.submissions.reading",
    ):
        monkeypatch.setattr(f"{module}.local_today", lambda: date(2026, 11, 3))


@pytest.fixture
def jobs(db):
    """A stock: 妈妈岗."""
    indicator = ReportedIndicatorFactory(
        slug="mom_jobs",
        name="妈妈岗",
        unit="个",
        kind=ReportedIndicator.Kind.STOCK,
        most=500,
        explain_beyond=50,
    )
    return ReportedBatchFactory(indicator=indicator)


@pytest.fixture
def aid(db):
    """A flow: 困境妇女儿童救助."""
    indicator = ReportedIndicatorFactory(
        slug="aid", name="救助困境妇女儿童", unit="人", explain_beyond=50, position=1
    )
    return ReportedBatchFactory(indicator=indicator)


@pytest.fixture
def screening(db):
    """A campaign in batches: 两癌检查. Returns those of the two years."""
    indicator = ReportedIndicatorFactory(
        slug="screening", name="两癌检查", unit="人", levels=["town"], position=2
    )
    return [
        ReportedBatchFactory(
            indicator=indicator,
            slug=str(year),
            name=f"{year} 年",
            document_number=f"章卫〔{year}〕5 号",
            from_month=date(year, 3, 1),
            until_month=date(year, 10, 1),
        )
        for year in (2025, 2026)
    ]


def say(branch, batch, month, value, **more):
    return ReportedFigureFactory(
        branch=branch, batch=batch, month=month.first_day, value=value, **more
    )


@pytest.fixture
def october(street, community, second_community, sister_community):
    """October is over and expected of everybody."""
    Expectation.objects.create(pk=Expectation.THE_ONE, since=date(2020, 1, 1))
    ReportingMonth.objects.get_or_create(month=OCTOBER.first_day)
    submissions.expect([OCTOBER])
    return OCTOBER


@pytest.fixture
def submission(october, community):
    return Submission.objects.get(branch=community, month=october.first_day)
