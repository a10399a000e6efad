"""The tree of one month for all months (现口径): each branch's figures count where the
branch stands in that month, or whoever took over from it.

A transferred branch takes its history along; a merged one's counts with its successor;
a split one's with itself if it goes on, else with the first place above all its parts;
one that closed without a successor with the place above it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from federation.models import Placement, Succession
from federation.months import Month
from federation.paths import lineage_of
from rollups.tables.question import CHILDREN, Question
from rollups.tables.spans import Span

Act = Succession.Act


class Standing(NamedTuple):
    """A placement, with where its branch stands today."""

    branch_id: int
    parent_id: int | None
    path: str
    level: str
    from_month: date
    until_month: date
    path_today: str


def read_now(question: Question) -> list[Span]:
    """Return the spans of *question*'s period by the tree of its basis. None if the
    branch asked for does not stand in it."""
    standings = _standings(question)
    heirs = Heirs(standings, question)
    listed = _listed_below(question, heirs.tree)
    first, end = question.first.first_day, question.last.next_first_day
    return [
        Span(
            branch_id=standing.branch_id,
            home_id=home,
            listed_id=listed[home],
            from_month=max(standing.from_month, first),
            until_month=min(standing.until_month, end),
        )
        for standing in standings
        if standing.from_month < end
        and standing.until_month > first
        and (home := heirs.home(standing.branch_id)) in listed
    ]


def _standings(question: Question) -> list[Standing]:
    """Return every placement from the period's first month to the basis, the earlier
    ones first."""
    placements = Placement.objects.filter(
        from_month__lt=question.basis.next_first_day,
        until_month__gt=question.first.first_day,
    )
    rows = placements.order_by("from_month", "path").values_list(
        "branch_id",
        "parent_id",
        "path",
        "level",
        "from_month",
        "until_month",
        "branch__path",
    )
    return [Standing(*row) for row in rows]


def _listed_below(question: Question, tree: dict[int, Standing]) -> dict:
    """Return ``{branch: the listed branch it counts in, or None}`` of the branch asked
    for and all below it."""
    top = tree.get(question.branch.pk)
    if top is None:
        return {}
    found = {}
    below = (s for s in tree.values() if s.path.startswith(top.path))
    for standing in sorted(below, key=lambda one: one.path):
        above = found.get(standing.parent_id)
        is_listed = above is None and _is_listed(question, standing, top)
        found[standing.branch_id] = standing.branch_id if is_listed else above
    return found


def _is_listed(question: Question, standing: Standing, top: Standing) -> bool:
    if question.level == CHILDREN:
        return standing.parent_id == top.branch_id and _in_sight(question, standing)
    is_seen = standing == top or _in_sight(question, standing)
    return standing.level == question.level and is_seen


def _in_sight(question: Question, standing: Standing) -> bool:
    return standing.path_today.startswith(question.paths)


class Heirs:
    """Where the history of each branch belongs in the tree of the basis."""

    def __init__(self, standings: list[Standing], question: Question):
        day = question.basis.first_day
        self.tree = {
            standing.branch_id: standing
            for standing in standings
            if standing.from_month <= day < standing.until_month
        }
        self._by_path = {one.path: one.branch_id for one in self.tree.values()}
        self._last = {standing.branch_id: standing for standing in standings}
        self._homes: dict[int, int | None] = {}
        gone = self._last.keys() - self.tree.keys()
        self._successors = _successors_of(gone, question.basis) if gone else {}

    def home(self, branch_id: int | None) -> int | None:
        """Return the branch of the tree that keeps the figures of *branch_id*; None
        if there is none."""
        if branch_id in self.tree:
            return branch_id
        if branch_id not in self._homes:
            self._homes[branch_id] = None  # asked again on the way, it is a circle
            self._homes[branch_id] = self._home_of_one_gone(branch_id)
        return self._homes[branch_id]

    def _home_of_one_gone(self, branch_id: int | None) -> int | None:
        last = self._last.get(branch_id)
        if last is None:
            return None
        took_over = self._successors.get((branch_id, last.until_month))
        homes = {self.home(one) for one in took_over or [last.parent_id]} - {None}
        return self._first_above(homes)

    def _first_above(self, homes: set[int]) -> int | None:
        """Return the lowest branch that is, or stands above, all of *homes*."""
        if not homes:
            return None
        lineages = [lineage_of(self.tree[home].path) for home in homes]
        shared = set(lineages[0]).intersection(*lineages)
        return self._by_path[max(shared, key=len)] if shared else None


def _successors_of(gone, basis: Month) -> dict[tuple[int, date], list[int]]:
    """Return ``{(branch, first month without it): successors}`` of the mergers and
    splits until *basis*."""
    acts = Succession.objects.filter(
        act__in=[Act.MERGE, Act.SPLIT], effective_on__lt=basis.next_first_day
    ).order_by()
    rows = acts.values_list("branch_id", "effective_on", "successors")
    found = defaultdict(list)
    for branch_id, effective_on, successor in rows:
        if branch_id in gone and successor is not None:
            found[branch_id, effective_on.replace(day=1)].append(successor)
    return found
