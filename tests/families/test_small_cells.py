"""Somebody with a pencil tries to find out about a few families from what is shown."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from families.small_cells import LEAST, Cell, is_small, is_small_change, shown

YEARS = (2023, 2024, 2025)


def street(**villages):
    return {
        name: dict(zip(YEARS, (Cell(*pair) for pair in cells), strict=False))
        for name, cells in villages.items()
    }


def steady(count, base):
    return [(count, base)] * len(YEARS)


def test_where_nothing_is_small_everything_is_shown():
    streets = {
        "明水": street(a=steady(40, 90), b=steady(50, 100)),
        "双山": street(c=steady(60, 100), d=steady(70, 120)),
    }

    villages, towns, whole = shown(streets, YEARS)

    assert villages == {(v, year) for v in "abcd" for year in YEARS}
    assert towns == {(s, year) for s in streets for year in YEARS}
    assert whole == set(YEARS)


def test_a_small_village_is_hidden_together_with_the_next_smallest():
    streets = {
        "明水": street(a=steady(3, 90), b=steady(50, 100), c=steady(20, 100)),
        "双山": street(d=steady(60, 100), e=steady(70, 120)),
    }

    villages, towns, _ = shown(streets, [2025])

    assert villages == {("b", 2025), ("d", 2025), ("e", 2025)}
    assert ("明水", 2025) in towns


def test_a_few_families_without_a_plate_are_not_shown_either():
    streets = {"明水": street(a=steady(98, 100), b=steady(50, 100), c=steady(60, 100))}

    villages, _, _ = shown(streets, [2025])

    assert villages == {("c", 2025)}


def test_every_family_recognised_is_no_secret():
    streets = {"明水": street(a=steady(100, 100), b=steady(50, 100))}

    assert shown(streets, [2025])[0] == {("a", 2025), ("b", 2025)}


def test_of_two_years_with_a_small_difference_the_newer_one_is_hidden():
    streets = {
        "明水": street(
            a=[(40, 90), (40, 90), (42, 90)],
            b=[(50, 100), (50, 100), (60, 100)],
            c=[(20, 100), (20, 100), (30, 100)],
        )
    }

    villages, towns, _ = shown(streets, YEARS)

    # Of a everybody knows the 40 that were published in 2024.
    assert ("a", 2024) in villages
    assert {("a", 2025), ("c", 2025)}.isdisjoint(villages)
    assert {("b", 2025)} <= villages
    assert ("明水", 2025) in towns


def test_what_the_hidden_ones_gained_together_is_not_told_either():
    streets = {
        "明水": street(
            a=[(4, 90), (4, 90), (4, 90)],
            b=[(3, 90), (3, 90), (5, 90)],
            c=[(20, 90), (20, 90), (30, 90)],
            d=[(40, 90), (40, 90), (50, 90)],
        )
    }

    villages, towns, _ = shown(streets, YEARS[1:])

    # Of a and b together there were 7 and then 9.
    assert towns == {("明水", 2024), ("明水", 2025)}
    assert villages == {("c", 2024), ("d", 2024), ("d", 2025)}


def test_a_street_of_a_few_families_is_hidden_with_another_street():
    streets = {
        "明水": street(a=steady(1, 90), b=steady(2, 100)),
        "双山": street(c=steady(60, 100), d=steady(70, 120)),
        "龙山": street(e=steady(30, 100), f=steady(20, 120)),
    }

    villages, towns, whole = shown(streets, [2025])

    assert towns == {("双山", 2025)}
    assert villages == {("c", 2025), ("d", 2025)}
    assert whole == {2025}


def test_a_district_of_a_few_families_shows_nothing():
    streets = {"明水": street(a=steady(1, 90), b=steady(2, 100))}

    assert shown(streets, [2025]) == (set(), set(), set())


cells = st.builds(
    lambda base, hidden, few, kind: Cell(
        {
            "few": min(few, base),
            "most": max(0, base - few),
            "some": max(0, base - hidden),
        }[kind],
        base,
    ),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 6),
    st.sampled_from(["few", "most", "some", "some", "some"]),
)


@st.composite
def districts(draw):
    streets = {}
    for s in range(draw(st.integers(1, 4))):
        villages = {}
        for v in range(draw(st.integers(1, 5))):
            first = draw(cells)
            history = {}
            count = first.count
            for year in YEARS:
                history[year] = Cell(count, max(first.base, count))
                count = max(
                    0, count + draw(st.sampled_from([0, 0, 0, 1, -2, 4, 7, 20]))
                )
            villages[f"{s}.{v}"] = history
        streets[f"street {s}"] = villages
    return streets


@settings(max_examples=150, deadline=None)
@given(districts())
@example({"s": {"a": dict.fromkeys(YEARS, Cell(9, 20))}})
def test_no_subtraction_gives_a_small_number(streets):
    villages, towns, whole = shown(streets, YEARS)
    attacker = Attacker(streets, villages, towns, whole)

    for name, members in targets(streets):
        for year in YEARS:
            total = sum((streets[s][v][year] for s, v in members), Cell(0, 0))
            if is_small(total):
                assert not attacker.can_tell({(v, year): 1 for _, v in members}), name
        for earlier, later in combinations(YEARS, 2):
            before, after = (
                sum(streets[s][v][year].count for s, v in members)
                for year in (earlier, later)
            )
            if is_small_change(before, after):
                wanted = {(v, later): 1 for _, v in members}
                wanted |= {(v, earlier): -1 for _, v in members}
                assert not attacker.can_tell(wanted), name


@settings(max_examples=100, deadline=None)
@given(districts())
def test_what_was_published_stays_as_it_was(streets):
    # Or somebody who kept last year's page could subtract it from this year's.
    whole_story = shown(streets, YEARS)

    for number in range(1, len(YEARS)):
        published = shown(streets, YEARS[:number])
        later = [
            {cell for cell in cells if cell[1] in YEARS[:number]}
            for cells in whole_story[:2]
        ]
        assert [*later, whole_story[2] & set(YEARS[:number])] == [*published]


def targets(streets):
    """Yield what somebody could want to know: a village, a street, the district."""
    everything = [(s, v) for s, villages in streets.items() for v in villages]
    for s, v in everything:
        yield v, [(s, v)]
    for s in streets:
        yield s, [pair for pair in everything if pair[0] == s]
    yield "the district", everything


class Attacker:
    """Knows every figure shown, and that totals are sums; solves for the others."""

    def __init__(self, streets, villages, towns, whole):
        self.columns = {
            (v, year): n
            for n, (v, year) in enumerate(
                (v, year) for some in streets.values() for v in some for year in YEARS
            )
        }
        known = [[cell] for cell in villages]
        known += [[(v, year) for v in streets[town]] for town, year in towns]
        known += [
            [(v, year) for some in streets.values() for v in some] for year in whole
        ]
        self.basis: dict[int, dict[int, Fraction]] = {}
        for some in known:
            row = self._reduced({self.columns[cell]: Fraction(1) for cell in some})
            if row:
                pivot = min(row)
                self.basis[pivot] = {c: x / row[pivot] for c, x in row.items()}

    def can_tell(self, wanted: dict) -> bool:
        row = {self.columns[cell]: Fraction(x) for cell, x in wanted.items()}
        return not self._reduced(row)

    def _reduced(self, row: dict[int, Fraction]) -> dict[int, Fraction]:
        row = dict(row)
        while True:
            pivot = next((c for c in sorted(row) if c in self.basis), None)
            if pivot is None:
                return row
            factor = row[pivot]
            for column, x in self.basis[pivot].items():
                value = row.get(column, 0) - factor * x
                if value:
                    row[column] = value
                else:
                    row.pop(column, None)


def test_the_attacker_finds_what_a_careless_table_gives_away():
    streets = {"明水": street(a=steady(3, 90), b=steady(50, 100))}
    careless = Attacker(streets, {("b", 2025)}, {("明水", 2025)}, set())

    assert careless.can_tell({("a", 2025): 1})
    assert not careless.can_tell({("a", 2024): 1})


@pytest.mark.parametrize("count", range(LEAST))
def test_fewer_than_five_are_small(count):
    assert is_small(Cell(count, 100))
