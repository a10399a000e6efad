"""Who a roster's line means: somebody of the register, or somebody new.

The same person has the same name and birth month, or the same name and phone. Where
the register or the file knows neither, a namesake in the same branch is she. Two who
are alike are a reason to refuse, never to choose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from federation import batches
from members.models import Member, Post
from members.rosters.reading import RosterLine


@dataclass(slots=True, eq=False)
class Person:
    """Somebody the roster names. ``said`` is what accepted and refused lines say of
    her, by field, with the row that said it first."""

    member: Member
    posts: list[Post] = field(default_factory=list)
    said: dict[str, tuple[object, int]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.member.pk is None

    def knows(self, branch) -> bool:
        return self.member.branch_id == branch.pk or any(
            post.branch_id == branch.pk for post in self.posts
        )

    def born(self):
        return self.member.birth_month or self.said.get("birth_month", (None,))[0]

    def phone(self) -> str:
        return self.member.phone or self.said.get("phone", ("",))[0]


class People:
    """The people of the register with the names of *lines*, and those who are new."""

    def __init__(self, lines: Iterable[RosterLine], user, permission: str):
        self._named: dict[str, list[Person]] = defaultdict(list)
        names = sorted({line.name for line in lines if line.name})
        reachable = Member.objects.current().visible_to(user, permission).order_by()
        persons = {}
        for chosen in batches.of(names):
            for member in reachable.filter(name__in=chosen):
                persons[member.pk] = Person(member)
                self._named[member.name].append(persons[member.pk])
        posts = Post.objects.select_related("term").order_by("started_on", "pk")
        for chosen in batches.of(list(persons)):
            for post in posts.filter(member__in=chosen):
                person = persons[post.member_id]
                post.member = person.member
                person.posts.append(post)

    def find(self, line: RosterLine, branch) -> tuple[Person | None, str]:
        """Return (who it is, why it cannot be told); (None, "") for somebody new."""
        named = self._named.get(line.name, ())
        born, phone = line.values.get("birth_month"), line.values.get("phone")
        by_phone = [p for p in named if phone and p.phone() == phone]
        by_birth = [p for p in named if born and p.born() == born]
        both = [p for p in by_phone if p in by_birth]
        here = [p for p in named if not (born and p.born()) and p.knows(branch)]
        for alike in (both, by_phone, by_birth, here):
            if len(alike) == 1:
                return alike[0], ""
            if alike:
                count = "两" if len(alike) == 2 else f" {len(alike)} "
                return None, (
                    f"名册里有{count}位“{line.name}”都对得上，请先在“查重合并”里合并，"
                    "或在表中补上出生年月和手机号。"
                )
        return None, ""

    def add(self, line: RosterLine, branch) -> Person:
        """Return somebody new, whom later lines may mean too."""
        person = Person(Member(name=line.name, branch=branch))
        self._named[line.name].append(person)
        return person
