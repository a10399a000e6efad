"""What is typed in counts as what is recorded does: rolled up, carried forward, kept
apart by batch, shown with its evidence."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from federation.models import Mark, ReportingMonth
from federation.months import Month
from rollups import engine, registry
from rollups.closings import close
from rollups.models import ReportedBatch, ReportedFigure, Rollup
from rollups.records import evidence
from rollups.tables import UNCOUNTED, WHOLE, wide_table
from tests.factories import ProgrammeFactory
from tests.rollups.naive import assert_is_naive, own_and_total
from tests.rollups.reading import ask, long_rows
from tests.rollups.reported.conftest import (
    AID,
    JOBS,
    NOVEMBER,
    OCTOBER,
    SCREENING,
    SEPTEMBER,
    say,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def months():
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        engine.open_month(month)


def total(code, branch, month):
    return own_and_total(code, branch, month)[1]


def test_a_flow_adds_up_in_the_tree(months, aid, street, community, second_community):
    say(community, aid, OCTOBER, Decimal("3.25"))
    say(second_community, aid, OCTOBER, 4)
    say(street, aid, OCTOBER, 1)
    say(street, aid, SEPTEMBER, 9)
    engine.drain_marks()

    assert own_and_total(AID, street, OCTOBER) == (1, Decimal("8.25"))
    assert total(AID, street.parent, SEPTEMBER) == 9
    assert_is_naive()


def test_a_stock_carries_its_last_value_forward_while_in_force(
    months, jobs, street, community, second_community
):
    say(community, jobs, SEPTEMBER, 30)
    say(second_community, jobs, SEPTEMBER, 5)
    say(second_community, jobs, NOVEMBER, 7)
    engine.drain_marks()

    assert [total(JOBS, street, m) for m in (SEPTEMBER, OCTOBER, NOVEMBER)] == [
        35,
        35,
        37,
    ]
    assert_is_naive()

    jobs.until_month = OCTOBER.first_day
    jobs.save()
    # A test has no worker: what is to be counted anew waits in the table of marks.
    assert Mark.objects.filter(onward=True).exists()
    ReportedFigure.objects.filter(month=NOVEMBER.first_day).delete()
    engine.drain_marks()
    assert total(JOBS, street, OCTOBER) == 35
    assert total(JOBS, street, NOVEMBER) == 0
    assert_is_naive()


def test_a_stock_that_changes_is_counted_in_every_later_open_month(
    months, jobs, community
):
    figure = say(community, jobs, SEPTEMBER, 30)
    engine.drain_marks()
    ReportingMonth.objects.filter(month=OCTOBER.first_day).update(status="closed")

    figure.value = 40
    figure.save()
    engine.drain_marks()

    assert [total(JOBS, community, m) for m in (SEPTEMBER, OCTOBER, NOVEMBER)] == [
        40,
        30,
        40,
    ]


def test_each_batch_counts_by_itself_and_all_of_them_as_the_indicator(
    months, screening, street
):
    first, second = screening
    engine.open_month(Month(2025, 10))
    say(street, first, Month(2025, 10), 100)
    say(street, second, OCTOBER, 40)
    engine.drain_marks()

    assert total(f"{SCREENING}.2025", street, Month(2025, 10)) == 100
    assert total(f"{SCREENING}.2026", street, OCTOBER) == 40
    assert total(f"{SCREENING}.2025", street, OCTOBER) == 0
    assert total(SCREENING, street, OCTOBER) == 40
    assert registry.label_of(f"{SCREENING}.2026") == "两癌检查 2026 年"
    assert_is_naive()


def test_a_stock_in_two_batches_is_the_sum_of_what_each_said_last(
    months, jobs, community
):
    jobs.slug = jobs.name = "a"
    jobs.save()
    other = ReportedBatch.objects.create(
        indicator=jobs.indicator,
        slug="b",
        name="b",
        document_number="2 号",
        from_month=date(2026, 9, 1),
    )
    say(community, jobs, SEPTEMBER, 3)
    say(community, other, SEPTEMBER, 4)
    say(community, other, OCTOBER, 5)
    engine.drain_marks()

    assert total(JOBS, community, SEPTEMBER) == 7
    assert total(JOBS, community, NOVEMBER) == 8
    assert_is_naive()


def test_figures_stand_on_the_programme_of_their_indicator(months, aid, community):
    programme = ProgrammeFactory(slug="care")
    say(community, aid, OCTOBER, 3)
    engine.drain_marks()
    aid.indicator.programme = programme
    aid.indicator.save()
    engine.drain_marks()

    assert Rollup.objects.get(indicator=AID, branch=community).programme == programme
    question = ask(community, AID, first=OCTOBER, programme=programme)
    assert evidence(question, registry.indicator(AID), WHOLE).stored == 3
    assert_is_naive()


def test_all_indicators_are_counted_by_one_reading_each_for_flows_and_stocks(
    months, jobs, aid, screening, street, django_assert_num_queries
):
    for batch in (jobs, aid, screening[1]):
        say(street, batch, OCTOBER, 5)
    reported = [one for one in registry.all_indicators() if "reported" in one.code]

    assert len(reported) == 5
    assert len({one.source.name for one in reported}) == 2
    with django_assert_num_queries(1):
        registry.all_indicators()


@pytest.mark.parametrize("code", [JOBS, AID, SCREENING, f"{SCREENING}.2026"])
def test_the_records_behind_a_number_give_it(
    months, jobs, aid, screening, street, community, code
):
    for batch in (jobs, aid, *screening):
        say(street, batch, Month(2026, 4), 7)
        say(street, batch, OCTOBER, Decimal("5.5"))
    say(community, jobs, SEPTEMBER, 2)
    engine.drain_marks()
    district = street.parent
    question = ask(district, code, first=SEPTEMBER, last=NOVEMBER)
    found = evidence(question, registry.indicator(code), WHOLE)

    figure = {JOBS: Decimal("7.5"), SCREENING: 11}.get(code, Decimal("5.5"))
    assert found.stored == found.figure == figure
    assert not found.differs
    shares = sum(found.parts[0][0].record_value(row) for row in found.records)
    assert shares == figure


def test_the_long_table_and_the_revision_name_what_is_reported(months, aid, community):
    say(community, aid, OCTOBER, Decimal("0.1"))
    say(community, aid, SEPTEMBER, Decimal("0.2"))
    engine.drain_marks()

    rows = long_rows(ask(community, AID, first=SEPTEMBER, last=OCTOBER))

    assert [(row["name"], row["unit"], row["total"]) for row in rows] == [
        ("救助困境妇女儿童", "人", "0.2"),
        ("救助困境妇女儿童", "人", "0.1"),
    ]


def test_a_month_before_anybody_was_asked_reads_no_zero(
    months, aid, jobs, district_admin, street
):
    aid.from_month = NOVEMBER.first_day
    aid.save()
    ReportingMonth.objects.filter(month=OCTOBER.first_day).update(status="open")
    close(OCTOBER, district_admin)

    table = wide_table(ask(street, AID, JOBS, first=OCTOBER))

    assert table.whole.figures == [UNCOUNTED, 0]


def test_tenths_add_up_to_whole_numbers(months, aid, street, community):
    """SQLite adds in binary fractions: 0.1 + 0.2 must not be 0.30000000000000004."""
    say(community, aid, OCTOBER, Decimal("0.1"))
    say(street, aid, OCTOBER, Decimal("0.2"))
    engine.drain_marks()
    question = ask(street, AID, first=OCTOBER)

    found = evidence(question, registry.indicator(AID), WHOLE)

    assert str(found.stored) == str(found.figure) == "0.3"


def test_a_closed_month_takes_no_figure(months, aid, community):
    ReportingMonth.objects.filter(month=OCTOBER.first_day).update(status="closed")

    with pytest.raises(ValidationError, match="2026 年 10 月已"):
        say(community, aid, OCTOBER, 3)
