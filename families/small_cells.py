"""Which figures about recognised households may be shown to everybody.

A figure of fewer than five households could point at a family, whether it stands in
the table or is found by subtraction: a street's total less the villages that are shown,
the district's less the streets, one year's figure less another's. What is hidden is
hidden with enough others that no such subtraction gives a small number:

- a cell is small when fewer than five households are recognised, or fewer than five,
  but some, are not;
- in a year, what a total leaves to its hidden parts is never one part alone, and never
  small;
- between two years, the same difference is never 1 to 4, neither of a place nor of what
  its hidden parts share.

The newer year is shown rather than the older one, the larger place rather than the
smaller.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import combinations
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
    whole.hide_what_is_small(times)
    hidden_times = {time for _, time in whole.hidden}
    for time in hidden_times:
        above.hide_all(time)
    # A street whose villages cannot be hidden among themselves is hidden as a whole,
    # which may bring down another street, whose villages then go with it.
    while True:
        above.protect(times)
        for street, group in below.items():
            for time in above.hidden_times_of(street):
                group.hide_all(time)
            group.protect([t for t in times if (street, t) not in above.hidden])
        fallen = {
            (street, time)
            for street, group in below.items()
            for time in group.unprotected
            if (street, time) not in above.hidden
        }
        if not fallen:
            break
        above.hidden |= fallen
    for time in above.unprotected:
        hidden_times.add(time)
    return (
        {cell for group in below.values() for cell in group.shown(times)},
        above.shown(times),
        set(times) - hidden_times,
    )


class Group:
    """The parts of one total, over the times."""

    def __init__(self, cells: dict[Place, dict[Time, Cell]]):
        self.cells = cells
        self.hidden: set[tuple[Place, Time]] = set()
        # Times at which even hiding every part does not protect one of them.
        self.unprotected: set[Time] = set()

    def totals(self, times: list[Time]) -> dict[Time, Cell]:
        return {
            time: sum((cells[time] for cells in self.cells.values()), NOBODY)
            for time in times
        }

    def shown(self, times: list[Time]) -> set[tuple[Place, Time]]:
        everything = {(place, time) for place in self.cells for time in times}
        return everything - self.hidden

    def hidden_times_of(self, place: Place) -> list[Time]:
        return [time for hidden, time in self.hidden if hidden == place]

    def hide_all(self, time: Time) -> None:
        self.hidden |= {(place, time) for place in self.cells}

    def hide_what_is_small(self, times: list[Time]) -> None:
        """Hide small cells, and of two whose difference is small the older one."""
        for place, cells in self.cells.items():
            kept: list[Time] = []
            for time in reversed(times):
                if (place, time) in self.hidden:
                    continue
                changes = (
                    is_small_change(cells[time].count, cells[t].count) for t in kept
                )
                if is_small(cells[time]) or any(changes):
                    self.hidden.add((place, time))
                else:
                    kept.append(time)

    def protect(self, times: list[Time]) -> None:
        """Hide what is small at *times*, at which the total is shown, and enough else
        that the total does not give it away."""
        self.unprotected = set()
        self.hide_what_is_small(times)
        while risky := self._risky_times(times):
            for time in risky:
                if not self._hide_one_more(time):
                    self.unprotected.add(time)
            times = [time for time in times if time not in self.unprotected]

    def _risky_times(self, times: list[Time]) -> set[Time]:
        risky = {time for time in times if self._gives_away(time)}
        # Times come oldest first, and of two years it is the older that gives way.
        return risky or {
            earlier
            for earlier, later in combinations(times, 2)
            if self._difference_gives_away(earlier, later)
        }

    def _gives_away(self, time: Time) -> bool:
        hidden = self._hidden_at(time)
        if not hidden:
            return False
        rest = sum((self.cells[place][time] for place in hidden), NOBODY)
        return len(hidden) == 1 or is_small(rest)

    def _difference_gives_away(self, earlier: Time, later: Time) -> bool:
        hidden = self._hidden_at(earlier) | self._hidden_at(later)
        if not hidden:
            return False
        before, after = (
            sum(self.cells[place][time].count for place in hidden)
            for time in (earlier, later)
        )
        return is_small_change(before, after)

    def _hidden_at(self, time: Time) -> set[Place]:
        return {place for place in self.cells if (place, time) in self.hidden}

    def _hide_one_more(self, time: Time) -> bool:
        left = [place for place in self.cells if (place, time) not in self.hidden]
        if not left:
            return False
        smallest = min(
            left, key=lambda place: (self.cells[place][time].count, str(place))
        )
        self.hidden.add((smallest, time))
        return True


def _filled(cells: dict[Time, Cell], times: list[Time]) -> dict[Time, Cell]:
    return {time: cells.get(time, NOBODY) for time in times}
