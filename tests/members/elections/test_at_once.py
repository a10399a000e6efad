"""Two people at the same election, and a process that dies in the middle, on
PostgreSQL: it is confirmed once, or not at all."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from federation.models import Grant, Journal, JournalEntry, User
from members import elections
from members.elections.starting import hold
from members.models import Election, Member, Post, PostGrant, Term
from tests.factories import BranchFactory
from tests.members.elections.conftest import NEW, begun, committee_of, post_of
from tests.rollups.parallel import Threads, database_url, wait_for_a_blocked_session

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def written() -> dict:
    """Return how many rows there are of each kind that a confirmation writes."""
    models = (Journal, JournalEntry, Member, Post, PostGrant, Grant, User)
    return {model.__name__: model.objects.count() for model in models}


def test_two_people_confirming_at_once_confirm_it_once(
    election, street_reviewer, district_admin
):
    told = []

    def confirm(by):
        try:
            told.append(elections.confirm(election, by))
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    with transaction.atomic():
        hold(election)  # so that both have begun before either can go on
        people.start(confirm, street_reviewer)
        people.start(confirm, district_admin)
        wait_for_a_blocked_session()
    people.wait()

    (refusal,) = [one for one in told if isinstance(one, str)]
    election.refresh_from_db()
    assert f"已由{election.confirmed_by}确认" in refusal
    assert Post.objects.in_post(NEW).count() == 3
    assert Journal.objects.count() == 1
    assert User.objects.filter(username__startswith="明一社区李秀英").count() == 1


def test_a_post_entered_by_hand_meanwhile_is_not_overlooked(
    election, term, community, street_reviewer
):
    """The other one holds the committee and enters a chair of the same day."""
    told = []

    def confirm():
        try:
            elections.confirm(election, street_reviewer)
        except elections.RefusedError as refusal:
            told.extend(refusal.messages)

    newcomer = Member.objects.create(name="赵玉兰", branch=community)
    other = Threads()
    with transaction.atomic():
        old = post_of("李秀英")
        old.ended_on, old.ending = NEW, "resigned"
        old.save()
        Post.objects.create(
            member=newcomer, branch=community, title="chair", started_on=NEW
        )
        other.start(confirm)
        wait_for_a_blocked_session()
    other.wait()

    (sentence,) = told
    assert "已有主席赵玉兰" in sentence
    assert Post.objects.chairs().in_post(NEW).get().member == newcomer


def test_two_streets_started_at_once_start_each_village_once(
    street, community, second_community, street_reviewer, district_admin
):
    told = []

    def begin(by):
        try:
            told.append(begun(street, by, covers_below=True))
        except ValidationError as refusal:
            told.append("".join(refusal.messages))

    people = Threads()
    people.start(begin, street_reviewer)
    people.start(begin, district_admin)
    people.wait()

    (refusal,) = [one for one in told if isinstance(one, str)]
    assert "正在换届" in refusal
    assert Election.objects.count() == 1
    assert Term.objects.count() == 2


CONFIRM_AND_HANG = """
import sys, time, django
django.setup()
from federation.models import User
from members import elections
from members.elections import confirming
from members.models import Election
def hang(*arguments):
    print("written", flush=True)
    time.sleep(600)
confirming.handover.write = hang
elections.confirm(Election.objects.get(), User.objects.get(username=sys.argv[1]))
"""


def test_a_confirmation_killed_in_the_middle_leaves_nothing(street, street_reviewer):
    for number in range(5):
        village = BranchFactory(
            code=f"370114001{number + 100}", short_name=f"泉边{number}村", parent=street
        )
        committee_of(village, f"赵玉兰{number}", f"钱二妹{number}")
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())
    elections.elect_everybody(election)
    before = written()

    process = subprocess.Popen(
        [sys.executable, "-c", CONFIRM_AND_HANG, street_reviewer.username],
        env=os.environ | {"DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    # Everything but the chairs' rights is written, and nothing is committed.
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert written() == before
    assert not Post.objects.filter(ended_on__isnull=False).exists()
    assert not Term.objects.filter(elected_on=NEW).exists()
    election.refresh_from_db()
    assert election.status == "draft"
    outcome = elections.confirm(election, street_reviewer)
    assert (outcome.begun, len(outcome.handovers)) == (10, 5)
