"""Which household of the register a line of a roster means: one of it, or a new one.

By its number where the line has one, else by the contact's name with group and door.
What comes before is told by the whole file: the lines that fit exactly take their
households first, so that a neighbour behind the same door is not taken for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from families.models import Household
from families.rosters.reading import HouseholdLine
from federation import batches


@dataclass(slots=True, eq=False)
class Known:
    """A household of the register, or one that this roster brings."""

    pk: int | None
    branch_id: int
    number: int
    contact_name: str
    group: str = ""
    door: str = ""
    phone: str = ""
    has_courtyard: bool = True
    occupancy: str = Household.Occupancy.LIVED_IN
    left_on: date | None = None

    @property
    def is_new(self) -> bool:
        return self.pk is None

    @property
    def place(self) -> tuple[str, str]:
        return self.group, self.door


FIELDS = tuple(Known.__slots__)


class Register:
    """The households of some villages, those who have left with them."""

    def __init__(self, branch_ids: Iterable[int]):
        self.by_number: dict[tuple[int, int], Known] = {}
        self._by_name: dict[tuple[int, str], list[Known]] = defaultdict(list)
        self._by_door: dict[tuple, list[Known]] = defaultdict(list)
        self._last: dict[int, int] = defaultdict(int)
        for pks in batches.of(sorted(branch_ids)):
            rows = Household.objects.filter(branch__in=pks).order_by()
            for values in rows.values_list(*FIELDS).iterator(chunk_size=2000):
                self._keep(Known(*values))

    def exact(self, line: HouseholdLine, branch_id: int) -> tuple[Known | None, str]:
        """Return (the household of that number or, without a number, the one of that
        name at that place; why it cannot be told); (None, "") if there is none."""
        if line.number is not None:
            return self.by_number.get((branch_id, line.number)), ""
        found = self._at_place(line, branch_id)
        if len(found) > 1:
            return None, (
                f"名册里有 {len(found)} 户“{line.name}”都对得上，"
                "请在表中补上户号或门牌。"
            )
        return (found[0] if found else None), ""

    def alike(
        self, line: HouseholdLine, branch_id: int, taken: dict[Known, int]
    ) -> Known | None:
        """Return the household that *line* means all the same, among those no other
        line has *taken*: of a line with a new number, the one of that name behind that
        very door; of a line without one, the only namesake where the place is not
        known or is told more exactly, or whoever was behind that door."""
        door = line.place[1]
        if line.number is not None:
            found = self._at_place(line, branch_id) if door else []
            return _only_one(_free(found, taken))
        named = _free(self._by_name.get((branch_id, line.name), ()), taken)
        near = [known for known in named if _may_be_one_place(known.place, line.place)]
        if near or not door:
            return _only_one(near)
        behind = self._by_door.get((branch_id, *line.place), ())
        return _only_one(_free(behind, taken))

    def add(self, line: HouseholdLine, branch_id: int) -> Known:
        """Return a new household, which later lines may mean too. It has the number of
        its line; else the line's place in the list where that is free; else the next
        one."""
        number = line.number
        if number is None and line.serial:
            is_free = (branch_id, line.serial) not in self.by_number
            number = line.serial if is_free else None
        if number is None:
            number = self._last[branch_id] + 1
        known = Known(None, branch_id, number, **line.facts)
        self._keep(known)
        return known

    def _keep(self, known: Known) -> None:
        branch_id = known.branch_id
        self.by_number[branch_id, known.number] = known
        self._by_name[branch_id, known.contact_name].append(known)
        if known.door:
            self._by_door[branch_id, *known.place].append(known)
        self._last[branch_id] = max(self._last[branch_id], known.number)

    def _at_place(self, line: HouseholdLine, branch_id: int) -> list[Known]:
        named = self._by_name.get((branch_id, line.name), ())
        return [known for known in named if known.place == line.place]


def _free(households: Iterable[Known], taken: dict[Known, int]) -> list[Known]:
    return [
        known
        for known in households
        if known not in taken and not known.is_new and known.left_on is None
    ]


def _only_one(households: list[Known]) -> Known | None:
    return households[0] if len(households) == 1 else None


def _may_be_one_place(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Tell whether nothing that is written of two places contradicts."""
    return all(
        not (one and other) or one == other
        for one, other in zip(first, second, strict=True)
    )
