"""What confirming an election would write, read at once for all its terms: shown on
the page that asks for the confirmation, checked, and then written as it stands."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from federation.models import Grant
from members import post_grants
from members.models import Candidate, Election, Member, Post, Term, TermLength
from members.models.choices import Title
from members.models.term import DEFAULT_YEARS, years_later

# What a candidate says of a person who is in no register yet.
PERSON_FIELDS = (
    "name",
    "gender",
    "birth_month",
    "ethnicity",
    "education",
    "political_status",
    "occupation",
    "work_unit",
    "phone",
    "is_village_cadre",
    "is_grid_worker",
    "is_new_employment",
)
ORDER = {title: place for place, title in enumerate(Title.values)}


@dataclass
class TermPlan:
    """One branch's part. *term*, the posts and the grants are as they would become;
    none of it is written."""

    term: Term
    candidates: list[Candidate]
    ending: list[Post] = field(default_factory=list)
    ending_grants: list[Grant] = field(default_factory=list)
    beginning: list[Post] = field(default_factory=list)
    # Posts of the old term that begin on the day of the election or after it.
    stranded: list[Post] = field(default_factory=list)

    @property
    def elected(self) -> list[Candidate]:
        return [one for one in self.candidates if one.is_elected]

    @property
    def chairs(self) -> list[Candidate]:
        return [one for one in self.elected if one.title == Title.CHAIR]

    @property
    def leaving(self) -> list[Member]:
        """The people of the old committee who are not in the new one."""
        staying = {one.member_id for one in self.elected}
        people = {post.member_id: post.member for post in self.ending}
        return [member for pk, member in people.items() if pk not in staying]


@dataclass
class Plan:
    election: Election
    parts: list[TermPlan]

    def all(self, name: str) -> list:
        """Return the rows *name* of all parts, one after another."""
        return [row for part in self.parts for row in getattr(part, name)]

    @property
    def fingerprint(self) -> str:
        """A digest of what would be written: one confirms what one has seen."""
        terms = [(part.term.pk, part.term.elected_on) for part in self.parts]
        ending = [(post.pk, post.ended_on) for post in self.all("ending")]
        grants = [(grant.pk, grant.ends_on) for grant in self.all("ending_grants")]
        chosen = [
            (one.pk, one.person_name, one.title, one.concurrent_office)
            for one in self.all("elected")
        ]
        text = repr((terms, ending, grants, chosen))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def plan_of(election: Election) -> Plan:
    """Return what confirming *election* would write, in a fixed number of queries."""
    terms = list(election.terms.select_related("branch").order_by("branch__path"))
    years = dict(TermLength.objects.values_list("level", "years"))
    parts = {}
    for term in terms:
        term.election = election
        _elect(term, years.get(term.branch.level, DEFAULT_YEARS))
        parts[term.branch_id] = TermPlan(term, [])
    _add_candidates(parts, election)
    _add_ending(parts)
    return Plan(election, list(parts.values()))


def grants_that_stay(plan: Plan):
    """Return the grants which the leaving people hold by another act than a post that
    ends here: they keep their own end."""
    leaving = {member.account_id for member in plan.all("leaving")} - {None}
    ending = [post.pk for post in plan.all("ending")]
    first = min((part.term.elected_on or date.max for part in plan.parts), default=None)
    held = Grant.objects.filter(user__in=leaving).exclude(post_grant__post__in=ending)
    return held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first)).order_by(
        "branch__path", "user"
    )


def _elect(term: Term, years: int) -> None:
    term.elected_on = term.planned_on
    term.status = Term.Status.ELECTED
    term.due_on = term.planned_on and years_later(term.planned_on, years)


def _add_candidates(parts: dict[int, TermPlan], election: Election) -> None:
    by_term = {part.term.pk: part for part in parts.values()}
    found = Candidate.objects.filter(term__in=by_term).order_by("pk")
    for candidate in found.select_related("member__account", "member__branch"):
        part = by_term[candidate.term_id]
        candidate.term = part.term
        part.candidates.append(candidate)
    for part in parts.values():
        part.candidates.sort(key=lambda one: (not one.is_elected, ORDER[one.title]))
        if part.term.elected_on:
            part.beginning = [_post_of(part.term, one) for one in part.elected]


def _post_of(term: Term, candidate: Candidate) -> Post:
    return Post(
        member=candidate.member or member_of(candidate, term),
        branch=term.branch,
        term=term,
        title=candidate.title,
        concurrent_office=candidate.concurrent_office,
        started_on=term.elected_on,
    )


def member_of(candidate: Candidate, term: Term) -> Member:
    """Return the member that somebody new becomes, not saved."""
    values = {name: getattr(candidate, name) for name in PERSON_FIELDS}
    return Member(branch=term.branch, **values)


def _add_ending(parts: dict[int, TermPlan]) -> None:
    """Let whatever the branches' committees hold on the day end on it."""
    days = {pk: part.term.elected_on for pk, part in parts.items()}
    earliest = min(filter(None, days.values()), default=None)
    if earliest is None:
        return
    lasting = Q(ended_on__isnull=True) | Q(ended_on__gt=earliest)
    posts = Post.objects.filter(lasting, branch__in=list(days)).order_by("pk")
    by_pk = {}
    for post in posts.select_related("member__account", "term"):
        day, part = days[post.branch_id], parts[post.branch_id]
        if day is None:
            continue
        if post.started_on >= day:
            if post.term and post.term.number < part.term.number:
                part.stranded.append(post)
            continue
        if post.ended_on is not None and post.ended_on <= day:
            continue
        post.branch = part.term.branch
        post.ended_on, post.ending = day, Post.Ending.TERM_OVER
        part.ending.append(post)
        by_pk[post.pk] = post
    for part in parts.values():
        part.ending.sort(key=lambda post: ORDER[post.title])
    _add_ending_grants(parts, by_pk)


def _add_ending_grants(parts: dict[int, TermPlan], posts: dict[int, Post]) -> None:
    owned = defaultdict(list)
    came_with = Grant.objects.filter(post_grant__post__in=list(posts)).order_by("pk")
    for grant in came_with.select_related("user", "branch", "post_grant"):
        owned[grant.post_grant.post_id].append(grant)
    for pk, grants in owned.items():
        post = posts[pk]
        changed = [grant for grant in grants if post_grants.fit(grant, post)]
        parts[post.branch_id].ending_grants += changed
