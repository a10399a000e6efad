"""Villages: the site proposes those that reach the standard, a person decides."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from families import recognition
from families.models import Recognition, Standard
from families.models.choices import Act, Stage, Subject
from federation.models import BranchStat
from tests.families.conftest import DAYS, go_through, look_at_village

SEEN = date(2026, 7, 1)
APPLIED = date(2026, 7, 10)


def counted(branch, value, as_of=date(2025, 12, 31)) -> BranchStat:
    return BranchStat.objects.create(
        branch=branch,
        figure=BranchStat.Figure.COURTYARDS,
        as_of=as_of,
        value=value,
        source="年报",
    )


@pytest.fixture
def ready(office, community, recognised):
    """Three recognised households of six courtyards, and a look from the street."""
    counted(community, 6)
    look_at_village(office.street, community, SEEN)
    return community


def standing(branch, on=APPLIED):
    return recognition.standings([branch.pk], on)[branch.pk]


def test_a_village_that_reaches_both_is_proposed(office, ready, second_community):
    found = recognition.proposals(office.district, APPLIED)

    assert [branch for branch, _ in found] == [ready]
    at = found[0][1]
    assert (at.recognised, at.courtyards, at.share) == (3, 6, Decimal(50))
    assert (at.counted_on, at.inspected_on) == (date(2025, 12, 31), SEEN)
    assert recognition.proposals(office.village, APPLIED) == found
    assert recognition.proposals(office.sister, APPLIED) == []


@pytest.mark.parametrize("missing", [0, 15])
def test_the_mark_is_the_standards(office, ready, missing):
    look_at_village(office.street, ready, date(2026, 7, 2), missing=missing)
    assert standing(ready).problem is None
    look_at_village(office.street, ready, date(2026, 7, 3), missing=16)
    assert "没有达到示范线" in standing(ready).problem


def test_one_courtyard_more_is_too_many_from_its_day_on(office, ready):
    counted(ready, 7, date(2026, 7, 5))

    assert standing(ready, date(2026, 7, 4)).problem is None
    assert standing(ready).problem == "示范户占比不到 50%"
    assert standing(ready).share == Decimal("42.8")


def test_whoever_has_no_numbers_or_was_not_looked_at(office, ready, second_community):
    assert "常住庭院户数" in standing(second_community).problem
    assert "还没有镇街或区里的" in standing(ready, date(2026, 6, 30)).problem
    counted(second_community, 0)
    assert "常住庭院户数" in standing(second_community).problem


def test_its_own_word_is_not_enough(office, ready):
    look_at_village(office.village, ready, date(2026, 7, 2), "village", missing=16)

    assert standing(ready).problem is None


def test_a_revoked_household_counts_no_more(office, ready, recognised):
    row = Recognition.objects.filter(pk=recognised[0].pk)
    recognition.revoke(office.street, row, APPLIED, "整改不到位")

    assert standing(ready).recognised == 2
    assert recognition.proposals(office.district, APPLIED) == []


def test_a_standard_may_ask_for_no_share(office, ready):
    Standard.objects.filter(subject=Subject.VILLAGE).update(least_share=None)
    BranchStat.objects.all().delete()

    assert standing(ready).problem is None


def test_a_person_brings_it_to_the_end(office, ready, village_batch):
    recognition.apply(office.street, village_batch, APPLIED, branches=[ready])
    assert recognition.proposals(office.district, APPLIED) == []
    rows = village_batch.recognitions.all()
    days = {
        Act.ASSESS: APPLIED,
        Act.REVIEW: date(2026, 7, 20),
        Act.PUBLISH: date(2026, 8, 1),
        Act.GRANT: date(2026, 8, 8),
    }
    for act, day in days.items():
        recognition.advance(office.district, act, rows, day)

    row = rows.get()
    assert (row.stage, row.household, row.branch) == (Stage.GRANTED, None, ready)
    assert row.review_due_on == date(2027, 8, 8)
    assert Recognition.objects.of_villages().in_force(date(2026, 8, 8)).count() == 1


def test_one_that_does_not_reach_it_cannot_be_applied_for(
    office, ready, second_community, village_batch
):
    with pytest.raises(ValidationError) as caught:
        recognition.apply(
            office.street, village_batch, APPLIED, branches=[ready, second_community]
        )

    assert caught.value.messages == [
        "还没有登记常住庭院户数，算不出示范户占比：明二社区。"
    ]


def test_a_recognised_village_that_closes_is_none_any_more(
    office, ready, village_batch
):
    Recognition.objects.create(
        subject=Subject.VILLAGE,
        branch=ready,
        batch=village_batch,
        stage=Stage.GRANTED,
        granted_on=DAYS[Act.GRANT],
        review_due_on=date(2027, 6, 10),
    )
    ready.closed_on = date(2026, 7, 31)
    ready.save()

    in_force = Recognition.objects.of_villages().in_force
    assert in_force(date(2026, 7, 31)).count() == 1
    assert in_force(date(2026, 8, 1)).count() == 0


def test_five_hundred_villages_cost_what_one_does(
    office, ready, second_community, sister_community, django_assert_num_queries
):
    office.district.has_perm("families.view_recognition")
    with django_assert_num_queries(5):
        recognition.proposals(office.district, APPLIED)


def test_going_the_way_again_leaves_the_households_alone(office, batch, households):
    go_through(office, batch, Act.APPLY, households=households)

    assert not Recognition.objects.of_villages().exists()
