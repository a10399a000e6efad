"""The demo, loaded once and whole: its totals are the printed figures."""

import csv
from datetime import date

import pytest
from django.db import transaction
from django.db.models import F, Max, Min, Q, Sum

from activities.demo.review_sessions import FIGURES
from activities.models import Activity, ReviewRound
from federation.demo.registry import at
from federation.models import Branch, BranchStat, Grant, Mark, ReportingMonth, User
from federation.models.branches import NEW_FIELDS, initials_of
from federation.months import Month
from members.models import Member, Post, Term
from rollups import closings, engine, submissions
from rollups.closings import rows
from rollups.models import (
    Baseline,
    ReportedBatch,
    ReportedFigure,
    Revision,
    Rollup,
    Submission,
)
from tests.seeded import TODAY

pytestmark = pytest.mark.django_db

# The figures of the review that are sessions or attendance, by programme.
SESSIONS = {
    "new-journey": ("跟党奋进新征程 巾帼建功新时代", "主题宣讲场次"),
    "talks": ("巾帼大宣讲", "宣讲场次"),
    "law": ("法进万家·巾帼在行动", "普法宣讲、法律明白人培训、法治论坛场次"),
    "jobs": ("巾帼就业创业促进行动", "技能培训场次"),
    "five-loves": ("五爱吾家", "进基层培训场次"),
    "matchmaking": ("缘牵你我 爱汇成家", "集体相亲联谊活动"),
}
ATTENDANCE = {
    "law": ("法进万家·巾帼在行动", "参加人次"),
    "jobs": ("巾帼就业创业促进行动", "技能培训参加人次"),
}


def figures_named(names):
    with FIGURES.open(encoding="utf-8", newline="") as lines:
        printed = {
            (row["programme"], row["figure"]): int(row["value"])
            for row in csv.DictReader(lines)
        }
    return {slug: printed[name] for slug, name in names.items()}


def district_totals(indicator):
    """Return {programme: total of the district over all months}."""
    rows = Rollup.objects.filter(indicator=indicator, branch__parent=None)
    grouped = rows.order_by().values("programme__slug").annotate(total=Sum("total"))
    return {row["programme__slug"]: int(row["total"]) for row in grouped}


def test_sessions_of_the_programmes_are_the_printed_figures():
    totals = district_totals("activities.sessions")

    everyday = totals.pop("everyday")
    assert totals == figures_named(SESSIONS)
    assert everyday + sum(totals.values()) == 12_000


def test_attendance_of_the_programmes_is_the_printed_one():
    offline = district_totals("activities.attendance_offline")
    online = district_totals("activities.attendance_online")

    wanted = figures_named(ATTENDANCE)
    assert {slug: offline[slug] + online[slug] for slug in wanted} == wanted
    assert online["jobs"] > 1_000


def test_all_of_the_sixty_months_but_the_last_two_are_closed_and_proved():
    months = ReportingMonth.objects.aggregate(Min("month"), Max("month"))
    still_open = ReportingMonth.objects.exclude(status=ReportingMonth.Status.CLOSED)

    assert ReportingMonth.objects.count() == 60
    assert months == {"month__min": date(2021, 12, 1), "month__max": date(2026, 11, 1)}
    assert [month.month for month in still_open.order_by("month")] == [
        date(2026, 10, 1),
        date(2026, 11, 1),
    ]
    assert list(closings.verify([closings.chain_head()])) == []
    moments = Revision.objects.order_by("sequence").values_list("closed_at", flat=True)
    assert list(moments) == sorted(moments)


def test_one_month_was_closed_twice_and_the_difference_is_one_activity():
    twice = ReportingMonth.objects.filter(revision__gt=1)

    assert [(state.month, state.revision) for state in twice] == [(date(2026, 8, 1), 2)]
    older, newer = Revision.objects.filter(month=date(2026, 8, 1)).order_by("number")
    sessions = [
        change
        for change in closings.difference(older, newer)
        if change.indicator == "activities.sessions"
    ]
    assert [change.branch_code for change in sessions][:2] == ["370114", "370114001"]
    assert all(one.after[1] - one.before[1] == 1 for one in sessions)
    assert newer.reason
    assert older.reopenings.count() == 1


def test_the_counts_are_those_of_the_records():
    assert not Mark.objects.exists()
    open_ones = [Month(2026, 10), Month(2026, 11)]
    assert engine.differences(open_ones, repair=False) == []


