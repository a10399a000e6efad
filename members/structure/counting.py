"""The counts of the committees, branch by branch, by SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.db.models import Count, Sum

from federation import batches
from members.models import Post, Term
from members.structure.lines import LINES

Counts = Counter[str]  # line → people; "ages" and "aged" make the average age


def totals_on(branch_ids: Iterable[int], on: date) -> Counts:
    """Return the counts of the committees of *branch_ids* on *on*, added up."""
    return added(counts_on(dict.fromkeys(branch_ids, on)).values())


def counts_on(days: Mapping[int, date]) -> dict[int, Counts]:
    """
    Return ``{branch: its counts on its day}``, for a mapping of branches to days.

    A person with several posts in a branch is one; with posts in two branches she is
    one in each. Two queries for each different day and 500 branches.
    """
    found = {branch_id: Counter() for branch_id in days}
    for day, branch_ids in _by_day(days):
        for row in [*_lines(branch_ids, day), *_ages(branch_ids, day)]:
            found[row.pop("branch")].update(row)
    return found


def committees_on(days: Mapping[int, date]) -> tuple[int, int]:
    """Return how many of the branches have a complete committee, each on its day, and
    of how many the term is overdue."""
    complete = overdue = 0
    for day, branch_ids in _by_day(days):
        terms = Term.objects.filter(branch__in=branch_ids)
        complete += terms.with_complete_committee(day).count()
        overdue += terms.overdue(day).count()
    return complete, overdue


def _by_day(days: Mapping[int, date]) -> Iterator[tuple[date, list[int]]]:
    """Yield each different day with its branches, some hundred at a time."""
    found = defaultdict(list)
    for branch_id, day in days.items():
        found[day].append(branch_id)
    for day, branch_ids in sorted(found.items()):
        for some in batches.of(sorted(branch_ids)):
            yield day, some


def added(counts: Iterable[Counts]) -> Counts:
    whole: Counts = Counter()
    for some in counts:
        whole.update(some)
    return whole


def _lines(branch_ids: list[int], on: date):
    posts = Post.objects.in_post(on).filter(branch__in=branch_ids).order_by()
    return posts.values("branch").annotate(
        **{
            line.code: Count("member", distinct=True, filter=line.condition(on))
            for line in LINES
        }
    )


def _ages(branch_ids: list[int], on: date):
    posts = Post.objects.with_ages(on).filter(branch__in=branch_ids).order_by()
    return posts.values("branch").annotate(ages=Sum("age"), aged=Count("pk"))
