"""A report filled in: each of its figures is what somebody counts by hand."""

from datetime import date
from decimal import Decimal

import pytest

from activities.models import Activity
from federation.models import Branch, ReportingMonth
from federation.months import Month
from rollups import closings, engine, registry
from rollups.models import ReportColumn, ReportTemplate, Target
from rollups.reports import fill, parse
from rollups.tables import REST, UNCOUNTED, WHOLE, wide_table
from tests.factories import BranchFactory, ProgrammeFactory
from tests.rollups.naive import counts
from tests.rollups.reading import (
    ACTIVE,
    ATTENDANCE,
    EXISTING,
    PER_SESSION,
    SESSIONS,
    ask,
    hold,
)
from tests.rollups.tables.closed import before, close

pytestmark = pytest.mark.django_db


@pytest.fixture
def talks(db):
    parent = ProgrammeFactory(slug="voices", name="巾帼宣讲")
    return [
        parent,
        ProgrammeFactory(slug="talks", name="巾帼大宣讲", parent=parent),
    ]


@pytest.fixture
def two_years(community, second_community, sister_community, street, district, talks):
    """Activities on the edges of months, quarters and years, of two programmes."""
    days = [
        date(2025, 3, 31),
        date(2025, 7, 1),
        date(2025, 9, 30),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 6, 30),
        date(2026, 7, 1),
        date(2026, 8, 15),
        date(2026, 9, 30),
        date(2026, 10, 1),
    ]
    places = [community, second_community, sister_community, street, district]
    for number, day in enumerate(days):
        for step, branch in enumerate(places):
            if (number + step) % 3:
                programme = talks[number % 2] if step % 2 else None
                fields = {"programme": programme} if programme else {}
                hold(branch, day, people=10 * number + step, **fields)
    hold(community, date(2026, 8, 1), happening="planned")  # does not count
    engine.drain_marks()


def filled(template, text, branch, paths=("",)):
    columns = list(template.columns.select_related("programme"))
    return fill(template, columns, parse(template, text), branch, paths)


def by_name(report) -> dict:
    return {row.name: row.figures for row in report.rows}


def counted_by_hand(branch, first, last, programmes=None, *, own=False):
    """Return sessions and attendance of a branch from the records themselves."""
    below = {branch.pk}
    if not own:
        below |= set(Branch.objects.within(branch).values_list("pk", flat=True))
    found = [
        activity
        for activity in Activity.objects.all()
        if activity.branch_id in below
        and first <= activity.starts_on <= last
        and counts(activity)
        and (programmes is None or activity.programme.slug in programmes)
    ]
    people = sum(
        (one.attendance_offline or 0) + (one.attendance_online or 0) for one in found
    )
    return len(found), people


