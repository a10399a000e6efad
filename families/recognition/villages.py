"""Which villages reach the standard: the share of their recognised households, and
their own inspection. The site proposes; a person decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count

from families.models import Inspection, Recognition, Standard
from families.models.choices import Grade, Outcome, Subject
from federation import batches
from federation.models import Branch, BranchStat


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How far a village is on a day.

    recognised              households recognised on the day
    courtyards, counted_on  the newest 常住庭院户数 by the day, and its date; None if
                            there is none
    points, grade, outcome, inspected_on   its newest inspection from above; None if
                            there is none
    least_share             what the standard in force asks for, per cent; None: nothing
    """

    recognised: int
    courtyards: int | None
    counted_on: date | None
    points: int | None
    grade: str | None
    outcome: str | None
    inspected_on: date | None
    least_share: int | None

    @property
    def share(self) -> Decimal | None:
        """Recognised households for 100 courtyards, to one decimal, rounded down."""
        if not self.courtyards:
            return None
        return Decimal(self.recognised * 1000 // self.courtyards) / 10

    @property
    def problem(self) -> str | None:
        """What is missing, without its full stop; None if it reaches the standard."""
        if self.least_share is not None:
            if not self.courtyards:
                return "还没有登记常住庭院户数，算不出示范户占比"
            if self.recognised * 100 < self.least_share * self.courtyards:
                return f"示范户占比不到 {self.least_share}%"
        if self.inspected_on is None:
            return "还没有镇街或区里的村级评比"
        if self.grade != Grade.MODEL or self.outcome != Outcome.MET:
            return "最近一次村级评比没有达到示范线"
        return None


def standings(branch_ids: Iterable[int], on: date) -> dict[int, Standing]:
    """Return {village: how far it is on *on*}, by three queries for 500 villages."""
    wanted = sorted(set(branch_ids))
    if not wanted:
        return {}
    standard = Standard.objects.in_force(Subject.VILLAGE, on)
    least = standard.least_share if standard else None
    found = {}
    for chosen in batches.of(wanted):
        recognised = _recognised(chosen, on)
        courtyards = _courtyards(chosen, on)
        seen = _inspected(chosen, on)
        for key in chosen:
            found[key] = Standing(
                recognised.get(key, 0),
                *courtyards.get(key, (None, None)),
                *seen.get(key, (None, None, None, None)),
                least,
            )
    return found


def proposals(user, on: date) -> list[tuple[Branch, Standing]]:
    """Return the villages *user* may see that reach the standard on *on* and are
    neither recognised nor on the way, in tree order."""
    running = Recognition.objects.of_villages().running()
    villages = (
        Branch.objects.visible_to(user, "families.view_recognition")
        .existing_on(on)
        .filter(level=Branch.Level.VILLAGE)
        .exclude(pk__in=running.order_by().values("branch"))
        .order_by("path")
    )
    villages = list(villages)
    found = standings([village.pk for village in villages], on)
    return [
        (village, found[village.pk])
        for village in villages
        if found[village.pk].problem is None
    ]


def _recognised(chosen, on) -> dict[int, int]:
    rows = Recognition.objects.of_households().in_force(on).filter(branch__in=chosen)
    counted = rows.order_by().values("branch").annotate(households=Count("pk"))
    return dict(counted.values_list("branch", "households"))


def _courtyards(chosen, on) -> dict[int, tuple[int, date]]:
    newest = BranchStat.objects.newest(BranchStat.Figure.COURTYARDS, on)
    rows = newest.filter(branch__in=chosen).order_by()
    return {key: tuple(v) for key, *v in rows.values_list("branch", "value", "as_of")}


def _inspected(chosen, on) -> dict[int, tuple]:
    rows = Inspection.objects.deciding_on_villages()
    rows = rows.filter(branch__in=chosen, inspected_on__lte=on)
    columns = ("branch", "points", "grade", "outcome", "inspected_on")
    found = {}
    for key, *values in rows.order_by("inspected_on", "pk").values_list(*columns):
        found[key] = tuple(values)  # the last one stays
    return found
