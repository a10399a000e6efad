"""How far 出彩人家 has come, street by street and village by village: what everybody
may see. What staff see of their own part is in ``families.today``.

The figures are those of the rollups, at the end of a few closed months only: whoever
looks every day must not see one family come and go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse

from families import small_cells
from families.small_cells import NOBODY, Cell
from federation.models import Branch, Placement, ReportingMonth
from federation.months import Month
from rollups.indicators import courtyards_counted_on
from rollups.models import Rollup
from rollups.tables.figures import ratio

RECOGNISED = "families.recognised_households"
COURTYARDS = "branches.courtyards"
VILLAGES = "families.recognised_villages"
SHOWN_YEARS = 6
HALF, END = 6, 12  # the months at whose end the figures are published
CLASSES = (20, 40, 60, 80)  # per cent: the borders between the tiles' five colours


@dataclass(slots=True)
class Line:
    """A place with its figure; *cell* is None where it is not shown."""

    name: str
    code: str
    cell: Cell | None = None
    takes_part: bool = True  # it has courtyards, so households that can be recognised
    model: bool = False  # a recognised village
    models: int = 0  # recognised villages below
    villages: list[Line] = field(default_factory=list)

    @property
    def rate(self) -> Decimal | None:
        """Return recognised of a hundred households; None where there is no base, or
        where it is not shown."""
        if self.cell is None or self.cell.base is None:
            return None
        return ratio(Decimal(self.cell.count), Decimal(self.cell.base), 100)

    @property
    def address(self) -> str:
        """Return where the tile leads."""
        return reverse("federation:branch", args=[self.code])

    @property
    def tile(self) -> str:
        """Return the class of the tile: ``rate-0`` … ``rate-4``, ``rate-none``
        for what is not shown, ``rate-out`` for who takes no part."""
        if not self.takes_part:
            return "rate-out"
        if self.rate is None:
            return "rate-none"
        return f"rate-{sum(self.rate >= border for border in CLASSES)}"


@dataclass(slots=True)
class Coverage:
    """The newest published month, and the whole's history up to it."""

    month: Month
    whole: Line
    streets: list[Line]
    history: list[tuple[Month, Line]]
    counted_on: tuple  # (oldest, newest) day on which the courtyards were counted
    hides: bool


def published_months() -> list[Month]:
    """Return the months whose end was or is published, oldest first: June and December,
    as soon as they are closed."""
    days = list(half_years().values_list("month", flat=True))
    counted = Rollup.objects.filter(indicator=RECOGNISED, month__in=days)
    counted = counted.order_by().values_list("month", flat=True).distinct()
    return sorted(Month.of(day) for day in counted)


def half_years():
    """Return the closed months at whose end figures are published."""
    return ReportingMonth.objects.closed().filter(month__month__in=(HALF, END))


def years_of(months: list[Month]) -> list[Month]:
    """Return those of the published *months* that the chart shows: of each year the
    last one, and of the running year June."""
    ends = [month for month in months if month.number == END or month == months[-1]]
    return ends[-SHOWN_YEARS:]


def coverage() -> Coverage | None:
    """Return the coverage at the end of the newest published month; None before the
    first."""
    months = published_months()
    if not months:
        return None
    newest = months[-1]
    tree = _Tree(newest, months)
    # By all that was ever published: whoever kept last June's page still knows it.
    villages, towns, wholes = small_cells.shown(tree.cells, months)
    models = _model_villages(newest)
    streets = [
        Line(
            name=tree.places[street].name,
            code=tree.places[street].branch.code,
            cell=_seen(_total(below, newest), (street, newest) in towns),
            villages=[
                Line(
                    name=tree.places[village].name,
                    code=tree.places[village].branch.code,
                    cell=_seen(at.get(newest, NOBODY), (village, newest) in villages),
                    takes_part=village in below,
                    model=village in models,
                )
                for village, at in tree.below[street].items()
            ],
        )
        for street, below in tree.cells.items()
    ]
    for line in streets:
        line.models = sum(village.model for village in line.villages)
        line.takes_part = any(village.takes_part for village in line.villages)
    history = [
        (month, _whole(tree, month, month in wholes)) for month in years_of(months)
    ]
    whole = history[-1][1]
    whole.models = len(models)
    lines = (line for street in streets for line in (street, *street.villages))
    return Coverage(
        month=newest,
        whole=whole,
        streets=streets,
        history=history,
        counted_on=courtyards_counted_on(newest, tree.root),
        hides=any(line.takes_part and line.cell is None for line in lines),
    )


def _seen(cell: Cell, is_shown: bool) -> Cell | None:
    return cell if is_shown else None


def _total(below: dict, month: Month) -> Cell:
    return sum((at.get(month, NOBODY) for at in below.values()), NOBODY)


def _whole(tree: _Tree, month: Month, is_shown: bool) -> Line:
    total = sum((_total(below, month) for below in tree.cells.values()), NOBODY)
    return Line(tree.root.name, tree.root.code, _seen(total, is_shown))


class _Tree:
    """Today's places of the villages, with their own figures of every month: history
    goes with the village, so that the parts add up to the same whole."""

    def __init__(self, newest: Month, months: list[Month]):
        self.root = Branch.objects.root()
        rows = Rollup.objects.filter(
            month__in=[month.first_day for month in months],
            indicator__in=(RECOGNISED, COURTYARDS),
        ).exclude(own=0)
        figures: dict[int, dict[Month, dict[str, int]]] = {}
        grouped = rows.order_by().values_list("branch_id", "month", "indicator")
        for branch_id, day, code, own in grouped.annotate(sum=Sum("own")):
            at = figures.setdefault(branch_id, {}).setdefault(Month.of(day), {})
            at[code] = int(own)
        standing = Placement.objects.filter(from_month__lte=newest.first_day)
        standing = standing.select_related("branch").order_by("from_month")
        latest = {place.branch_id: place for place in standing}
        self.places = dict(sorted(latest.items(), key=lambda item: item[1].path))
        # {street: {village: {month: cell}}}; in cells, those that take part.
        self.below: dict[int, dict[int, dict[Month, Cell]]] = {}
        self.cells: dict[int, dict[int, dict[Month, Cell]]] = {}
        for pk, place in self.places.items():
            if place.level == Branch.Level.TOWN:
                self.below.setdefault(pk, {})
                self.cells.setdefault(pk, {})
            elif place.level == Branch.Level.VILLAGE and place.parent_id in self.below:
                self._add(pk, place, figures.get(pk, {}), newest)

    def _add(self, pk: int, place: Placement, figures: dict, newest: Month) -> None:
        if not figures and place.until_month <= newest.first_day:
            return  # gone, and nothing to remember
        at = {
            month: Cell(found.get(RECOGNISED, 0), found.get(COURTYARDS))
            for month, found in figures.items()
        }
        self.below[place.parent_id][pk] = at
        if at:
            self.cells[place.parent_id][pk] = at


def _model_villages(month: Month) -> set[int]:
    rows = Rollup.objects.filter(indicator=VILLAGES, month=month.first_day, own__gt=0)
    return set(rows.order_by().values_list("branch_id", flat=True))
