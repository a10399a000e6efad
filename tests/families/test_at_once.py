"""Two people at the same rows, on PostgreSQL: decided once, applied for once."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from families import inspections, recognition
from families.models import Inspection, Plate, Recognition, RecognitionStep
from families.models.choices import Act, Stage
from families.recognition import steps
from tests.factories import HouseholdFactory
from tests.families.conftest import DAYS, SEEN_ON, go_through, scores
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