@pytest.mark.parametrize(
    ("kind", "text", "first", "last"),
    [
        ("month", "2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("quarter", "2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("half_year", "2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("year", "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("term", "2022-01..2026-12", date(2022, 1, 1), date(2026, 12, 31)),
    ],
)
def test_each_figure_is_a_recount_from_the_records(
    design, district, street, sister_street, talks, two_years, kind, text, first, last
):
    template = design(
        (SESSIONS,),
        (ATTENDANCE,),
        (SESSIONS, "now", talks[0]),
        (ATTENDANCE, "now", talks[1]),
        period_kind=kind,
        term_first=date(2022, 1, 1),
    )
    rows = by_name(filled(template, text, district))

    for name, branch, own in (
        ("合计", district, False),
        (street.name, street, False),
        (sister_street.name, sister_street, False),
        ("本级及直属", district, True),
    ):
        everything = counted_by_hand(branch, first, last, own=own)
        below, _ = counted_by_hand(branch, first, last, {"voices", "talks"}, own=own)
        _, alone = counted_by_hand(branch, first, last, {"talks"}, own=own)
        found = rows.get(name, [0] * 4)  # a rest of nothing has no row
        assert found == [*everything, below, alone]
    assert rows["合计"][0] > 0


def test_the_aspects_are_what_they_say(design, district, street, two_years):
    template = design(
        (SESSIONS, "now"),
        (SESSIONS, "before"),
        (SESSIONS, "change"),
        (SESSIONS, "year_ago"),
        (SESSIONS, "year_change"),
        (SESSIONS, "year_to_date"),
        (SESSIONS, "share"),
        period_kind="quarter",
    )
    rows = by_name(filled(template, "2026Q3", district))

    def hand(branch, first, last):
        return Decimal(counted_by_hand(branch, first, last)[0])

    whole = hand(district, date(2026, 7, 1), date(2026, 9, 30))
    for name, branch in (("合计", district), (street.name, street)):
        now = hand(branch, date(2026, 7, 1), date(2026, 9, 30))
        before = hand(branch, date(2026, 4, 1), date(2026, 6, 30))
        year_ago = hand(branch, date(2025, 7, 1), date(2025, 9, 30))
        assert rows[name] == [
            now,
            before,
            round((now - before) / before, 3),
            year_ago,
            round((now - year_ago) / year_ago, 3),
            hand(branch, date(2026, 1, 1), date(2026, 9, 30)),
            round(now / whole, 3),
        ]
    # Nothing grows from zero by a percentage; a share of nothing is none.
    assert by_name(filled(template, "2024Q3", district))["合计"] == [
        0,
        0,
        None,
        0,
        None,
        0,
        None,
    ]


def test_a_target_of_the_year_and_how_much_of_it_is_done(
    design, district, street, sister_street, two_years
):
    for branch, value in ((district, 200), (street, 30)):
        Target.objects.create(
            indicator=SESSIONS,
            year=2026,
            branch=branch,
            value=value,
            document_number="章妇〔2026〕1 号",
        )
    template = design((SESSIONS, "target"), (SESSIONS, "completion"))
    rows = by_name(filled(template, "2026-09", district))

    done = counted_by_hand(street, date(2026, 1, 1), date(2026, 9, 30))[0]
    assert rows[street.name] == [30, round(Decimal(done) / 30, 3)]
    assert rows["合计"][0] == 200
    assert rows[sister_street.name] == [None, None]
    # Of the street's own report, too.
    assert by_name(filled(template, "2026-09", street))["合计"] == rows[street.name]
    assert by_name(filled(template, "2025-09", district))["合计"] == [None, None]


def test_a_distinct_is_counted_anew_and_a_ratio_is_no_average(
    design, district, street, two_years
):
    template = design((ACTIVE,), (PER_SESSION,), (EXISTING,), period_kind="year")
    rows = by_name(filled(template, "2026", district))

    sessions, people = counted_by_hand(street, date(2026, 1, 1), date(2026, 12, 31))
    assert rows[street.name][:2] == [3, round(Decimal(people) / sessions, 1)]
    assert rows["合计"][0] == 5
    # A stock has the last month's value, and of a year to come none.
    assert rows["合计"][2] is not None
    assert by_name(filled(template, "2098", district))["合计"][2] is None


def test_figures_are_rounded_as_the_template_says(design, district, two_years):
    found = {}
    for decimals in (0, 1, 2):
        template = design(
            (PER_SESSION,), (SESSIONS,), slug=f"t{decimals}", decimals=decimals
        )
        found[decimals] = by_name(filled(template, "2026-09", district))["合计"]
    sessions, people = counted_by_hand(district, date(2026, 9, 1), date(2026, 9, 30))
    exact = Decimal(people) / sessions

    assert people % sessions
    assert [found[n][0] for n in (0, 1, 2)] == [round(exact, n) for n in (0, 1, 2)]
    assert {figures[1] for figures in found.values()} == {sessions}


# The rows


def test_the_rows_add_up_to_the_whole(design, district, two_years):
    template = design((SESSIONS,), period_kind="year")
    for listing in ("children", "town", "village"):
        template.listing = listing
        whole, *rows = filled(template, "2026", district).rows
        assert whole.key == WHOLE
        assert sum(row.figures[0] for row in rows) == whole.figures[0]


def test_one_row_alone_has_the_branchs_name(design, district, two_years):
    template = design((SESSIONS,), listing="total", period_kind="year")
    report = filled(template, "2026", district)

    assert [row.name for row in report.rows] == [district.name]


def test_a_rest_of_nothing_has_no_row(design, district, street, community):
    hold(community, date(2026, 3, 1))
    engine.drain_marks()
    template = design((SESSIONS,))

    keys = [row.key for row in filled(template, "2026-03", district).rows]
    assert REST not in keys
    assert keys[0] == WHOLE


def test_a_street_fills_the_table_of_streets_with_its_villages(
    design, street, community, second_community, two_years
):
    template = design((SESSIONS,), listing="town", period_kind="year")
    report = filled(template, "2026", street, paths=[street.path])

    assert [row.name for row in report.rows] == [
        "合计",
        community.name,
        second_community.name,
        "本级及直属",
    ]


def test_a_village_has_one_row(design, community, two_years):
    for listing in ("children", "town", "village"):
        template = design((SESSIONS,), slug=listing, listing=listing)
        report = filled(template, "2026-09", community, paths=[community.path])
        assert [row.name for row in report.rows] == [community.name]


def test_a_street_that_left_keeps_its_name_of_then(design, district, street):
    street.placements.update(name="旧名街道妇联")
    template = design((SESSIONS,))

    names = [row.name for row in filled(template, "2026-03", district).rows]
    assert "旧名街道妇联" in names


# Ten tables from the same records


def test_two_tables_never_disagree(design, district, street, talks, two_years):
    """The same indicator, asked by ten departments: by months, quarters and years, by
    streets, by villages or as one row, beside other columns or alone."""
    tables = [
        design((SESSIONS,), slug="a", period_kind="year"),
        design((ATTENDANCE,), (SESSIONS,), slug="b", period_kind="year"),
        design((SESSIONS,), slug="c", period_kind="year", listing="village"),
        design((SESSIONS,), slug="d", period_kind="year", listing="total"),
        design(
            (SESSIONS, "now", talks[0]),
            (SESSIONS,),
            (SESSIONS, "year_ago"),
            slug="e",
            period_kind="year",
        ),
        design((SESSIONS, "year_to_date"), slug="f", period_kind="month"),
        design((SESSIONS, "year_to_date"), slug="g", period_kind="quarter"),
        design((SESSIONS, "year_to_date"), slug="h", period_kind="half_year"),
        design((SESSIONS, "before"), slug="i", period_kind="year"),
        design((SESSIONS,), slug="j", period_kind="year", decimals=2),
    ]
    texts = ["2026"] * 5 + ["2026-12", "2026Q4", "2026H2", "2027", "2026"]

    for branch in (district, street):
        wholes = set()
        for template, text in zip(tables, texts, strict=True):
            report = filled(template, text, branch)
            wholes |= {
                row.figures[n]
                for n, column in enumerate(report.columns)
                for row in report.rows[:1]
                if column.indicator == SESSIONS
                and column.programme is None
                and column.aspect != "year_ago"
            }
        assert len(wholes) == 1
        table = wide_table(
            ask(branch, SESSIONS, first=Month(2026, 1), last=Month(2026, 12))
        )
        assert wholes == {table.whole.figures[0]}


def test_every_indicator_can_stand_in_a_report(design, district, two_years):
    """And says there what it says on `/rollups/`."""
    indicators = registry.all_indicators()
    template = design(*((one.code,) for one in indicators), decimals=2)
    report = filled(template, "2026-09", district)
    asked = ask(district, *(one.code for one in indicators), first=Month(2026, 9))

    assert report.rows[0].figures == wide_table(asked).whole.figures


# What nobody counted


def test_an_indicator_younger_than_a_month_is_uncounted_there(
    design, district, street, two_years
):
    with before(ATTENDANCE):
        close(Month(2025, 7))
    aspects = ("now", "share", "change", "completion", "year_to_date")
    month = design(*((ATTENDANCE, aspect) for aspect in aspects), (SESSIONS,))
    Target.objects.create(
        indicator=ATTENDANCE,
        year=2025,
        branch=street,
        value=100,
        document_number="章妇〔2025〕1 号",
    )
    report = filled(month, "2025-07", district)
    rows = by_name(report)
    # The year to date has the half-year before; what lacks a month is no measure.
    assert rows["合计"][:3] == [UNCOUNTED, UNCOUNTED, None]
    assert rows[street.name][:3] == [UNCOUNTED, UNCOUNTED, None]
    first = counted_by_hand(street, date(2025, 1, 1), date(2025, 6, 30))[1]
    assert rows[street.name][3:5] == [round(Decimal(first) / 100, 3), first]
    assert rows["合计"][5] > 0
    assert "“参加人次”：2025-07 未统计。" in report.notes
    assert "本年累计：“参加人次”：2025-07 未统计（1 个月），合计不含这些月。" in (
        report.notes
    )

    quarter = design(
        (ATTENDANCE,),
        (ATTENDANCE, "year_change"),
        slug="quarter",
        period_kind="quarter",
    )
    report = filled(quarter, "2025Q3", district)
    rest = counted_by_hand(district, date(2025, 8, 1), date(2025, 9, 30))[1]
    assert by_name(report)["合计"] == [rest, None]
    # Three months are not held against two.
    now, change = by_name(filled(quarter, "2026Q3", district))["合计"]
    assert (now > 0, change) == (True, None)
    assert "2025-07 未统计（1 个月）" in report.notes[0]


# What it proves


def test_a_report_is_a_draft_while_one_of_its_months_is_open(
    design, district, two_years, monkeypatch
):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 11, 1))
    quarter = design((SESSIONS,), period_kind="quarter")
    to_date = design((SESSIONS, "year_to_date"), slug="b", period_kind="quarter")
    for number in (7, 8):
        ReportingMonth.objects.get_or_create(month=date(2026, number, 1))
        closings.close(Month(2026, number), None)
    report = filled(quarter, "2026Q3", district)
    assert report.is_draft
    assert report.proof.summary == "2026-09 未结账"

    ReportingMonth.objects.get_or_create(month=date(2026, 9, 1))
    closings.close(Month(2026, 9), None)
    closings.reopen(Month(2026, 8), None, reason="补录")
    assert filled(quarter, "2026Q3", district).is_draft

    revision = closings.close(Month(2026, 8), None)
    report = filled(quarter, "2026Q3", district)
    assert not report.is_draft
    assert [state.number for state in report.proof.states] == [1, 2, 1]
    assert report.proof.states[1].label == f"2026-08/2 {revision.sha256[:8]}"
    assert report.proof.head == closings.chain_head() == revision.head
    # What adds up from January on is as open as January.
    assert filled(to_date, "2026Q3", district).is_draft


