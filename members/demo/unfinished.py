"""What a real register has too: elections that are late or half done, gaps, and people
who were typed twice."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

from federation.demo import Demo, Sketch, load, step
from federation.demo.names import invent_name
from federation.models import Branch, User
from members.demo.register import LATE_VILLAGES
from members.ethnicities import HAN
from members.models import Candidate, Election, Member, Post, Term
from members.models.choices import (
    Contest,
    Education,
    Method,
    PoliticalStatus,
    TermStatus,
    Title,
)

# What became of the late villages' next term; of the others nothing was planned yet.
NOT_STARTED, POSTPONED = 3, 1
NO_BIRTH_MONTH = 40
TWINS_BY_BIRTH, TWINS_BY_PHONE = 3, 2


@step(120, "未办完的换届")
def leave_unfinished(demo: Demo) -> None:
    random = demo.random("unfinished")
    overdue = Term.objects.overdue(demo.today).select_related("branch")
    late = list(overdue.order_by("branch__path"))[:LATE_VILLAGES]
    _begin_election(demo, random, late[0])
    waiting = [
        _planned(demo, term, TermStatus.NOT_STARTED)
        for term in late[1 : 1 + NOT_STARTED]
    ]
    for term in late[1 + NOT_STARTED : 1 + NOT_STARTED + POSTPONED]:
        postponed = _planned(demo, term, TermStatus.POSTPONED)
        postponed.planned_on = demo.today + timedelta(days=120)
        postponed.note = "村庄搬迁，经街道党工委同意延期"
        waiting.append(postponed)
    load(Term, waiting)
    _forget_birth_months(random)
    _type_twice(random)


def _planned(demo: Demo, running: Term, status: str, **values) -> Sketch:
    return Sketch(
        Term,
        branch_id=running.branch_id,
        number=running.number + 1,
        status=status,
        planned_on=running.due_on,
        seats_planned=running.seats_planned,
        known_on=demo.yesterday,
        **values,
    )


def _begin_election(demo: Demo, random: Random, running: Term) -> None:
    """Leave one village with its candidates half entered and no result yet."""
    elects_on = demo.today + timedelta(days=12)
    election = Sketch(
        Election,
        branch_id=running.branch_id,
        elected_on=elects_on,
        started_by_id=User.objects.get(username="district").pk,
        started_at=demo.now - timedelta(days=3),
        form_key=UUID(int=random.getrandbits(128), version=4),
    )
    load(Election, [election])
    term = _planned(
        demo,
        running,
        TermStatus.PREPARING,
        method=Method.ASSEMBLY,
        contest=Contest.CONTESTED,
        election_id=election.id,
    )
    term.planned_on = elects_on
    load(Term, [term])
    sitting = Post.objects.filter(branch=running.branch_id, ended_on=None)
    old = [
        Sketch(
            Candidate,
            term_id=term.id,
            source=Candidate.Source.COMMITTEE,
            member_id=post.member_id,
            title=post.title,
            concurrent_office=post.concurrent_office,
        )
        for post in sitting.order_by("pk")[:4]
    ]
    new = Sketch(
        Candidate,
        term_id=term.id,
        source=Candidate.Source.NEW,
        name=invent_name(random),
        birth_month=demo.today.replace(year=demo.today.year - 34, month=5, day=1),
        ethnicity=HAN,
        education=Education.COLLEGE,
        political_status=PoliticalStatus.PARTY,
        occupation="村（社区）工作者",
        title=Title.COMMITTEE,
    )
    load(Candidate, [*old, new])


def _forget_birth_months(random: Random) -> None:
    """Let the birth months of some be missing, as they are in old rosters."""
    people = list(Member.objects.order_by("pk").values_list("pk", flat=True))
    forgotten = random.sample(people, NO_BIRTH_MONTH)
    Member.objects.filter(pk__in=forgotten).update(birth_month=None)


def _type_twice(random: Random) -> None:
    """Let some people of one street look like the same person as another."""
    villages = Branch.objects.filter(level=Branch.Level.VILLAGE)
    streets = villages.order_by("path").values_list("parent_id", flat=True)
    chosen = random.sample(list(dict.fromkeys(streets)), TWINS_BY_BIRTH)
    for street in chosen:
        first, second = _two_of(random, street)
        second.name, second.initials = first.name, first.initials
        second.given_name = first.given_name
        second.birth_month = first.birth_month
        second.save()
    for street in chosen[:TWINS_BY_PHONE]:
        first, second = _two_of(random, street)
        second.phone = first.phone
        second.save()


def _two_of(random: Random, street: int) -> list[Member]:
    """Return two people of different villages of *street*, both fully known."""
    known = Member.objects.filter(branch__parent=street, birth_month__isnull=False)
    people = list(known.exclude(phone="").order_by("pk"))
    first = random.choice(people)
    others = [one for one in people if one.branch_id != first.branch_id]
    return [first, random.choice(others)]
