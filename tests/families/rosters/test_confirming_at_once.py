"""Two who confirm one import of households at once, a worker that is killed, and
somebody who registers a household meanwhile, on PostgreSQL."""

import time

import pytest
from django.db import transaction

from families.models import Household
from federation import doorbell
from federation.imports import runs
from tests.factories import HouseholdFactory
from tests.federation.imports import at_once, books
from tests.rollups.parallel import Threads

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(hand_in, community, monkeypatch):
    monkeypatch.setattr(doorbell, "ring", lambda task: None)
    monkeypatch.setattr("federation.counted.ring", lambda: None)
    HouseholdFactory(branch=community, number=1, contact_name="赵兰")
    rows = [["1", "赵兰", "9号"], *([n, f"王芳{n}", ""] for n in range(2, 201))]
    return hand_in(books.csv([["户号", "户主", "门牌"], *rows]), branch=community)


def test_two_confirmations_and_three_workers_give_one_import(run, street_reviewer):
    assert at_once.confirm_and_write_at_once(run, street_reviewer) == (1, [0, 0, 1])
    assert Household.objects.count() == 200


def test_a_worker_killed_in_the_middle_leaves_nothing(
    run, street_reviewer, monkeypatch
):
    # The new households are written by then, the changed one is not.
    at_once.kill_in_the_middle(run, street_reviewer, "families.imports:_changed")

    assert list(Household.objects.values_list("door", flat=True)) == [""]
    at_once.write_after_all(run, street_reviewer, monkeypatch)
    assert Household.objects.count() == 200
    assert Household.objects.get(number=1).door == "9号"


def test_whoever_registers_a_household_meanwhile_gets_another_number(
    hand_in, street_reviewer, community, monkeypatch
):
    monkeypatch.setattr(doorbell, "ring", lambda task: None)
    monkeypatch.setattr("federation.counted.ring", lambda: None)
    rows = [[f"王芳{n}"] for n in range(20)]
    run = hand_in(books.csv([["户主", "门牌"], *rows]), branch=community)
    runs.confirm(run, street_reviewer)

    def register():
        with transaction.atomic():
            Household.objects.hold_villages([community.pk])
            number = Household.objects.next_number(community)
            time.sleep(0.3)
            HouseholdFactory(branch=community, number=number, contact_name="李秀英")

    threads = Threads()
    threads.start(register)
    threads.start(runs.carry_out)
    threads.wait()

    numbers = list(Household.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers))
    assert len(numbers) == 21