@pytest.mark.parametrize("month", [Month(2021, 12), Month(2024, 2), Month(2026, 8)])
def test_a_closed_month_says_what_the_records_of_today_give(month):
    kept = list(rows.of(month))
    with transaction.atomic():
        engine.recount([month])
        recounted = list(rows.of(month))

    assert kept
    assert recounted == kept


def test_every_month_has_its_activities_and_march_has_most():
    counted = Activity.objects.counted()
    by_month = [counted.held_in(month).count() for month in Month.range(*first_last())]
    march = counted.filter(starts_on__month=3).count()

    assert min(by_month) > 60
    assert march == max(
        counted.filter(starts_on__month=n).count() for n in range(1, 13)
    )
    assert not counted.filter(starts_on__gte=TODAY).exists()


def first_last():
    return Month(2021, 12), Month(2026, 11)


def test_the_tree_is_the_real_one_with_23_branches_of_the_new_fields():
    levels = Branch.objects.order_by().values_list("level", flat=True)

    assert [list(levels).count(name) for name in ("district", "town", "village")] == [
        1,
        18,
        594,
    ]
    founded = Branch.objects.filter(kind__in=NEW_FIELDS)
    assert founded.count() == Branch.objects.filter(level="unit").count() == 23
    assert set(founded.values_list("kind", flat=True)) == set(NEW_FIELDS)
    assert all(branch.successions.count() == 1 for branch in founded)
    assert founded.filter(founded_on__gte=date(2021, 12, 1)).count() == 23
    assert district_totals("branches.new_fields_founded") == {"none": 23}


def test_the_numbers_of_the_villages_add_up_to_those_of_the_review():
    newest = {
        figure: BranchStat.objects.newest(figure, TODAY).aggregate(sum=Sum("value"))
        for figure in BranchStat.Figure
    }

    assert {figure: row["sum"] for figure, row in newest.items()} == {
        "women": 540_000,
        "households": 352_000,
        "courtyards": 120_703,
        "grids": 1_410,
    }
    courtyards = BranchStat.objects.filter(figure="courtyards")
    assert courtyards.newest("courtyards", TODAY).count() == 524
    # The months before it have an older number of each to go by.
    assert courtyards.newest("courtyards", date(2021, 12, 31)).count() == 524
    assert courtyards.count() == 2 * 524
    assert not BranchStat.objects.exclude(branch__level="village").exists()


def test_of_5200_people_exactly_5000_are_in_post():
    assert Member.objects.count() == 5_200
    assert Member.objects.in_post(TODAY).count() == 5_000
    assert Post.objects.in_post(TODAY).count() == 5_000
    this_month = Rollup.objects.get(
        indicator="members.in_post", month=date(2026, 11, 1), branch__parent=None
    )
    assert this_month.total == 5_000


def test_every_branch_has_a_running_term_and_all_but_one_a_chair():
    chairs = Post.objects.in_post(TODAY).chairs()
    branches = set(Branch.objects.values_list("pk", flat=True))
    chaired = list(chairs.values_list("branch", flat=True))

    assert len(chaired) == len(set(chaired)) == len(branches) - 1
    assert Term.objects.running(TODAY).count() == len(branches)
    assert not Post.objects.exclude(branch=F("term__branch")).exists()
    assert not Post.objects.filter(started_on__lt=F("term__elected_on")).exists()


def test_nobody_can_be_called_on_the_phones_of_the_register():
    called = Member.objects.exclude(phone="")

    assert called.exclude(phone__regex=r"^100[0-9]{8}$").count() == 0
    assert not called.filter(purge_on__lte=TODAY).exists()
    former = Member.objects.exclude(pk__in=Member.objects.in_post(TODAY))
    assert former.count() == former.filter(purge_on__isnull=False).count() == 200


def test_names_can_be_searched_by_their_initials():
    people = list(Member.objects.order_by("pk")[:200])

    assert [person.initials for person in people] == [
        initials_of(person.name) for person in people
    ]


def test_five_accounts_are_printed_and_their_passwords_open_the_door(printed, client):
    lines = [line.split(" / ") for line in printed.splitlines()[-5:]]

    names = ["district", "street", "village", "families", "auditor"]
    assert [name for name, _ in lines] == names
    assert User.objects.count() == 5
    for name, password in lines:
        answer = client.post("/admin/login/", {"username": name, "password": password})
        assert answer.status_code == 302
        client.logout()


