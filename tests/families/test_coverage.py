from datetime import date

import pytest

from families import coverage as coverage_module
from families.coverage import coverage
from federation import successions
from federation.models import Branch, BranchStat, Programme, ReportingMonth
from federation.months import Month
from rollups.models import Rollup
from tests.factories import BranchFactory, GrantFactory, UserFactory

pytestmark = pytest.mark.django_db

ENDS = [Month(2024, 12), Month(2025, 12), Month(2026, 6)]


@pytest.fixture
def district():
    root = BranchFactory(
        code="370114", short_name="章丘区", level=Branch.Level.DISTRICT
    )
    for number, name in enumerate(("明水街道", "双山街道"), start=1):
        street = BranchFactory(
            code=f"37011400{number}",
            short_name=name,
            level=Branch.Level.TOWN,
            parent=root,
        )
        for place in range(1, 4):
            BranchFactory(
                code=f"37011400{number}00{place}",
                short_name=f"{name[:2]}{place}村",
                parent=street,
            )
    return root


def say(month, code, recognised, courtyards=100, *, model=False):
    branch = Branch.objects.get(code=code)
    figures = {
        coverage_module.RECOGNISED: recognised,
        coverage_module.COURTYARDS: courtyards,
        coverage_module.VILLAGES: int(model),
    }
    Rollup.objects.bulk_create(
        Rollup(
            indicator=indicator,
            month=month.first_day,
            branch=branch,
            programme_id=Programme.NONE_ID,
            own=value,
            total=value,
        )
        for indicator, value in figures.items()
        if value
    )


def close(*months):
    for month in months:
        ReportingMonth.objects.create(
            month=month.first_day, status=ReportingMonth.Status.CLOSED, revision=1
        )


FIRST = ("370114001001", "370114001002", "370114001003")
SECOND = ("370114002001", "370114002002", "370114002003")


@pytest.fixture
def history(district):
    for month, gained in zip(ENDS, (0, 10, 20), strict=True):
        for place, code in enumerate((*FIRST, *SECOND)):
            say(month, code, 20 + 10 * place + gained, model=place == 5)
    close(*ENDS)
    return district


def lines(found):
    return {v.code: v for street in found.streets for v in street.villages}


def test_the_newest_published_month_with_its_streets_and_villages(history):
    found = coverage()

    assert found.month == Month(2026, 6)
    assert (found.whole.cell.count, found.whole.cell.base) == (390, 600)
    assert found.whole.rate == 65
    assert [street.cell.count for street in found.streets] == [150, 240]
    assert lines(found)[FIRST[0]].cell.count == 40
    assert not found.hides
    assert [(month, line.cell.count) for month, line in found.history] == [
        (Month(2024, 12), 270),
        (Month(2025, 12), 330),
        (Month(2026, 6), 390),
    ]


def test_recognised_villages_are_told_by_name(history):
    found = coverage()

    assert found.whole.models == 1
    assert [street.models for street in found.streets] == [0, 1]
    assert lines(found)[SECOND[2]].model


def test_only_closed_ends_of_half_years_are_published(history):
    say(Month(2026, 7), FIRST[0], 99)
    say(Month(2026, 12), FIRST[0], 99)
    close(Month(2026, 7))
    ReportingMonth.objects.create(month=date(2026, 12, 1))

    assert coverage().month == Month(2026, 6)


def test_june_of_a_year_that_is_over_makes_way_for_december(history):
    say(Month(2025, 6), FIRST[0], 25)
    close(Month(2025, 6))

    assert [month for month, _ in coverage().history] == ENDS


def test_a_month_closed_before_anything_was_counted_is_not_a_zero(history):
    close(Month(2023, 12))

    assert [month for month, _ in coverage().history] == ENDS


def test_a_small_village_is_not_shown_nor_another_one_of_its_street(history):
    Rollup.objects.filter(
        branch__code=FIRST[1], indicator=coverage_module.RECOGNISED
    ).update(own=4)

    found = coverage()

    assert found.hides
    hidden = {code for code, line in lines(found).items() if line.cell is None}
    assert hidden == {FIRST[0], FIRST[1]}


def test_nobody_finds_two_families_with_the_page_she_kept_of_another_june(history):
    june = Month(2025, 6)
    for place, code in enumerate((*FIRST, *SECOND)):
        say(june, code, 38 if code == FIRST[0] else 27 + 10 * place)
    close(june)

    found = coverage()

    # There are 40 by now: the 38 were on the page of June 2025.
    assert [month for month, _ in found.history] == ENDS
    assert lines(found)[FIRST[0]].cell is None
    assert lines(found)[SECOND[0]].cell.count == 70


def test_a_community_without_courtyards_takes_no_part(history):
    street = Branch.objects.get(code="370114001")
    BranchFactory(code="370114001009", short_name="明水社区", parent=street)

    found = coverage()

    line = lines(found)["370114001009"]
    assert (line.takes_part, line.tile) == (False, "rate-out")
    assert not found.hides


def test_the_history_of_a_village_goes_with_it(history):
    # Today's tree, or the parts would not add up over the years.
    months = ReportingMonth.objects.all()
    months.update(status=ReportingMonth.Status.OPEN)
    moved = Branch.objects.get(code=FIRST[2])
    deed = successions.Deed(date(2026, 5, 1), "区划调整", "1号", None)
    new_street = Branch.objects.get(code="370114002")
    successions.transfer(deed, moved, parent=new_street)
    months.update(status=ReportingMonth.Status.CLOSED)

    found = coverage()

    assert [street.cell.count for street in found.streets] == [90, 300]


def test_before_the_first_closing_nothing_is_published(district, client):
    answer = client.get("/families/")

    assert coverage() is None
    assert "结账后在这里公布" in answer.content.decode()


def test_the_page_says_rate_denominator_and_its_date(history, client):
    BranchStat.objects.create(
        branch=Branch.objects.get(code=FIRST[0]),
        figure=BranchStat.Figure.COURTYARDS,
        as_of=date(2025, 12, 31),
        value=100,
        source="统计",
    )

    page = client.get("/families/").content.decode()

    assert "65%" in page
    assert "2025-12-31" in page
    assert "截至 2026 年 6 月 30 日" in page


def test_whoever_asks_the_page_shows_the_same(history, client):
    Rollup.objects.filter(
        branch__code=FIRST[1], indicator=coverage_module.RECOGNISED
    ).update(own=4)
    office = UserFactory()
    GrantFactory(user=office, branch=history, role="district_admin")

    def seen():
        page = client.get("/families/?all=1")
        shown = lines(page.context["coverage"]).values()
        return [line.cell for line in shown], "/families/today/" in page.text

    public, leads_on = seen()
    client.force_login(office, "federation.auth.ScopeBackend")

    assert None in public
    assert not leads_on
    assert seen() == (public, True)


def test_the_page_reads_the_same_number_of_queries_however_many_villages(
    history, client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9):
        client.get("/families/")


def test_the_day_of_the_courtyards_is_that_of_the_numbers_in_use(district):
    village = Branch.objects.get(code=FIRST[0])
    for day in (date(2020, 12, 31), date(2025, 12, 31), date(2026, 7, 1)):
        BranchStat.objects.create(
            branch=village, figure="courtyards", as_of=day, value=100, source="统计"
        )
    close(ENDS[-1])
    say(ENDS[-1], FIRST[0], 50)

    assert coverage().counted_on == (date(2025, 12, 31), date(2025, 12, 31))
