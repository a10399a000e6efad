"""The three tables of the demo: every figure counted again by hand."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from activities.models import Activity
from federation.models import Branch, Programme
from federation.months import Month
from rollups.models import ReportTemplate
from rollups.reports import fill, parse
from rollups.tables import REST, WHOLE
from tests.rollups import naive
from tests.rollups.reading import ACTIVE, EXISTING, FOUNDED, PER_SESSION

PERIODS = {
    "monthly-activities": ["2026-10", "2026-03", "2026-11"],
    "quarterly-talks": ["2026Q3", "2025Q4"],
    "five-years": ["2021-12..2026-11"],
}
TENTH, TENTH_PERCENT = Decimal("0.1"), Decimal("0.001")


@pytest.fixture(scope="module")
def counted(printed, django_db_blocker):
    """The activities that count, each with the branches it counts in."""
    with django_db_blocker.unblock():
        above = naive.Trees()
        activities = Activity.objects.order_by("pk")
        return [
            (
                activity,
                month := activity.starts_on.replace(day=1),
                {activity.branch_id, *above(activity.branch_id, month)},
            )
            for activity in activities
            if naive.counts(activity)
        ]


class ByHand:
    """Counts a column's figure of a branch in some months, from the records."""

    def __init__(self, counted, district, listed):
        self.counted, self.district, self.listed = counted, district, listed
        self.parents = dict(Programme.objects.values_list("pk", "parent_id"))
        self.above = naive.Trees()

    def figure(self, column, key, first: Month, last: Month):
        rows = [
            (activity, month)
            for activity, month, places in self.counted
            if first.first_day <= month <= last.first_day
            and self.is_in(places, key)
            and self.is_of(activity, column.programme)
        ]
        code = column.indicator
        if code == ACTIVE:
            return len({activity.branch_id for activity, _ in rows})
        if code in (EXISTING, FOUNDED):
            return self.of_branches(code, key, first, last)
        totals = defaultdict(int)
        for activity, _ in rows:
            for name, value in naive.flows_of(activity).items():
                totals[name] += value
        if code == PER_SESSION:
            people, sessions = (
                totals[f"activities.{name}"] for name in ("attendance", "sessions")
            )
            return Decimal(people) / sessions if sessions else None
        return totals[code]

    def is_in(self, places, key) -> bool:
        if key == REST:
            return self.district in places and not places & self.listed
        return (self.district if key == WHOLE else key) in places

    def is_of(self, activity, programme) -> bool:
        if programme is None:
            return True
        one = activity.programme_id
        while one not in (None, programme.pk):
            one = self.parents[one]
        return one is not None

    def of_branches(self, code, key, first: Month, last: Month) -> int:
        count = 0
        for branch in Branch.objects.all():
            days = (first.first_day, last.last_day)
            if code == FOUNDED:
                is_new = branch.kind.startswith("new_") and branch.founded_on
                if not (is_new and days[0] <= branch.founded_on <= days[1]):
                    continue
                month = branch.founded_on.replace(day=1)
            else:
                day, month = days[1], last.first_day
                if branch.founded_on and branch.founded_on > day:
                    continue
                if branch.closed_on and branch.closed_on < day:
                    continue
            count += self.is_in({branch.pk, *self.above(branch.pk, month)}, key)
        return count


@pytest.mark.parametrize(
    ("slug", "text"), [(slug, text) for slug, some in PERIODS.items() for text in some]
)
def test_every_figure_is_counted_again(counted, monkeypatch, slug, text):
    today = date(2026, 11, 24)
    monkeypatch.setattr("federation.months.local_today", lambda: today)
    template = ReportTemplate.objects.get(slug=slug)
    columns = list(template.columns.select_related("programme"))
    period, district = parse(template, text), Branch.objects.root()
    report = fill(template, columns, period, district, [""])
    listed = {row.key for row in report.rows} - {WHOLE, REST}
    hand = ByHand(counted, district.pk, listed)
    # Nobody counts 600 branches 20 times over; the whole, two towns and the rest.
    rows = [report.rows[n] for n in (0, 1, 2, -1)]

    assert len(report.rows) >= 19
    for number, column in enumerate(columns):
        for row in rows:
            expected = by_hand(hand, column, row.key, period)
            assert row.figures[number] == expected, (row.name, column.label)


def by_hand(hand, column, key, period):
    first, last = period.first, period.last
    earlier = (first.year_earlier(), last.year_earlier())
    to_date = (Month(last.year, 1), last)
    if column.aspect == "year_change":
        now, before = (
            hand.figure(column, key, first, last),
            hand.figure(column, key, *earlier),
        )
        return (
            rounded(Decimal(now - before) / before, TENTH_PERCENT) if before else None
        )
    if column.aspect == "share":
        part, whole = (hand.figure(column, one, first, last) for one in (key, WHOLE))
        return rounded(Decimal(part) / whole, TENTH_PERCENT)
    span = {"year_ago": earlier, "year_to_date": to_date}.get(
        column.aspect, (first, last)
    )
    return rounded(hand.figure(column, key, *span), TENTH)


def rounded(figure, step):
    return None if figure is None else Decimal(figure).quantize(step, ROUND_HALF_UP)


def test_the_tables_are_ready_for_the_stamp():
    templates = ReportTemplate.objects.all()

    assert [one.title for one in templates] == [
        "妇联组织活动情况月报表",
        "巾帼宣讲活动季报表",
        "基层妇联工作五年统计表",
    ]
    for template in templates:
        assert template.signature_labels[:3] == ["单位负责人", "审核人", "填表人"]
        assert template.issued_by == Branch.objects.root().name
        assert template.document_number
        template.full_clean()
        for column in template.columns.all():
            column.full_clean()
