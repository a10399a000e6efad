"""What a roster would change in the register of households, without changing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from families.models import Household
from families.rosters.matching import Known, Register
from families.rosters.reading import HouseholdLine, parse
from federation.imports.describing import said_of_changes
from federation.imports.layout import Table
from federation.imports.places import Places, is_only_sheet
from federation.imports.plans import Kind, Outcome, Plan
from federation.models import Branch

PERMISSION = "families.import_household"
VILLAGES_AT_ONCE = 60


@dataclass(slots=True, eq=False)
class Entry:
    """One line on its way: where and which household it is, and what changes. A line
    that is refused keeps its reason and asks for nothing."""

    line: HouseholdLine
    branch: Branch | None = None
    known: Known | None = None
    refusal: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        if self.refusal:
            return Kind.REFUSED
        if self.known.is_new:
            return Kind.CREATE
        return Kind.CHANGE if self.facts else Kind.UNCHANGED


def plan_roster(tables: list[Table], branch: Branch, user, answers: dict) -> Plan:
    """Return the plan; its ``work`` is the list of entries that are not refused."""
    lines, notes = parse(tables)
    places = Places(branch, user, PERMISSION, answers, Branch.Level.VILLAGE)
    is_only = is_only_sheet(lines)
    entries = [_placed(line, places, is_only) for line in lines]
    for some in _by_villages(entry for entry in entries if not entry.refusal):
        _judge(some)
    return Plan(
        [_outcome(entry, places) for entry in entries],
        places.questions,
        notes,
        [entry for entry in entries if not entry.refusal],
    )


def _placed(line: HouseholdLine, places: Places, is_only: bool) -> Entry:
    place = places.find(line.branch, line.sheet, line.above, is_only_sheet=is_only)
    reasons = [*line.faults, *filter(None, [place.refusal])]
    return Entry(line, place.branch, refusal="".join(reasons))


def _by_villages(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield *entries* some villages at a time, in the order of the file: no household
    is of two villages, and those of a whole district would fill the memory."""
    of_village = defaultdict(list)
    for place, entry in enumerate(entries):
        of_village[entry.branch.pk].append((place, entry))
    villages = sorted(of_village)
    for start in range(0, len(villages), VILLAGES_AT_ONCE):
        some = villages[start : start + VILLAGES_AT_ONCE]
        placed = sorted(chain.from_iterable(map(of_village.pop, some)), key=_first)
        yield [entry for _, entry in placed]


def _first(placed: tuple[int, Entry]) -> int:
    return placed[0]


def _judge(entries: list[Entry]) -> None:
    """Say of each entry which household it is, what changes, or why it is refused."""
    register = Register({entry.branch.pk for entry in entries})
    taken: dict[Known, int] = {}  # by which row
    left = []
    for entry in entries:
        known, entry.refusal = register.exact(entry.line, entry.branch.pk)
        if known:
            _take(entry, known, taken)
        elif not entry.refusal:
            left.append(entry)
    # Numbers that are written first, so that none of them is given away meanwhile.
    for entry in sorted(left, key=_rank):
        line, branch_id = entry.line, entry.branch.pk
        known, entry.refusal = register.exact(line, branch_id)
        known = known or register.alike(line, branch_id, taken)
        if not entry.refusal:
            _take(entry, known or register.add(line, branch_id), taken)


def _rank(entry: Entry) -> int:
    if entry.line.number is not None:
        return 0
    return 1 if entry.line.serial is not None else 2


def _take(entry: Entry, known: Known, taken: dict[Known, int]) -> None:
    line = entry.line
    entry.known = known
    if known in taken:
        entry.refusal = f"与第 {taken[known]} 行是同一户，请只留一行。"
        return
    entry.refusal = _why_not(line, known)
    if entry.refusal:
        return  # and leaves the household to a line that does mean it
    taken[known] = line.row
    if not known.is_new:
        entry.facts = {
            name: value
            for name, value in line.facts.items()
            if getattr(known, name) != value
        }


def _why_not(line: HouseholdLine, known: Known) -> str:
    """Return why *line* cannot change *known*, or nothing."""
    if known.left_on:
        return (
            f"{known.number} 号户已在 {known.left_on} 注销；搬回来的，"
            "请先在这一户的页面上删去注销日期。"
        )
    moved = all((line.place[1], known.door)) and line.place != known.place
    if moved and line.name != known.contact_name:
        return (
            f"{known.number} 号户登记的是“{known.contact_name}”，"
            "户主和门牌都和这一行不同，请核对户号。"
        )
    return ""


def _outcome(entry: Entry, places: Places) -> Outcome:
    line, known = entry.line, entry.known
    number = known.number if known else line.number
    said = [number and f"{number} 号", line.name or "（没有户主）"]
    return Outcome(
        entry.kind,
        line.sheet,
        line.row,
        places.label(entry.branch) if entry.branch else line.branch,
        " ".join(filter(None, said)),
        entry.refusal or _detail(entry),
    )


def _detail(entry: Entry) -> str:
    line, known = entry.line, entry.known
    if known.is_new:
        return " ".join(filter(None, line.place))
    said = list(said_of_changes(Household, known, entry.facts))
    if line.number is not None and line.number != known.number:
        said.append(f"已登记为 {known.number} 号户，户号不改")
    return "；".join(said)
