"""Share activities out: over the months with their seasons, over the branches with
their habits."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from random import Random

from activities.demo.drawing import group_of
from federation.demo import MONTHS, Demo, apportion
from federation.models import Branch
from federation.months import Month

# The year of a women's federation: March above all, the time of 春节 below all.
SEASONS = (0.9, 0.65, 1.6, 1.0, 1.15, 1.2, 0.95, 0.85, 1.0, 1.1, 1.0, 0.95)
GROWTH = 0.5  # the last month has half as many again as the first
HABITS = {"v": 1.0, "c": 1.6, "t": 6.0, "d": 9.0, "u": 1.3}
# The branch of the demo's village account has enough to look at.
BUSY_BRANCH, BUSY = "370114001001", 5.0


def season_of(demo: Demo, month: Month) -> float:
    """Return the weight of *month*; of the running one, up to yesterday."""
    age = month.ordinal - demo.first_month.ordinal
    weight = SEASONS[month.number - 1] * (1 + GROWTH * age / MONTHS)
    if month == demo.this_month:
        weight *= (demo.today.day - 1) / month.last_day.day
    return weight


def month_shares(demo: Demo, total: int, suits=lambda month: True) -> dict[Month, int]:
    """Return {month: how many} of *total* activities held in those of the sixty months
    that *suits* accepts."""
    months = Month.range(demo.first_month, demo.this_month)
    months = [month for month in months if suits(month)]
    shares = apportion(total, [season_of(demo, month) for month in months])
    return dict(zip(months, shares, strict=True))


class Places:
    """Draws branches, the active ones more often, those not founded yet never."""

    def __init__(self, random: Random):
        self.random = random
        self.branches = list(Branch.objects.order_by("path"))
        self.by_code = {branch.code: branch for branch in self.branches}
        self.children = defaultdict(list)
        by_group = defaultdict(list)
        for branch in self.branches:
            self.children[branch.parent_id].append(branch)
            habit = HABITS[group_of(branch)] * random.lognormvariate(0, 0.5)
            if branch.code == BUSY_BRANCH:
                habit = BUSY
            by_group[group_of(branch)].append((branch, habit))
        everywhere = [pair for pairs in by_group.values() for pair in pairs]
        self._all = _cumulated(everywhere)
        self._groups = {g: _cumulated(pairs) for g, pairs in by_group.items()}

    def anywhere(self, month: Month) -> Branch:
        return self._existing(lambda: self._all, month)

    def of_groups(self, groups: dict[str, int], month: Month) -> Branch:
        """Draw a branch of one of *groups* (group to weight)."""
        names, weights = list(groups), list(groups.values())
        return self._existing(
            lambda: self._groups[self.random.choices(names, weights)[0]], month
        )

    def neighbour(self, branch: Branch) -> Branch | None:
        """Draw another branch with the same parent that is as old as the tree."""
        others = [b for b in self.children[branch.parent_id] if b.founded_on is None]
        others = [other for other in others if other.pk != branch.pk]
        return self.random.choice(others) if others else None

    def _existing(self, pool, month: Month) -> Branch:
        while True:
            branches, weights = pool()
            branch = self.random.choices(branches, cum_weights=weights)[0]
            if branch.founded_on is None or branch.founded_on < month.first_day:
                return branch


def _cumulated(pairs: list[tuple[Branch, float]]):
    branches = [branch for branch, _ in pairs]
    return branches, list(accumulate(weight for _, weight in pairs))
