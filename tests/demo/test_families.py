"""出彩人家 in the demo: the printed figures, and rows as the services write them."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest
from django.db.models import Count, F, Q

from families import coverage, recognition, standards
from families.models import (
    Batch,
    Household,
    Inspection,
    Plate,
    Recognition,
    RecognitionStep,
    Standard,
)
from families.models.choices import ON_THE_WAY, Act, Stage
from families.recognition.steps import months_later
from federation.models import Branch, BranchStat, User
from rollups.models import Rollup
from rollups.tables.figures import ratio
from tests.seeded import TODAY

pytestmark = pytest.mark.django_db

STREET = "370114001"
STAGES = {
    Act.APPLY: (None, Stage.APPLIED),
    Act.ASSESS: (Stage.APPLIED, Stage.ASSESSED),
    Act.REVIEW: (Stage.ASSESSED, Stage.REVIEWED),
    Act.PUBLISH: (Stage.REVIEWED, Stage.PUBLISHED),
    Act.GRANT: (Stage.PUBLISHED, Stage.GRANTED),
    Act.REVOKE: (Stage.GRANTED, Stage.REVOKED),
}


def of_district(code, month=date(2026, 11, 1)):
    rows = Rollup.objects.filter(indicator=code, branch__parent=None, month=month)
    return rows.values_list("total", flat=True).first()


def test_the_review_prints_329_villages_and_61800_households():
    assert Recognition.objects.of_villages().in_force(TODAY).count() == 329
    assert Recognition.objects.of_households().in_force(TODAY).count() == 61_800
    assert Household.objects.count() == 120_703
    assert of_district("families.recognised_villages") == 329
    assert of_district("families.recognised_households") == 61_800
    assert of_district("families.households") == 120_703


def test_they_are_63_of_100_villages_and_51_2_of_100_households():
    villages = of_district("branches.courtyard_villages")
    courtyards = of_district("branches.courtyards")

    assert (villages, courtyards) == (524, 120_703)
    recognised = of_district("families.recognised_households")
    assert f"{ratio(recognised, courtyards, 100):.1f}" == "51.2"
    models = of_district("families.recognised_villages")
    assert f"{ratio(models, villages, 100):.1f}" == "62.8"


def test_the_public_sees_all_of_it_and_a_rising_line():
    seen = coverage.coverage()

    assert (seen.month.year, seen.month.number) == (2026, 6)
    assert seen.whole.cell.count == 61_800
    assert seen.whole.models == 329
    # The older number of the courtyards is none of this month's.
    assert set(seen.counted_on) == {date(2025, 12, 31)}
    villages = [v for street in seen.streets for v in street.villages if v.takes_part]
    assert len(villages) == 524
    assert sum(village.cell is None for village in villages) <= 10
    assert all(street.cell for street in seen.streets if street.takes_part)
    rates = [line.rate for _, line in seen.history]
    assert len(rates) == 5
    assert all(rate is not None for rate in rates)
    assert rates == sorted(rates)
    assert rates[0] < 20 < 51 < rates[-1]


def test_each_register_is_as_long_as_its_village_has_courtyards():
    counted = BranchStat.objects.newest("courtyards", TODAY)
    courtyards = dict(counted.values_list("branch", "value"))
    rows = Household.objects.order_by().values("branch").annotate(count=Count("pk"))

    assert dict(rows.values_list("branch", "count")) == courtyards
    assert not Household.objects.exclude(phone="").exclude(
        phone__regex=r"^100[0-9]{8}$"
    )
    assert 600 < Household.objects.exclude(phone="").count() < 2_000


def test_households_are_as_their_form_writes_them():
    for row in Household.objects.filter(pk__lte=2_000).select_related("branch"):
        written = (row.initials, row.group, row.purge_on)
        row.describe()
        assert (row.initials, row.group, row.purge_on) == written
        row.clean_fields(exclude=["branch"])


def test_the_standards_are_the_first_ones():
    first = {
        line.name: line.weight
        for _, lines in standards.FIRST.values()
        for line in lines
    }

    for standard in Standard.objects.all():
        assert standard.applies_from == date(2021, 12, 1)
        assert all(first[c.name] == c.weight for c in standard.criteria.all())
    assert Standard.objects.count() == 2


@pytest.fixture(scope="module")
def histories(printed, django_db_blocker):
    """Return [(recognition, its steps)] of a street, and of all the villages."""
    with django_db_blocker.unblock():
        rows = Recognition.objects.select_related("batch", "branch", "household")
        wanted = Q(subject="village") | Q(branch__code__startswith=STREET)
        rows = rows.filter(wanted)
        steps = defaultdict(list)
        for step in RecognitionStep.objects.filter(recognition__in=rows).order_by("pk"):
            steps[step.recognition_id].append(step)
        return [(row, steps[row.pk]) for row in rows]


def test_the_steps_say_how_it_came_to_stand_where_it_does(histories):
    assert len(histories) > 2_000
    for row, steps in histories:
        stage, days = None, {}
        for step in steps:
            before, after = STAGES.get(step.act, (Stage.GRANTED, Stage.GRANTED))
            if step.act == Act.REFUSE:
                assert stage in ON_THE_WAY
                after = Stage.REFUSED
            else:
                assert stage == before
            stage, days[step.act] = after, step.done_on
            has_reason = step.act in (Act.REFUSE, Act.WARN, Act.REVOKE)
            assert bool(step.reason) == has_reason
        assert stage == row.stage
        assert all(a.done_on <= b.done_on for a, b in pairwise(steps))
        assert days.get(Act.GRANT) == row.granted_on
        assert days.get(Act.REVOKE) == row.revoked_on
        assert row.known_on == days[Act.APPLY]
        is_mending = steps[-1].act == Act.WARN
        assert (row.mend_by is not None) == is_mending


def test_reviews_are_due_as_the_standard_says(histories):
    for row, steps in histories:
        confirmed = [s.done_on for s in steps if s.act in (Act.GRANT, Act.RENEW)]
        if confirmed:
            assert row.review_due_on == months_later(confirmed[-1], 36)


def test_the_days_are_those_of_the_batch(histories):
    for row, steps in histories:
        for step in steps:
            if step.act == Act.APPLY:
                first, last = row.batch.opened_on, row.batch.published_from
                assert first <= step.done_on < last
            if step.act == Act.PUBLISH:
                assert step.done_on >= row.batch.published_from
                assert step.done_on <= row.batch.published_until
            if step.act == Act.GRANT:
                assert step.done_on > row.batch.published_until


def test_whoever_came_further_had_been_seen_and_found_good(histories):
    keys = {row.household_id for row, _ in histories}
    seen = defaultdict(list)
    for one in Inspection.objects.filter(household__in=keys).order_by(
        "inspected_on", "pk"
    ):
        seen[one.household_id].append(one)
    for row, steps in histories:
        if row.household_id is None:
            continue
        before = {}  # {act: the day since which it asks for a new look}
        for step in steps:
            day = step.done_on
            if step.act == Act.WARN:
                before[Act.MEND] = day
            if step.act in (Act.REFUSE, Act.WARN, Act.REVOKE):
                continue
            by_then = [s for s in seen[row.household_id] if s.inspected_on <= day]
            assert row.household.is_registered_on(day)
            assert by_then, step
            if step.act != Act.APPLY:
                assert (by_then[-1].grade, by_then[-1].outcome) == ("model", "met")
            if step.act in before:
                assert by_then[-1].inspected_on >= before[step.act]
            if step.act in (Act.GRANT, Act.RENEW):
                before[Act.RENEW] = day


def test_a_village_had_half_of_its_households_when_it_was_recognised(histories):
    by_day = defaultdict(set)
    for row, steps in histories:
        if row.subject == "village":
            for step in steps:
                if step.act in (Act.APPLY, Act.GRANT, Act.RENEW):
                    by_day[step.done_on].add(row.branch_id)
    for day, villages in by_day.items():
        found = recognition.standings(villages, day)
        assert [one.problem for one in found.values()] == [None] * len(villages)


def test_inspections_are_worth_what_their_scores_say():
    standards_by_key = Standard.objects.in_bulk()
    rows = Inspection.objects.order_by("client_token")[:3_000]
    for row in rows:
        assert sum(row.scores.values()) == row.points
        standard = standards_by_key[row.standard_id]
        assert row.grade == standard.grade_of(row.points, vetoed=False)
        assert (row.outcome == "met") <= (row.grade != "below")
        assert row.known_on >= row.inspected_on
    assert not Inspection.objects.filter(inspected_on__gte=TODAY).exists()
    outcomes = Inspection.objects.order_by().values_list("outcome", flat=True)
    assert set(outcomes.distinct()) == {"met", "to_mend", "not_met"}


def test_every_grant_has_its_plate_and_nothing_else_has():
    granted = Recognition.objects.filter(granted_on__isnull=False)

    assert Plate.objects.count() == granted.count() > 62_000
    assert Plate.objects.filter(issued_on=F("recognition__granted_on")).count() == (
        Plate.objects.count()
    )


def test_some_lost_it_and_some_have_it_again():
    for rows, least in (
        (Recognition.objects.of_villages(), 3),
        (Recognition.objects.of_households(), 50),
    ):
        lost = rows.filter(stage=Stage.REVOKED)
        assert lost.count() >= least
        again = rows.filter(stage=Stage.GRANTED)
        again = again.filter(
            Q(household__in=lost.values("household"))
            | Q(household=None, branch__in=lost.values("branch"))
        )
        assert again.count() >= (1 if least == 3 else 15)


def test_the_street_and_the_district_find_what_they_have_to_do():
    for name in ("street", "district"):
        user = User.objects.get(username=name)
        mine = Recognition.objects.visible_to(user)
        for stage in ON_THE_WAY:
            assert mine.of_households().filter(stage=stage).exists()
        assert mine.due_for_review(TODAY).exists()
        assert mine.to_mend().filter(mend_by__gte=TODAY).exists()
        assert mine.overdue_to_mend(TODAY).exists()
        assert recognition.proposals(user, TODAY)
    villages = Recognition.objects.of_villages()
    assert {row.stage for row in villages.on_the_way()} == set(ON_THE_WAY)
    assert villages.due_for_review(TODAY).exists()
    assert villages.overdue_to_mend(TODAY).exists()
    open_ones = Batch.objects.filter(published_until__gte=TODAY)
    assert open_ones.count() > 10


def test_a_village_account_finds_all_of_it():
    user = User.objects.get(username="families")
    assert user.branch.short_name == "张家村"
    assert Household.objects.visible_to(user).registered_on(TODAY).count() > 300
    mine = Recognition.objects.visible_to(user)
    assert mine.of_households().in_force(TODAY).count() > 200
    assert mine.filter(stage=Stage.APPLIED).exists()  # hers to pass on
    assert mine.to_mend().exists()
    assert mine.of_villages().in_force(TODAY).exists()
    open_ones = Batch.objects.taking_part(user).filter(published_until__gte=TODAY)
    assert open_ones.filter(subject="household").exists()


def test_only_villages_with_courtyards_take_part():
    places = Branch.objects.filter(households__isnull=False).distinct()

    assert places.count() == 524
    assert not Recognition.objects.exclude(branch__in=places.values("pk")).exists()
