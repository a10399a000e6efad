"""The register of the demo: 5,200 invented people, exactly 5,000 of them in post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from federation.demo import Demo, Sketch, apportion, load, step
from federation.demo.names import invent_name
from federation.demo.registry import at
from federation.models import Branch
from federation.models.branches import initials_of
from members.models import Member, Post, Term

PEOPLE = 5_200
IN_POST = 5_000  # what the review prints: 基层妇联执委
TERM_YEARS = 5
KEEP_PHONE = timedelta(days=365)

Level = Branch.Level
Title = Post.Title
Ending = Post.Ending

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
# (years after a year that ends in 1 or 6, months of the election)
ELECTIONS = {Level.DISTRICT: (1, (3, 3)), Level.TOWN: (0, (9, 10))}
VILLAGE_ELECTION = (0, (1, 3))


@dataclass(slots=True)
class Register:
    """What is to be written: terms, people, and their posts."""

    terms: list[Sketch] = field(default_factory=list)
    members: list[Sketch] = field(default_factory=list)
    posts: list[Sketch] = field(default_factory=list)


@step(100, "人员和任职")
def bring_register(demo: Demo) -> None:
    random = demo.random("register")
    register = Register()
    branches = list(Branch.objects.order_by("path"))
    leaving = _former_of(branches, random)
    for branch, size in _sizes(branches, random):
        committee = _Committee(demo, random, register, branch)
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


def _former_of(branches: list[Branch], random: Random) -> dict[int, int]:
    """Return {branch: how many of its committee have left} of the former ones."""
    older = [branch.pk for branch in branches if branch.founded_on is None]
    leaving: dict[int, int] = {}
    for pk in random.choices(older, k=PEOPLE - IN_POST):
        leaving[pk] = leaving.get(pk, 0) + 1
    return leaving


class _Committee:
    """One branch's committee: the running term, the one before, and who sat in them."""

    def __init__(self, demo: Demo, random: Random, register: Register, branch: Branch):
        self.demo = demo
        self.random = random
        self.register = register
        self.branch = branch
        self.elected_on = branch.founded_on or self._last_election()
        self.term = self._term(self.elected_on)
        self.earlier = None
        if branch.founded_on is None:
            self.earlier = self._term(_years_later(self.elected_on, -TERM_YEARS))

    def fill(self, size: int, leaving: int) -> None:
        """Fill *size* seats and let *leaving* people have had one before."""
        leaders = LEADERS[self.branch.level]
        titles = (leaders + [Title.COMMITTEE] * size)[:size]
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

    def _sit(self, title: str, by_election: date | None) -> None:
        if by_election:
            member = self._member(by_election)
            self._post(member, self.term, title, by_election)
            return
        reelected = self.earlier is not None and self.random.random() < 0.86
        since = self.earlier.elected_on if reelected else self.elected_on
        member = self._member(since)
        if reelected:
            # Some were plain members before they were elected to lead.
            before = title if self.random.random() < 0.8 else Title.COMMITTEE
            self._post(
                member, self.earlier, before, since, self.elected_on, Ending.TERM_OVER
            )
        self._post(member, self.term, title, self.elected_on)

    def _leave(self, in_this_term: bool) -> date | None:
        """Add someone who is in post no more; return the day if it was mid-term."""
        days = (self.demo.yesterday - self.elected_on).days
        if in_this_term and days > 60:
            started = self.elected_on
            ended = started + timedelta(days=self.random.randint(30, days))
            term, ending = (
                self.term,
                self.random.choice(
                    (Ending.RESIGNED, Ending.TRANSFERRED, Ending.REPLACED)
                ),
            )
        else:
            started, ended = self.earlier.elected_on, self.elected_on
            term, ending = self.earlier, Ending.TERM_OVER
        member = self._member(started)
        member.purge_on = ended + KEEP_PHONE
        if member.purge_on <= self.demo.today:
            member.phone = ""  # the year after the last post is over
        self._post(member, term, Title.COMMITTEE, started, ended, ending)
        return ended if term is self.term else None

    def _member(self, since: date) -> Sketch:
        name = invent_name(self.random)
        age = min(max(self.random.gauss(43, 9), 22), 62)
        born = self.demo.today - timedelta(days=int(age * 365.25))
        # 100…: the shape of a mobile number, and none that was ever given out.
        phone = f"100{self.random.randrange(10**8):08d}"
        member = Sketch(
            Member,
            name=name,
            initials="".join(map(_initial, name)),
            birth_month=born.replace(day=1),
            branch_id=self.branch.pk,
            phone=phone,
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
                started_on=started,
                ended_on=ended,
                ending=ending,
                known_on=self._noted(started).date(),
            )
        )

    def _term(self, elected_on: date) -> Sketch:
        year = elected_on.year
        number = 1 if self.branch.founded_on else (year - 1961) // TERM_YEARS + 1
        term = Sketch(
            Term,
            branch_id=self.branch.pk,
            number=number,
            elected_on=elected_on,
            due_on=_years_later(elected_on, TERM_YEARS),
            known_on=self._noted(elected_on).date(),
        )
        self.register.terms.append(term)
        return term

    def _last_election(self) -> date:
        offset, (first, last) = ELECTIONS.get(self.branch.level, VILLAGE_ELECTION)
        month, day = self.random.randint(first, last), self.random.randint(5, 26)
        year = self.demo.today.year - (self.demo.today.year - 1 - offset) % TERM_YEARS
        elected_on = date(year, month, day)
        if elected_on > self.demo.yesterday:
            elected_on = _years_later(elected_on, -TERM_YEARS)
        return elected_on

    def _noted(self, day: date) -> datetime:
        noted = at(day + timedelta(days=self.random.randint(1, 9)), 10)
        return min(noted, self.demo.now)


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years)  # no election is held on 29 February


@cache
def _initial(character: str) -> str:
    return initials_of(character)
