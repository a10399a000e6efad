"""One date beside another: the committee before an election and the one it gave, or
any two days of a branch and what is below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from federation.models import Branch
from members.models import Election
from members.structure.counting import Counts, added, committees_on, counts_on
from members.structure.lines import GROUPS, LINES, Group, Line

TENTH = Decimal("0.1")
# What each branch shows on the page; the workbook has all lines.
OF_EACH_BRANCH = (
    "people",
    "chairs",
    "age_30",
    "bachelors",
    "politics_party",
    "village_cadres",
    "part_time",
    "new_employment",
)
BY_CODE = {line.code: line for line in LINES}


@dataclass(frozen=True, slots=True)
class Cells:
    """One line of the report: people before and after, and as a share in per cent."""

    line: Line
    before: int
    after: int
    share_before: Decimal | None
    share_after: Decimal | None

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class BranchRow:
    name: str
    before: Counts
    after: Counts


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    What the report says.

    title           whose committees
    before, after   what the two columns are called
    rows            the branches, in tree order, each with its counts on both days
    committees      what is counted of the branches: label, before, after, change
    """

    title: str
    before: str
    after: str
    rows: list[BranchRow]
    committees: list[tuple[str, int, int, int]]

    @property
    def whole(self) -> BranchRow:
        return BranchRow(
            "合计",
            added(row.before for row in self.rows),
            added(row.after for row in self.rows),
        )

    def groups(self) -> list[tuple[Group, list[Cells]]]:
        """Return the lines that say something, group by group."""
        whole = self.whole
        return [
            (group, [_cells(line, whole) for line in group.lines if _says(line, whole)])
            for group in GROUPS
        ]

    @property
    def branch_lines(self) -> list[Line]:
        """The lines that each branch shows beside the others."""
        return [BY_CODE[code] for code in OF_EACH_BRANCH]

    def branch_table(self) -> list[tuple[str, list[tuple[int, int]]]]:
        """Return each branch's name with (before, after) of these lines; last of all
        the whole."""
        return [
            (row.name, [(row.before[code], row.after[code]) for code in OF_EACH_BRANCH])
            for row in [*self.rows, self.whole]
        ]

    def average_ages(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the average age in years before and after; None where nobody's birth
        month is known."""
        whole = self.whole
        return tuple(
            _quotient(some["ages"], some["aged"])
            for some in (whole.before, whole.after)
        )


def of_election(election: Election) -> Comparison:
    """Return the committees that *election* gave beside those of the day before, each
    branch on the day of its own election."""
    terms = election.terms.elected().select_related("branch").order_by("branch__path")
    terms = list(terms)
    days = {term.branch_id: term.elected_on for term in terms}
    eves = {pk: day - timedelta(days=1) for pk, day in days.items()}
    whose = election.branch.name
    if election.covers_below:
        whose += f"所属 {len(terms)} 个村（社区）妇联"
    return Comparison(
        f"{whose}换届前后",
        "上届",
        "新一届",
        _rows([(term.branch.name, [term.branch_id]) for term in terms], eves, days),
        _committees(eves, days),
    )


def of_branch(
    branch: Branch, before: date, after: date, *, below: bool = True
) -> Comparison:
    """Return the committee of *branch* on two days; with *below*, what stands below it
    today counts too: a row for each branch directly below, with all below that."""
    listed = [("本级", [branch.pk])]
    if below:
        listed += _children(branch)
    pks = [pk for _, some in listed for pk in some]
    earlier, later = dict.fromkeys(pks, before), dict.fromkeys(pks, after)
    whose = f"{branch.name}及下级组织" if below else branch.name
    return Comparison(
        whose,
        _written(before),
        _written(after),
        _rows(listed, earlier, later),
        _committees(earlier, later),
    )


def _children(branch: Branch) -> list[tuple[str, list[int]]]:
    found: dict[int, tuple[str, list[int]]] = {}
    under = {}
    branches = Branch.objects.within(branch).exclude(pk=branch.pk).order_by("path")
    for pk, parent, name in branches.values_list("pk", "parent_id", "name"):
        # In the order of the paths a parent comes before what is below it.
        top = under[pk] = pk if parent == branch.pk else under[parent]
        found.setdefault(top, (name, []))[1].append(pk)
    return list(found.values())


def _rows(listed, days_before, days_after) -> list[BranchRow]:
    before, after = counts_on(days_before), counts_on(days_after)
    return [
        BranchRow(name, added(before[pk] for pk in pks), added(after[pk] for pk in pks))
        for name, pks in listed
    ]


def _committees(days_before, days_after) -> list[tuple[str, int, int, int]]:
    labels = ("班子配齐的组织", "届满未换届的组织")
    found = zip(committees_on(days_before), committees_on(days_after), strict=True)
    return [
        (label, before, after, after - before)
        for label, (before, after) in zip(labels, found, strict=True)
    ]


def _says(line: Line, whole: BranchRow) -> bool:
    asked = BY_CODE.get(line.of, line) if line.of != "people" else line
    found = whole.before[asked.code] or whole.after[asked.code]
    return bool(found) or not line.is_seldom


def _cells(line: Line, whole: BranchRow) -> Cells:
    shares = (
        _share(some, line) if line.of and line.of != line.code else None
        for some in (whole.before, whole.after)
    )
    return Cells(line, whole.before[line.code], whole.after[line.code], *shares)


def _share(counts: Counts, line: Line) -> Decimal | None:
    return _quotient(counts[line.code] * 100, counts[line.of])


def _quotient(upper: int, lower: int) -> Decimal | None:
    if not lower:
        return None
    return (Decimal(upper) / lower).quantize(TENTH, ROUND_HALF_UP)


def _written(day: date) -> str:
    return f"{day:%Y-%m-%d}"
