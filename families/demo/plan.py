"""Which villages come how far, and in which rounds: drawn once, the same in every step.

The district recognises households twice a year, in May and November. A village joins
when it is ready and then brings a group of households to some of the rounds; two months
after a round the villages with enough of them are recognised.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from random import Random

from federation.demo import Demo, apportion
from federation.models import Branch, BranchStat
from federation.months import Month

# What the review prints.
MODEL_HOUSEHOLDS, MODEL_VILLAGES = 61_800, 329

ROUND_MONTHS = (5, 11)
# Months before the first round: the register, and the way through the round.
LEAD = 5
VILLAGES_AFTER = 2  # months from a round of households to the villages'
FEWEST = 6  # of a village in one round: fewer are not shown to the public
STREET = "370114001"  # of the demo's street account

# Villages recognised once and no more, and those that will be next.
LOST_VILLAGES, REGAINED_VILLAGES, NEAR_VILLAGES = 2, 1, 12
SAFE_SHARE = 54  # per cent: half are asked for, and there is room to lose some


@dataclass(slots=True, eq=False)
class Village:
    """
    One village's part.

    courtyards   its 常住庭院户: as many households has its register
    models       how many of them are recognised today
    rounds       {month of the round: how many it brings there}
    granted      the round after which the village itself was recognised; None: never
    """

    branch: Branch
    courtyards: int
    models: int = 0
    rounds: dict[Month, int] = field(default_factory=dict)
    granted: Month | None = None
    is_lost: bool = False
    is_regained: bool = False
    is_near: bool = False

    @property
    def is_of_street(self) -> bool:
        return self.branch.code.startswith(STREET)


@dataclass(slots=True)
class Plan:
    """All villages with courtyards, by street in tree order, and the rounds."""

    villages: list[Village]
    rounds: list[Month]

    @property
    def streets(self) -> dict[int, list[Village]]:
        found = defaultdict(list)
        for village in self.villages:
            found[village.branch.parent_id].append(village)
        return found


def rounds_of(demo: Demo) -> list[Month]:
    """Return the months of the rounds that are over."""
    months = Month.range(demo.first_month.plus(LEAD), demo.this_month.previous())
    return [month for month in months if month.number in ROUND_MONTHS]


def draw(demo: Demo) -> Plan:
    random = demo.random("model villages")
    newest = BranchStat.objects.newest(BranchStat.Figure.COURTYARDS, demo.today)
    stats = newest.select_related("branch").order_by("branch__path")
    villages = [Village(stat.branch, stat.value) for stat in stats]
    plan = Plan(villages, rounds_of(demo))
    _choose(plan, random)
    _set_models(plan, random)
    for village in villages:
        village.rounds = _rounds(plan, village, random)
    return plan


def _choose(plan: Plan, random: Random) -> None:
    """Draw which villages are recognised, and after which round."""
    count = MODEL_VILLAGES + LOST_VILLAGES + NEAR_VILLAGES
    chosen = random.sample(plan.villages, count)
    # The street's account finds one of each kind.
    chosen.sort(key=lambda village: not village.is_of_street)
    of_street = [village for village in chosen if village.is_of_street]
    near = [of_street[0], *random.sample(chosen[len(of_street) :], NEAR_VILLAGES - 1)]
    for village in near:
        village.is_near = True
    rest = [village for village in chosen if not village.is_near]
    # Not after the first two: a village needs more than one round for half of its
    # households.
    for number, village in enumerate(random.sample(rest, len(rest))):
        village.granted = plan.rounds[2 + number % (len(plan.rounds) - 3)]
    early = [village for village in rest if village.granted == plan.rounds[2]]
    for village in early[: LOST_VILLAGES + REGAINED_VILLAGES]:
        village.is_lost = True
    for village in early[:REGAINED_VILLAGES]:
        village.is_regained = True


def _set_models(plan: Plan, random: Random) -> None:
    """Share the recognised households out: more than half of a village's where it is
    recognised or will soon be, fewer elsewhere."""
    left, others = MODEL_HOUSEHOLDS, []
    for village in plan.villages:
        if village.granted or village.is_near:
            share = _share(village, random)
            village.models = int(village.courtyards * share) // 100
            left -= village.models
        else:
            others.append(village)
    weights = [village.courtyards * random.uniform(0.7, 1.2) for village in others]
    for village, models in zip(
        others, apportion(left, weights, least=FEWEST), strict=True
    ):
        village.models = models


def _share(village: Village, random: Random) -> float:
    if village.is_near:
        return random.uniform(55, 60)
    # Of the small ones some households must be left for the other tales.
    return random.triangular(56, 80 if village.courtyards >= 200 else 66, 62)


def _rounds(plan: Plan, village: Village, random: Random) -> dict[Month, int]:
    """Share the village's households over some of the rounds, enough of them by the
    one after which it was recognised."""
    if village.granted is None:
        return _spread(village.models, plan.rounds, random)
    place = plan.rounds.index(village.granted) + 1
    needed = -(-village.courtyards * SAFE_SHARE // 100)
    later = plan.rounds[place:]
    after = min(village.models - needed, village.models // 4) if later else 0
    if after < FEWEST:
        after = 0
    before = _spread(village.models - after, plan.rounds[:place], random)
    return before | (_spread(after, later, random) if after else {})


def _spread(count: int, rounds: list[Month], random: Random) -> dict[Month, int]:
    most = max(1, min(len(rounds), count // (2 * FEWEST), 4))
    chosen = sorted(random.sample(rounds, random.randint(min(2, most), most)))
    weights = [random.uniform(0.6, 1.4) for _ in chosen]
    parts = apportion(count, weights, least=min(FEWEST, count // len(chosen)))
    return dict(zip(chosen, parts, strict=True))


def day_of(month: Month, day: int) -> date:
    return month.first_day.replace(day=day)