def test_before_the_first_closing_there_is_no_head(design, district):
    report = filled(design((SESSIONS,)), "2026-03", district)

    assert (report.proof.head, report.is_draft) == ("", True)
    assert report.proof.summary == "未结账"


# What it costs


@pytest.mark.parametrize("villages", [1, 12])
def test_a_report_costs_the_same_whatever_its_rows(
    design, street, talks, villages, django_assert_num_queries
):
    for number in range(villages):
        branch = BranchFactory(code=f"37011400100{number:03d}", parent=street)
        hold(branch, date(2026, 3, 1 + number))
    engine.drain_marks()
    template = design((SESSIONS,), (ATTENDANCE,), (PER_SESSION,))
    columns = list(template.columns.select_related("programme"))
    period = parse(template, "2026-03")
    # the coverage, the spans, the figures, the places, the proof
    with django_assert_num_queries(5):
        fill(template, columns, period, street, [""])


def test_one_reading_for_each_programme_and_period(
    design, street, talks, django_assert_num_queries
):
    template = design(
        (SESSIONS,),
        (ATTENDANCE, "share"),
        (SESSIONS, "change"),
        (SESSIONS, "now", talks[0]),
        (ATTENDANCE, "now", talks[0]),
    )
    columns = list(template.columns.select_related("programme"))
    # now, before, and now of one programme; and the programmes below it
    with django_assert_num_queries(5 + 2 + 1):
        fill(template, columns, parse(template, "2026-03"), street, [""])


def test_an_indicator_that_exists_no_more_leaves_its_column_empty(design, district):
    template = design((SESSIONS,))
    ReportColumn.objects.filter(template=template).update(indicator="reported.gone")
    template = ReportTemplate.objects.get()

    report = filled(template, "2026-03", district)
    assert report.columns[0].label == "reported.gone"
    assert report.rows[0].figures == [None]
