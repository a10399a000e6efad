"""The figures of 出彩人家, against a recount in plain Python and by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from families import recognition
from families.models import Household, Recognition
from federation import successions
from federation.models import BranchStat, ReportingMonth
from federation.months import Month
from rollups import engine, registry
from rollups.records import evidence
from rollups.tables import WHOLE, wide_table
from tests.factories import HouseholdFactory
from tests.families.conftest import Kind, look_at, look_at_village
from tests.families.test_villages import counted
from tests.rollups.naive import assert_is_naive, own_and_total
from tests.rollups.reading import ask, named

MARCH, JUNE, JULY, AUGUST = (Month(2026, n) for n in (3, 6, 7, 8))


@pytest.fixture
def figures(office, community, second_community, recognised, households):
    """Three recognised of six and four courtyards, one of them revoked in August."""
    counted(community, 6)
    counted(second_community, 4)
    HouseholdFactory(branch=second_community, number=1, entered_on=date(2026, 7, 15))
    look_at(office.village, households[0], date(2026, 3, 30))
    look_at_village(office.street, community, date(2026, 3, 3))
    row = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.revoke(office.street, row, date(2026, 8, 5), "整改不到位")
    engine.recount_range(Month(2026, 1), Month.current())


def total(code, branch, month) -> Decimal:
    return own_and_total(code, branch, month)[1]


def test_the_figures_by_hand(figures, community, district):
    assert [
        total("families.households", district, month) for month in (JUNE, JULY)
    ] == [3, 4]
    assert total("families.inspections", district, MARCH) == 4
    assert total("families.inspected_households", district, MARCH) == 3
    assert total("families.village_inspections", district, MARCH) == 1
    assert [
        total("families.recognised_households", district, month)
        for month in (MARCH, JUNE, JULY, AUGUST)
    ] == [0, 3, 3, 2]
    assert total("families.granted_households", district, JUNE) == 3
    assert total("families.granted_households", district, JULY) == 0
    assert total("families.revoked_households", district, AUGUST) == 1
    assert total("branches.courtyards", district, JUNE) == 10
    assert total("branches.villages", district, JUNE) == 3
    assert_is_naive()


def share(branch, month, code="families.household_share") -> dict:
    return named(wide_table(ask(branch, code, first=month)))


def test_a_share_is_computed_from_totals_at_every_level(
    figures, district, street, community
):
    assert share(street, JUNE)["明一社区妇联"] == Decimal(50)
    # 3 of 10, and not the mean of 50 % and 0 %.
    assert share(district, JUNE)["明水街道妇联"] == Decimal(30)
    assert share(district, AUGUST)["明水街道妇联"] == Decimal(20)


def test_a_new_denominator_never_changes_a_past_share(
    figures, community, district, street
):
    before = share(district, JUNE)
    counted(community, 16, date(2026, 7, 1))
    engine.drain_marks()

    assert share(district, JUNE) == before
    assert share(district, JULY)["明水街道妇联"] == Decimal(15)
    assert_is_naive()


def test_a_denominator_of_a_closed_month_changes_open_months_only(
    figures, community, district
):
    ReportingMonth.objects.filter(month=JUNE.first_day).update(status="closed")
    before = share(district, JUNE)
    counted(community, 3, date(2026, 6, 1))
    engine.drain_marks()

    assert share(district, JUNE) == before
    assert share(district, JULY)["明水街道妇联"] == Decimal("42.86")


SHARES = ("families.household_share", "families.village_share")


def bases(district, month, *codes) -> list[str]:
    question = ask(district, *codes or SHARES, first=month)
    return [note for note in wide_table(question).notes if "分母" in note]


def test_a_share_names_its_denominator_and_the_days_it_was_counted(
    figures, community, district, sister_street
):
    assert bases(district, JUNE) == [
        "分母：“示范户占比”是常住庭院户数，“示范村占比”是有庭院户的村；"
        "2026-06 用的是统计于 2025-12-31 的数。"
    ]
    counted(community, 16, date(2026, 7, 1))

    days = "2026-07 用的是统计于 2025-12-31 至 2026-07-01 的数。"
    assert bases(district, JULY)[0].endswith(days)
    assert bases(district, JUNE)[0].endswith("统计于 2025-12-31 的数。")
    assert bases(sister_street, JULY) == []
    assert bases(district, JULY, "families.households") == []


def test_what_was_entered_after_the_closing_is_not_its_denominator(
    figures, community, district
):
    closed_at = timezone.now() - timedelta(hours=1)
    BranchStat.objects.update(recorded_at=closed_at - timedelta(days=1))
    june = ReportingMonth.objects.filter(month=JUNE.first_day)
    june.update(status="closed", closed_at=closed_at)
    counted(community, 3, date(2026, 6, 1))

    assert "统计于 2025-12-31 的数" in bases(district, JUNE)[0]
    june.update(status="open", closed_at=None)
    assert "统计于 2025-12-31 至 2026-06-01 的数" in bases(district, JUNE)[0]


def test_the_share_of_villages_goes_by_the_villages_that_have_courtyards(
    figures, office, community, sister_community, district, village_batch, street
):
    Recognition.objects.create(
        subject="village",
        branch=community,
        batch=village_batch,
        stage="granted",
        granted_on=date(2026, 8, 8),
        review_due_on=date(2027, 8, 8),
    )
    engine.drain_marks()
    august = share(district, AUGUST, "families.village_share")
    assert august["明水街道妇联"] == Decimal(50)
    assert august["章丘区妇联"] == Decimal(50)
    counted(sister_community, 5)
    engine.drain_marks()
    august = share(district, AUGUST, "families.village_share")
    assert august["章丘区妇联"] == Decimal("33.33")
    gone = Household.objects.filter(branch=community)
    gone.update(left_on=date(2026, 9, 11))
    deed = successions.Deed(
        on=date(2026, 9, 10), reason="村改居", document_number="1号"
    )
    successions.close(deed, community)
    engine.drain_marks()
    september = share(district, Month(2026, 9), "families.village_share")
    assert september["明水街道妇联"] == Decimal(0)
    assert_is_naive()


def test_a_household_that_leaves_is_in_no_stock(figures, households, district):
    Household.objects.filter(pk=households[1].pk).update(left_on=date(2026, 7, 2))
    engine.drain_marks()

    assert total("families.recognised_households", district, JULY) == 2
    assert total("families.households", district, JULY) == 3
    assert total("families.recognised_households", district, JUNE) == 3
    assert_is_naive()


def test_a_household_looked_at_in_two_months_is_one_over_both(
    figures, office, households, district, community
):
    look_at(office.street, households[0], date(2026, 4, 2), Kind.TOWN)
    engine.drain_marks()

    question = ask(
        community.parent,
        "families.inspected_households",
        first=MARCH,
        last=Month(2026, 4),
    )
    assert named(wide_table(question))["明一社区妇联"] == 3


@pytest.mark.parametrize(
    "code", [i.code for i in registry.declared_indicators() if "families" in i.code]
)
def test_the_records_behind_a_figure_give_it(figures, district, code):
    """And they tell numbers and places, no names."""
    indicator = registry.indicator(code)
    month = {"granted": JUNE, "revoked": AUGUST}.get(
        code.partition(".")[2].partition("_")[0], AUGUST
    )
    if "inspect" in code:
        month = MARCH
    question = ask(district, code, first=month)
    found = evidence(question, indicator, WHOLE)

    assert not found.differs
    source = indicator.parts[0].source
    for record in found.records:
        text = " ".join(str(column(record)) for column in source.columns.values())
        assert "孟桂芳" not in text
        assert source.link(record).startswith("/admin/families/")


def test_a_share_names_its_denominators(figures, district):
    indicator = registry.indicator("families.household_share")
    source = indicator.parts[1].source
    stats = indicator.parts[1].records(JUNE.first_day, JUNE.next_first_day)

    lines = [{t: str(c(stat)) for t, c in source.columns.items()} for stat in stats]
    assert {"2025-12-31"} == {line["截至日期"] for line in lines}
    assert {"年报"} == {line["来源"] for line in lines}
