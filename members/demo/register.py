"""The committees: who sat in the last one, who sits in this one, and who left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from federation.demo import Demo, Sketch, apportion, load, step
from federation.demo.registry import at
from federation.models import Branch
from members.demo.people import facts_of_office, person
from members.demo.terms import (
    TERM_YEARS,
    how_elected,
    last_election,
    number_of,
    papers,
    years_later,
)
from members.models import Member, Post, Term
from members.models.choices import ConcurrentOffice, Ending, Title

PEOPLE = 5_200
IN_POST = 5_000  # what the review prints: 基层妇联执委
KEEP_PHONE = timedelta(days=365)
LATE_VILLAGES = 9  # their newest election is overdue

Level = Branch.Level

# Fixed committee sizes; the villages share what is left of the 5,000.
SIZES = {Level.DISTRICT: 35, Level.TOWN: 15, Level.UNIT: 7}
SMALLEST_VILLAGE = 5
# Who comes first in a committee; the rest are plain members.
LEADERS = {
    Level.DISTRICT: (
        [Title.CHAIR]
        + [Title.VICE_FULL] * 3
        + [Title.VICE_PART] * 2
        + [Title.VICE_SECONDED]
        + [Title.STANDING] * 6
    ),
    Level.TOWN: [Title.CHAIR, Title.VICE_FULL, Title.VICE_PART, Title.VICE_PART],
    Level.VILLAGE: [Title.CHAIR, Title.VICE_PART],
    Level.UNIT: [Title.CHAIR, Title.VICE_PART],
}
LEFT_IN_TERM = (Ending.RESIGNED, Ending.RESIGNED, Ending.TRANSFERRED, Ending.REPLACED)
# Seldom, but each of them happens.
SELDOM = (Ending.DISMISSED, Ending.DIED)
# What a chair is besides; a street's is to be one of the first two.
OFFICES_OF_CHAIRS = {
    Level.DISTRICT: [ConcurrentOffice.DEPUTY_RANK],
    Level.TOWN: [ConcurrentOffice.PARTY_GOVERNMENT_DEPUTY] * 5
    + [ConcurrentOffice.DEPUTY_RANK],
    Level.VILLAGE: [ConcurrentOffice.VILLAGE_COMMITTEES] * 9 + [""],
    Level.UNIT: [ConcurrentOffice.OTHER, ""],
}
WRONG_STREETS = 2  # whose chair has no such office


@dataclass(slots=True)
class Register:
    """What is to be written: terms, people, and their posts."""

    terms: list[Sketch] = field(default_factory=list)
    members: list[Sketch] = field(default_factory=list)
    posts: list[Sketch] = field(default_factory=list)


@dataclass(slots=True)
class Exceptions:
    """The branches in which something is not as it should be, by key."""

    late: set[int]
    without_chair: int
    wrong_chairs: set[int]

    @classmethod
    def draw(cls, branches: list[Branch], random: Random) -> Exceptions:
        villages = [one.pk for one in branches if one.level == Level.VILLAGE]
        towns = [one.pk for one in branches if one.level == Level.TOWN]
        # The first village is the demo account's: all is well there.
        *late, without_chair = random.sample(villages[1:], LATE_VILLAGES + 1)
        return cls(set(late), without_chair, set(random.sample(towns, WRONG_STREETS)))


@step(100, "人员和任职")
def bring_register(demo: Demo) -> None:
    random = demo.random("register")
    register = Register()
    branches = list(Branch.objects.order_by("path"))
    exceptions = Exceptions.draw(branches, random)
    leaving = _former_of(branches, exceptions, random)
    for branch, size in _sizes(branches, random):
        committee = _Committee(demo, random, register, branch, exceptions)
        committee.fill(size, leaving.get(branch.pk, 0))
    load(Term, register.terms)
    load(Member, register.members)
    for post in register.posts:
        post.member_id, post.term_id = post.member.id, post.term.id
    load(Post, register.posts)


def _sizes(branches: list[Branch], random: Random) -> Iterator[tuple[Branch, int]]:
    villages = [branch for branch in branches if branch.level == Level.VILLAGE]
    left = IN_POST - sum(SIZES.get(branch.level, 0) for branch in branches)
    weights = [random.lognormvariate(0, 0.4) for _ in villages]
    shares = dict(
        zip(villages, apportion(left, weights, SMALLEST_VILLAGE), strict=True)
    )
    for branch in branches:
        yield branch, shares[branch] if branch in shares else SIZES[branch.level]


def _former_of(
    branches: list[Branch], exceptions: Exceptions, random: Random
) -> dict[int, int]:
    """Return {branch: how many of its committee have left} of the former ones."""
    older = [branch.pk for branch in branches if branch.founded_on is None]
    leaving = {exceptions.without_chair: 1}
    for pk in random.choices(older, k=PEOPLE - IN_POST - 1):
        leaving[pk] = leaving.get(pk, 0) + 1
    return leaving


class _Committee:
    """One branch's committee: the running term, the one before, and who sat in them."""

    def __init__(
        self,
        demo: Demo,
        random: Random,
        register: Register,
        branch: Branch,
        exceptions: Exceptions,
    ):
        self.demo, self.random = demo, random
        self.register, self.branch = register, branch
        self.has_chair = branch.pk != exceptions.without_chair
        self.is_wrong = branch.pk in exceptions.wrong_chairs
        self.elected_on = branch.founded_on or last_election(demo, random, branch.level)
        if branch.pk in exceptions.late:
            self.elected_on = years_later(self.elected_on, -TERM_YEARS)
        self.term = self._term(self.elected_on, newest=True)
        self.earlier = None
        if branch.founded_on is None:
            earlier_on = years_later(self.elected_on, -TERM_YEARS)
            self.earlier = self._term(earlier_on, newest=False)
        self.earlier_has_chair = False

    def fill(self, size: int, leaving: int) -> None:
        """Fill *size* seats and let *leaving* people have had one before."""
        leaders = LEADERS[self.branch.level][0 if self.has_chair else 1 :]
        titles = (leaders + [Title.COMMITTEE] * size)[:size]
        if not self.has_chair:
            self._lose_chair()
            leaving -= 1
        vacated = [
            self._leave(self.random.choice((True, False))) for _ in range(leaving)
        ]
        # Whoever left in mid-term made room for a newcomer in a plain seat.
        by_elections = [day for day in vacated if day is not None][
            : size - len(leaders)
        ]
        newcomers = dict(zip(range(size - 1, 0, -1), by_elections, strict=False))
        for seat, title in enumerate(titles):
            self._sit(title, newcomers.get(seat))
        self._plan_seats(size)

    def _plan_seats(self, size: int) -> None:
        for term in filter(None, (self.earlier, self.term)):
            # Some committees were never filled.
            term.seats_planned = size + (self.random.random() < 0.11)

    def _sit(self, title: str, by_election: date | None) -> None:
        if by_election:
            member = self._member(by_election, title)
            self._post(member, self.term, title, by_election)
            return
        must_have_sat = title == Title.CHAIR and not self.earlier_has_chair
        reelected = self.earlier is not None and (
            must_have_sat or self.random.random() < 0.86
        )
        since = self.earlier.elected_on if reelected else self.elected_on
        member = self._member(since, title)
        if reelected:
            before = self._title_before(title)
            self._post(
                member, self.earlier, before, since, self.elected_on, Ending.TERM_OVER
            )
        self._post(member, self.term, title, self.elected_on)

    def _title_before(self, title: str) -> str:
        if title == Title.CHAIR and not self.earlier_has_chair:
            self.earlier_has_chair = True
            return title
        # Some were plain members before they were elected to lead.
        stayed = title != Title.CHAIR and self.random.random() < 0.8
        return title if stayed else Title.COMMITTEE

    def _lose_chair(self) -> None:
        """Let the chair of this term have left, and nobody be elected in her place."""
        days = (self.demo.yesterday - self.elected_on).days
        left = self.elected_on + timedelta(days=max(days - 40, 1))
        member = self._member(self.elected_on, Title.CHAIR)
        self._let_go(member, left)
        self._post(
            member, self.term, Title.CHAIR, self.elected_on, left, Ending.TRANSFERRED
        )

    def _leave(self, in_this_term: bool) -> date | None:
        """Add someone who is in post no more; return the day if it was mid-term."""
        days = (self.demo.yesterday - self.elected_on).days
        title = Title.COMMITTEE
        if in_this_term and days > 60:
            started = self.elected_on
            ended = started + timedelta(days=self.random.randint(30, days))
            seldom = self.random.random() < 0.06
            ending = self.random.choice(SELDOM if seldom else LEFT_IN_TERM)
            term = self.term
        else:
            started, ended = self.earlier.elected_on, self.elected_on
            term, ending = self.earlier, Ending.TERM_OVER
            if not self.earlier_has_chair:
                self.earlier_has_chair, title = True, Title.CHAIR
        member = self._member(started, Title.COMMITTEE)
        self._let_go(member, ended)
        self._post(member, term, title, started, ended, ending)
        return ended if term is self.term else None

    def _let_go(self, member: Sketch, ended: date) -> None:
        member.purge_on = ended + KEEP_PHONE
        if member.purge_on <= self.demo.today:
            member.phone = ""  # the year after the last post is over

    def _member(self, since: date, title: str) -> Sketch:
        member = Sketch(
            Member,
            **person(self.random, self.branch, since, self.demo.today),
            **facts_of_office(self.random, self.branch.level, title),
            branch_id=self.branch.pk,
            created_at=self._noted(since),
        )
        self.register.members.append(member)
        return member

    def _post(self, member, term, title, started, ended=None, ending="") -> None:
        self.register.posts.append(
            Sketch(
                Post,
                member=member,
                branch_id=self.branch.pk,
                term=term,
                title=title,
                concurrent_office=self._office(title),
                started_on=started,
                ended_on=ended,
                ending=ending,
                known_on=self._noted(started).date(),
            )
        )

    def _office(self, title: str) -> str:
        if title == Title.CHAIR:
            if self.is_wrong:
                return ConcurrentOffice.OTHER
            return self.random.choice(OFFICES_OF_CHAIRS[self.branch.level])
        is_other = title != Title.COMMITTEE and self.random.random() < 0.15
        return ConcurrentOffice.OTHER if is_other else ""

    def _term(self, elected_on: date, *, newest: bool) -> Sketch:
        level = self.branch.level
        term = Sketch(
            Term,
            branch_id=self.branch.pk,
            number=number_of(self.branch, elected_on),
            planned_on=elected_on,
            elected_on=elected_on,
            due_on=years_later(elected_on, TERM_YEARS),
            known_on=self._noted(elected_on).date(),
            **how_elected(self.random, level),
            **papers(self.demo, self.random, self.branch, elected_on, newest=newest),
        )
        self.register.terms.append(term)
        return term

    def _noted(self, day: date) -> datetime:
        noted = at(day + timedelta(days=self.random.randint(1, 9)), 10)
        return min(noted, self.demo.now)