def test_each_account_has_its_one_grant():
    grants = Grant.objects.in_force(TODAY)

    assert sorted(grants.values_list("user__username", "role", "branch__name")) == [
        ("auditor", "auditor", "章丘区妇联"),
        ("district", "district_admin", "章丘区妇联"),
        ("families", "clerk", "张家村妇联"),
        ("street", "reviewer", "明水街道妇联"),
        ("village", "clerk", "明一社区妇联"),
    ]


def test_the_bar_moves_from_nothing_to_the_end(printed):
    bars = [line for line in printed.splitlines() if "%" in line]

    assert bars[0].endswith("0% 板块和项目")
    assert bars[-1].endswith("100% 完成")
    assert "░" not in bars[-1]


def test_nothing_was_typed_after_the_morning_of_today():
    midnight = at(TODAY)

    late = Q(recorded_at__gte=midnight) | Q(updated_at__gte=midnight)
    assert not Activity.objects.filter(late).exists()
    assert not ReviewRound.objects.filter(
        Q(submitted_at__gt=F("decided_at")) | Q(decided_at__gte=midnight)
    ).exists()
    assert not ReviewRound.objects.filter(
        submitted_at__lt=F("activity__recorded_at")
    ).exists()


def test_every_record_would_pass_its_form():
    relations = ("branch", "programme", "series", "recorded_by")

    for activity in Activity.objects.select_related("branch"):
        activity.clean_fields(exclude=relations)
        assert activity.branch.exists_on(activity.starts_on)
        if activity.happening == "held":
            assert activity.ends_on < TODAY


def test_texts_vary():
    assert Activity.objects.values("title").distinct().count() > 280
    assert Activity.objects.values("place").distinct().count() > 2_000
    assert (
        Activity.objects.exclude(lecturer="").values("lecturer").distinct().count()
        > 300
    )


# Reported figures


def reported(indicator):
    rows = Rollup.objects.filter(indicator=indicator, branch__parent=None)
    return rows.aggregate(total=Sum("total"))["total"] or 0


def test_the_reported_figures_are_the_printed_ones_to_the_last_person():
    assert reported("reported.mom_jobs") == 12_000
    assert reported("reported.spring_buds") == 900
    told = Baseline.objects.filter(indicator__startswith="reported.insured")
    by_batch = {}
    for batch in ReportedBatch.objects.filter(indicator__slug="insured"):
        earlier = told.filter(indicator=batch.code).aggregate(told=Sum("value"))
        by_batch[batch.slug] = reported(batch.code) + (earlier["told"] or 0)
    assert by_batch == {"2021": 6_180, "2022": 6_512, "2023": 6_873}
    assert sum(by_batch.values()) == 19_565
    assert reported("reported.insured") == 6_512 + 6_873


def test_the_reported_figures_and_baselines_would_pass_their_forms():
    figures = ReportedFigure.objects.select_related("batch__indicator", "branch")
    for figure in figures.order_by("?")[:40]:
        figure.batch.indicator.refuse_value(figure.value)
        assert figure.batch.is_in_force(Month.of(figure.month))
        assert figure.branch.level in figure.batch.indicator.levels
    assert Baseline.objects.count() >= 20
    for baseline in Baseline.objects.all():
        baseline.full_clean()


# Reporting


def test_every_month_has_its_expected_list():
    months = set(ReportingMonth.objects.values_list("month", flat=True))
    listed = set(Submission.objects.values_list("month", flat=True))

    assert listed == {day for day in months if day <= TODAY}
    first = Submission.objects.filter(month=min(listed))
    expected = Branch.objects.existing_on(min(listed)).exclude(level="district")
    assert first.count() == expected.count()


def test_what_became_of_it_is_what_the_records_say():
    before = list(
        Submission.objects.order_by("pk").values_list("status", "has_changed")
    )
    assert Submission.objects.filter(has_changed=True).exists()

    submissions.settle(engine.known_months())

    after = Submission.objects.order_by("pk").values_list("status", "has_changed")
    assert list(after) == before


def test_only_the_newest_months_are_missing_or_returned():
    newest = [Month.of(TODAY).plus(-n).first_day for n in (0, 1, 2)]
    left = Submission.objects.unreported()

    assert not left.exclude(month__in=newest).exists()
    assert left.filter(status="returned").exists()
    for status in ("reported", "zero"):
        assert Submission.objects.filter(status=status, is_late=True).exists()
    assert not Submission.objects.filter(reported_at__gt=at(TODAY)).exists()
