"""Two people at the same rows, on PostgreSQL: decided once, applied for once."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from families import inspections, recognition
from families.models import Household, Inspection, Plate, Recognition, RecognitionStep
from families.models.choices import Act, Stage
from families.recognition import steps
from federation import successions
from tests.factories import HouseholdFactory
from tests.families.conftest import DAYS, SEEN_ON, go_through, look_at, scores
from tests.rollups.parallel import Threads, wait_for_a_blocked_session

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_who_grant_at_once_grant_it_once(office, batch, households):
    go_through(office, batch, Act.PUBLISH, households=households)
    told = []

    def grant():
        rows = batch.recognitions.all()
        try:
            day = DAYS[Act.GRANT]
            told.append(recognition.advance(office.district, Act.GRANT, rows, day))
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    with transaction.atomic():
        steps.hold(batch.recognitions.all())  # so that both have begun
        people.start(grant)
        people.start(grant)
        wait_for_a_blocked_session()
    people.wait()

    (refusal,) = [one for one in told if isinstance(one, str)]
    assert "现在是“已认定”" in refusal
    assert Plate.objects.count() == 3
    assert RecognitionStep.objects.filter(act=Act.GRANT).count() == 3


def test_granted_and_turned_down_at_once_it_is_one_of_them(office, batch, households):
    go_through(office, batch, Act.PUBLISH, households=households)
    day, told = DAYS[Act.GRANT], []

    def attempt(act, *arguments):
        try:
            told.append(act(office.district, *arguments))
        except ValidationError:
            told.append("refused")

    people = Threads()
    rows = batch.recognitions.all()
    with transaction.atomic():
        steps.hold(rows)
        people.start(attempt, recognition.advance, Act.GRANT, rows.all(), day)
        people.start(attempt, recognition.refuse, rows.all(), day, "有异议")
        wait_for_a_blocked_session()
    people.wait()

    assert sorted(map(str, told)) == ["3", "refused"]
    stages = set(batch.recognitions.values_list("stage", flat=True))
    assert stages in ({Stage.GRANTED}, {Stage.REFUSED})


def test_what_is_granted_meanwhile_is_not_corrected_away(office, batch, households):
    go_through(office, batch, Act.PUBLISH, households=households)
    row = Inspection.objects.get(household=households[0])
    told, wrong = [], scores(missing=20)

    def correct():
        try:
            inspections.correct(row, office.village, scores=wrong)
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    with transaction.atomic():
        rows = batch.recognitions.all()
        recognition.advance(office.district, Act.GRANT, rows, DAYS[Act.GRANT])
        people.start(correct)
        wait_for_a_blocked_session()
    people.wait()

    assert "不能改到示范线以下" in told[0]
    assert Inspection.objects.get(pk=row.pk).points == 100


def test_what_is_corrected_meanwhile_is_not_granted(office, batch, households):
    go_through(office, batch, Act.PUBLISH, households=households)
    row = Inspection.objects.get(household=households[0])
    told = []

    def grant():
        rows = batch.recognitions.all()
        try:
            recognition.advance(office.district, Act.GRANT, rows, DAYS[Act.GRANT])
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    with transaction.atomic():
        inspections.correct(row, office.village, scores=scores(missing=20))
        people.start(grant)
        wait_for_a_blocked_session()
    people.wait()

    assert "没有达到示范线" in told[0]
    assert not Recognition.objects.filter(stage=Stage.GRANTED).exists()


def test_two_who_apply_at_once_apply_once(office, batch, households):
    told = []

    def apply(user):
        try:
            day = DAYS[Act.APPLY]
            told.append(recognition.apply(user, batch, day, households=households))
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    people.start(apply, office.village)
    people.start(apply, office.street)
    people.wait()

    (refusal,) = [one for one in told if isinstance(one, str)]
    assert "不用再报" in refusal or "刷新页面" in refusal
    assert Recognition.objects.count() == 3
    assert RecognitionStep.objects.count() == 3


def test_a_phone_that_sends_twice_at_once_is_recorded_once(office, community):
    household = HouseholdFactory(branch=community, entered_on=date(2022, 1, 1))
    token, given, told = uuid.uuid4(), scores(), []

    def send():
        row = inspections.record(
            office.village,
            household=household,
            kind="village",
            inspected_on=SEEN_ON,
            scores=given,
            client_token=token,
        )
        told.append(row.pk)

    people = Threads()
    for _ in range(4):
        people.start(send)
    people.wait()

    assert len(set(told)) == 1
    assert Inspection.objects.count() == 1


# A village merges under somebody's hands ---------------------------------------------


MERGED_ON = date(2026, 9, 1)


def merge_while(community, into, act):
    """Begin *act* in another thread while *community* merges, and finish both; return
    what it was told."""
    told = []

    def attempt():
        try:
            told.append(act())
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    with transaction.atomic():
        deed = successions.Deed(MERGED_ON, "村庄合并", "1号")
        successions.merge(deed, [community], into=into)
        people.start(attempt)
        wait_for_a_blocked_session()
    people.wait()
    return told[0]


def test_what_is_seen_while_the_village_merges_is_seen_in_the_successor(
    office, community, sister_community, households
):
    def look():
        household = Household.objects.get(pk=households[0].pk)
        return look_at(office.village, household, date(2026, 9, 5))

    row = merge_while(community, sister_community, look)

    assert row.branch == sister_community


def test_nobody_applies_in_a_village_that_has_just_merged(
    office, community, sister_community, households, batch
):
    told = merge_while(
        community,
        sister_community,
        lambda: recognition.apply(
            office.village, batch, date(2026, 5, 5), households=households
        ),
    )

    assert "名单刚刚有变动" in told
    assert not Recognition.objects.exists()


def test_what_comes_first_goes_along(office, community, sister_community, households):
    people, deed = Threads(), successions.Deed(MERGED_ON, "村庄合并", "1号")
    with transaction.atomic():
        look_at(office.village, households[0], date(2026, 9, 5))
        people.start(
            lambda: successions.merge(deed, [community], into=sister_community)
        )
        wait_for_a_blocked_session()
    people.wait()

    seen = Inspection.objects.filter(inspected_on=date(2026, 9, 5))
    assert [row.branch for row in seen] == [sister_community]


def test_nobody_registers_in_a_village_that_has_just_merged(
    client, district_admin, community, sister_community, households
):
    client.force_login(district_admin)
    values = {
        "branch": community.pk,
        "contact_name": "于桂香",
        "occupancy": "lived_in",
        "entered_on": "2026-09-05",
    }
    answer = merge_while(
        community,
        sister_community,
        lambda: client.post(reverse("admin:families_household_add"), values),
    )

    assert answer.status_code == 200
    assert "请登记到承接的村" in answer.content.decode()
