"""Who stands: taken from the old committee, from the register, or newly named."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from federation import batches
from federation.months import local_today
from members.elections.plan import ORDER
from members.elections.starting import hold, refuse_closed
from members.models import Candidate, Election, Member, Post, Term

Source = Candidate.Source


def committees(terms: Iterable[Term]) -> dict[int, list[Post]]:
    """Return ``{branch: posts}`` of the committees that *terms* follow, each person
    once with her highest title, in the order of the titles."""
    terms = list(terms)
    by_branch = {term.branch_id: {} for term in terms}
    days = {term.branch_id: term.planned_on or local_today() for term in terms}
    first = min(days.values(), default=None)
    lasting = Q(ended_on__isnull=True) | Q(ended_on__gte=first)
    posts = Post.objects.filter(lasting, branch__in=list(by_branch))
    posts = posts.select_related("member")
    held = [post for post in posts if _held_before(post, days[post.branch_id])]
    for post in sorted(held, key=lambda post: (ORDER[post.title], post.pk)):
        by_branch[post.branch_id].setdefault(post.member_id, post)
    return {branch: list(people.values()) for branch, people in by_branch.items()}


def _held_before(post: Post, day) -> bool:
    return post.started_on < day and (post.ended_on is None or post.ended_on >= day)


@transaction.atomic
def take_committees(terms: Iterable[Term], members: Iterable[int] | None = None) -> int:
    """Let the old committees of *terms* stand again with their titles, or only
    *members* of them (keys); who stands already is left alone. Return how many came."""
    terms = list(terms)
    wanted = None if members is None else set(members)
    standing = set(
        Candidate.objects.filter(term__in=terms).values_list("term", "member")
    )
    sitting = committees(terms)
    new = [
        Candidate(
            term=term,
            source=Source.COMMITTEE,
            member=post.member,
            title=post.title,
            concurrent_office=post.concurrent_office,
        )
        for term in terms
        for post in sitting[term.branch_id]
        if (wanted is None or post.member_id in wanted)
        and (term.pk, post.member_id) not in standing
    ]
    Candidate.objects.bulk_create(new, batch_size=batches.BATCH)
    return len(new)


@transaction.atomic
def add_members(term: Term, members: Iterable[Member]) -> int:
    """Let *members* of the register stand; return how many did not yet."""
    standing = set(term.candidates.values_list("member", flat=True))
    new = [
        Candidate(term=term, source=Source.REGISTER, member=member)
        for member in members
        if member.pk not in standing
    ]
    Candidate.objects.bulk_create(new)
    return len(new)


def add_person(term: Term, person: Candidate) -> bool:
    """Let somebody new stand, described by the unsaved *person*; False if a person of
    that name and birth month stands already, as when a form is sent twice."""
    twins = term.candidates.filter(
        member=None, name=person.name, birth_month=person.birth_month
    )
    if twins.exists():
        return False
    person.term = term
    person.full_clean()
    person.save()
    return True


@transaction.atomic
def elect_everybody(election: Election, term: Term | None = None) -> int:
    """Mark all candidates as elected in the terms that have no elected one yet;
    return how many. That is the result of most elections with as many candidates as
    seats."""
    refuse_closed(hold(election))
    standing = Candidate.objects.filter(term__election=election)
    if term is not None:
        standing = standing.filter(term=term)
    decided = standing.filter(is_elected=True).values("term")
    return standing.exclude(
        term__in=list(decided.values_list("term", flat=True))
    ).update(is_elected=True)
