"""How far 出彩人家 is today in somebody's own part of the tree: for staff, nothing left
out, and behind each number the list of the admin that gives it.

Each number is counted by the very question that its list asks. The published figures
are others: those of the end of a closed half-year (``families.coverage``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.http import urlencode

from families.coverage import (
    COURTYARDS,
    RECOGNISED,
    Line,
    half_years,
    years_of,
)
from families.models import Household, Inspection, Recognition
from families.small_cells import NOBODY, Cell
from federation.models import Branch, BranchStat
from federation.models.branches import Level
from federation.months import Month
from federation.scope import granted_paths, holds
from rollups.models import Rollup

VIEW = "families.view_household"
VIEW_ROLLUPS = "rollups.view_rollup"
# No courtyards and nobody recognised: it would take the base from the whole street.
NOT_COUNTED = Cell(0, None)


@dataclass(slots=True)
class Place(Line):
    """
    A place with its numbers of today.

    cell        recognised households of 常住庭院户
    registered  households on the register
    visits      looks at households this year
    branch      key by which its lists are narrowed; None: to all that she sees
    is_hers     whether she may list it: not the street of a village's clerk
    """

    registered: int = 0
    visits: int = 0
    branch: int | None = None
    is_hers: bool = True
    year: int = 0

    @property
    def address(self) -> str:
        return self._list("household")

    @property
    def recognised_list(self) -> str:
        return self._list("household", standing="recognised")

    @property
    def models_list(self) -> str:
        return self._list("recognition", subject__exact="village", in_force="today")

    @property
    def visits_list(self) -> str:
        return self._list("inspection", of="household", inspected_on__year=self.year)

    def _list(self, model: str, **asked) -> str:
        if self.branch:
            asked["branch__id__exact"] = self.branch
        return f"{reverse(f'admin:families_{model}_changelist')}?{urlencode(asked)}"


@dataclass(slots=True)
class Past:
    """The end of a closed half-year. *records*: the page of what stands behind it."""

    month: Month
    line: Line
    records: str


@dataclass(slots=True)
class Today:
    """
    tops        where her parts of the tree begin
    whole       all of them together
    streets     the villages by street; none for whoever sees one village only
    counted_on  (oldest, newest) day on which the courtyards were counted
    past        the closed half-years of her only part, newest last
    """

    day: date
    tops: list[Branch]
    whole: Place
    streets: list[Place] = field(default_factory=list)
    counted_on: tuple = (None, None)
    past: list[Past] = field(default_factory=list)


def today_of(user, day: date) -> Today:
    """Return what *user* may see on *day*, by eight queries for any number of
    villages."""
    paths = granted_paths(user, VIEW)
    is_shown = Q(level__in=(Level.TOWN, Level.VILLAGE)) | Q(path__in=paths)
    is_shown |= Q(parent__isnull=True)  # where a superuser's tree begins
    branches = Branch.objects.within_paths(paths).filter(is_shown)
    branches = list(branches.select_related("parent").order_by("path"))
    tops = [b for b in branches if b.path in paths or "" in paths and not b.parent_id]
    counts = _Counts(user, paths, day)
    villages = [
        counts.place(branch)
        for branch in branches
        if branch.level == Level.VILLAGE
        and (branch.exists_on(day) or counts.knows(branch.pk))
    ]
    seen = {branch.pk for branch in branches}
    parents = {branch.pk: branch.parent for branch in branches}
    streets = [
        counts.street(parents[below[0].branch], below, seen)
        for below in _by_street(villages, parents)
    ]
    is_one_village = len(tops) == 1 and tops[0].level == Level.VILLAGE
    return Today(
        day=day,
        tops=tops,
        whole=counts.whole(),
        streets=[] if is_one_village else streets,
        counted_on=counts.counted_on,
        past=_past(user, tops[0]) if len(tops) == 1 else [],
    )


def _by_street(villages: list[Place], parents: dict) -> Iterable[list[Place]]:
    for _, below in groupby(villages, key=lambda one: parents[one.branch].pk):
        yield list(below)


class _Counts:
    """The numbers of every village, {branch: number} each."""

    def __init__(self, user, paths: list[str], day: date):
        self.year = day.year
        households = Household.objects.visible_to(user).on_register()
        villages = Recognition.objects.visible_to(user).of_villages().in_force(day)
        visits = Inspection.objects.visible_to(user).of_households()
        end = date(day.year + 1, 1, 1)
        self.registered = _by_branch(households)
        self.recognised = _by_branch(households.recognised())
        self.models = _by_branch(villages)
        self.visits = _by_branch(visits.made_within(date(day.year, 1, 1), end))
        stats = BranchStat.objects.newest(BranchStat.Figure.COURTYARDS, day)
        rows = list(
            stats.within_paths(paths).order_by().values_list("branch", "value", "as_of")
        )
        self.courtyards = {branch: value for branch, value, _ in rows}
        days = [as_of for _, _, as_of in rows]
        self.counted_on = min(days, default=None), max(days, default=None)

    def knows(self, key: int) -> bool:
        """Tell whether a closed village is still behind some number."""
        counted = (self.registered, self.models, self.visits)
        return any(key in numbers for numbers in counted)

    def place(self, village: Branch) -> Place:
        key = village.pk
        cell = Cell(self.recognised.get(key, 0), self.courtyards.get(key))
        registered = self.registered.get(key, 0)
        return Place(
            name=village.short_name,
            code=village.code,
            cell=cell,
            takes_part=bool(cell.base or registered),
            model=key in self.models,
            models=self.models.get(key, 0),
            registered=registered,
            visits=self.visits.get(key, 0),
            branch=key,
            year=self.year,
        )

    def street(self, street: Branch, below: list[Place], seen: set[int]) -> Place:
        cells = [village.cell for village in below if village.cell != NOT_COUNTED]
        return Place(
            name=street.short_name,
            code=street.code,
            cell=sum(cells, NOBODY),
            takes_part=any(village.takes_part for village in below),
            models=sum(village.models for village in below),
            villages=below,
            registered=sum(village.registered for village in below),
            visits=sum(village.visits for village in below),
            branch=street.pk,
            is_hers=street.pk in seen,
            year=self.year,
        )

    def whole(self) -> Place:
        """Return all there is, as the lists without a place show it."""
        keys = self.recognised.keys() | self.courtyards.keys()
        cells = [Cell(self.recognised.get(k, 0), self.courtyards.get(k)) for k in keys]
        return Place(
            name="合计",
            code="",
            cell=sum(cells, NOBODY),
            models=sum(self.models.values()),
            registered=sum(self.registered.values()),
            visits=sum(self.visits.values()),
            year=self.year,
        )


def _by_branch(rows) -> dict[int, int]:
    counted = rows.order_by().values("branch").annotate(rows=Count("pk"))
    return dict(counted.values_list("branch", "rows"))


def _past(user, top: Branch) -> list[Past]:
    """Return the closed half-years of *top*, each in the tree of its own month."""
    figures: dict[Month, dict[str, int]] = {}
    # A month closed before anybody was recognised is no zero.
    counted = Rollup.objects.filter(
        indicator=RECOGNISED, month__in=half_years().values("month")
    )
    rows = Rollup.objects.filter(
        branch=top,
        indicator__in=(RECOGNISED, COURTYARDS),
        month__in=counted.order_by().values("month"),
    )
    counted = (
        rows.order_by().values_list("month", "indicator").annotate(sum=Sum("total"))
    )
    for day, code, total in counted:
        figures.setdefault(Month.of(day), {})[code] = int(total)
    may_see = holds(user, VIEW_ROLLUPS, top.path)
    found = []
    for month in years_of(sorted(figures)):
        at = figures[month]
        cell = Cell(at.get(RECOGNISED, 0), at.get(COURTYARDS))
        records = _records_of(top, month) if may_see else ""
        found.append(Past(month, Line(top.short_name, top.code, cell), records))
    return found


def _records_of(top: Branch, month: Month) -> str:
    asked = {"branch": top.code, "from": month, "to": month, "indicator": RECOGNISED}
    return f"{reverse('rollups:records')}?{urlencode(asked)}"
