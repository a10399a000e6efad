"""Which figures about recognised households may be shown to everybody.

A figure of fewer than five households could point at a family, whether it stands in
the table or is found by subtraction: a street's total less the villages that are shown,
the district's less the streets, one publication less another. What is hidden is hidden
with enough others that no such subtraction gives a small number:

- a cell is small when fewer than five households are recognised, or fewer than five,
  but some, are not;
- at a time, what a total leaves to its hidden parts is never one part alone, and never
  small;
- between two times, the same difference is never 1 to 4, neither of a place nor of what
  its hidden parts share.

What was published once is known for good, whoever kept the page: each time is decided
by those before it, and it is the newer one that gives way. At one time the larger place
is shown rather than the smaller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import NamedTuple

LEAST = 5

Place = Hashable
Time = Hashable


class Cell(NamedTuple):
    """So many recognised *count* of so many *base* households; no base, no rate."""

    count: int
    base: int | None = None

    def __add__(self, other: Cell) -> Cell:
        bases = None
        if self.base is not None and other.base is not None:
            bases = self.base + other.base
        return Cell(self.count + other.count, bases)


NOBODY = Cell(0, 0)


def is_small(cell: Cell) -> bool:
    """Tell whether *cell* is about so few that a family could be meant."""
    if cell.count < LEAST:
        return True
    return cell.base is not None and 0 < cell.base - cell.count < LEAST


def is_small_change(before: int, after: int) -> bool:
    return 0 < abs(after - before) < LEAST


def shown(
    streets: dict[Place, dict[Place, dict[Time, Cell]]], times: Iterable[Time]
) -> tuple[set[tuple[Place, Time]], set[tuple[Place, Time]], set[Time]]:
    """
    Return what may be shown of *streets*, ``{street: {village: {time: cell}}}``: the
    (village, time), the (street, time), and the times whose whole may be.

    *times* are those published, oldest first. A village without a cell at a time did
    not exist then, and counts as nobody.
    """
    times = list(times)
    below = {
        street: Group({v: _filled(cells, times) for v, cells in villages.items()})
        for street, villages in streets.items()
    }
    above = Group({street: group.totals(times) for street, group in below.items()})
    whole = Group({None: above.totals(times)})
    for number, time in enumerate(times):
        _decide(below, above, whole, time, times[:number])
    return (
        {cell for group in below.values() for cell in group.shown(times)},
        above.shown(times),
        {time for _, time in whole.shown(times)},
    )


def _decide(below: dict[Place, Group], above: Group, whole: Group, time, earlier):
    """Hide at *time* what would tell too much to whoever knows what was shown
    *earlier*."""
    whole.hide_what_is_small(time, earlier)
    if whole.hidden[time]:
        above.hide_all(time)
    # A street whose villages cannot be hidden among themselves is hidden as a whole,
    # which may bring down another street, whose villages then go with it.
    while True:
        above.protect(time, whole.times_shown(None, earlier))
        fallen = set()
        for street, group in below.items():
            if street in above.hidden[time]:
                group.hide_all(time)
            elif not group.protect(time, above.times_shown(street, earlier)):
                fallen.add(street)
        if not fallen:
            break
        above.hidden[time] |= fallen
    if not above.is_protected(time, whole.times_shown(None, earlier)):
        whole.hide_all(time)


class Group:
    """The parts of one total, over the times."""

    def __init__(self, cells: dict[Place, dict[Time, Cell]]):
        self.cells = cells
        self.hidden: dict[Time, set[Place]] = defaultdict(set)

    def totals(self, times: list[Time]) -> dict[Time, Cell]:
        return {
            time: sum((cells[time] for cells in self.cells.values()), NOBODY)
            for time in times
        }

    def shown(self, times: list[Time]) -> set[tuple[Place, Time]]:
        return {
            (place, time)
            for time in times
            for place in self.cells.keys() - self.hidden[time]
        }

    def times_shown(self, place: Place, times: list[Time]) -> list[Time]:
        return [time for time in times if place not in self.hidden[time]]

    def hide_all(self, time: Time) -> None:
        self.hidden[time] |= self.cells.keys()

    def hide_what_is_small(self, time: Time, earlier: list[Time]) -> None:
        """Hide the cells that are small at *time*, or too near to what was shown of
        the same place *earlier*."""
        for place, cells in self.cells.items():
            changes = (
                is_small_change(cells[before].count, cells[time].count)
                for before in self.times_shown(place, earlier)
            )
            if is_small(cells[time]) or any(changes):
                self.hidden[time].add(place)

    def protect(self, time: Time, earlier: list[Time]) -> bool:
        """Hide what is small at *time*, at which the total is shown, as it was
        *earlier*, and enough else that the totals do not give it away; tell whether
        that was possible."""
        self.hide_what_is_small(time, earlier)
        while not self.is_protected(time, earlier):
            if not self._hide_one_more(time):
                return False
        return True

    def is_protected(self, time: Time, earlier: list[Time]) -> bool:
        return not self._gives_away(time) and not any(
            self._difference_gives_away(before, time) for before in earlier
        )

    def _gives_away(self, time: Time) -> bool:
        hidden = self.hidden[time]
        if not hidden:
            return False
        rest = sum((self.cells[place][time] for place in hidden), NOBODY)
        return len(hidden) == 1 or is_small(rest)

    def _difference_gives_away(self, earlier: Time, later: Time) -> bool:
        hidden = self.hidden[earlier] | self.hidden[later]
        if not hidden:
            return False
        before, after = (
            sum(self.cells[place][time].count for place in hidden)
            for time in (earlier, later)
        )
        return is_small_change(before, after)

    def _hide_one_more(self, time: Time) -> bool:
        left = self.cells.keys() - self.hidden[time]
        if not left:
            return False
        smallest = min(
            left, key=lambda place: (self.cells[place][time].count, str(place))
        )
        self.hidden[time].add(smallest)
        return True


def _filled(cells: dict[Time, Cell], times: list[Time]) -> dict[Time, Cell]:
    return {time: cells.get(time, NOBODY) for time in times}
