"""现口径 in plain Python, month by month: what happened to each branch is lived through
again, from the month of its record to the month of the tree. Slow and obvious."""

from collections import defaultdict

from activities.models import Activity
from federation.models import Placement, Succession
from federation.months import Month
from rollups.tables import CHILDREN, REST, WHOLE
from tests.rollups.naive import counts


class Past:
    """The trees of the months, and what became of the branches between them."""

    def __init__(self, last: Month):
        self.last = last
        self.placements = list(Placement.objects.all())
        self.trees = {}
        self.acts = defaultdict(set)
        for act in Succession.objects.filter(act__in=["merge", "split"]):
            month = Month.of(act.effective_on)
            heirs = {branch.pk for branch in act.successors.all()}
            self.acts[act.branch_id, month] |= heirs

    def tree(self, month: Month) -> dict:
        """Return ``{branch: its placement}`` of *month*."""
        if month not in self.trees:
            day = month.first_day
            self.trees[month] = {
                placement.branch_id: placement
                for placement in self.placements
                if placement.from_month <= day < placement.until_month
            }
        return self.trees[month]

    def home(self, branch: int, month: Month) -> int | None:
        """Return where what *branch* did in *month* counts in the last tree."""
        if branch not in self.tree(month):
            return None
        here = {branch}
        while month < self.last:
            before, month = month, month.next()
            here = {heir for place in here for heir in self.heirs(place, before, month)}
        return self.lowest_above(here)

    def heirs(self, branch, before: Month, month: Month) -> set[int]:
        if branch in self.tree(month):
            return {branch}
        if heirs := self.acts[branch, month]:
            return heirs
        parent = self.tree(before)[branch].parent_id
        # It may have left in the same month.
        return self.heirs(parent, before, month) if parent else set()

    def lowest_above(self, places: set[int]) -> int | None:
        """Return the lowest branch that is or stands above all of *places*."""
        if not places:
            return None
        lines = [self.line(place) for place in places]
        return next(one for one in lines[0] if all(one in line for line in lines))

    def line(self, branch: int) -> list[int]:
        """Return *branch* and what stands above it in the last tree, upward."""
        tree, found = self.tree(self.last), []
        while branch is not None:
            found.append(branch)
            branch = tree[branch].parent_id
        return found

    def row(self, home: int, asked: int, level: str):
        """Return the row of a listing in which *home* counts; None if in none."""
        line = self.line(home)
        if asked not in line:
            return None
        tree = self.tree(self.last)
        for place in reversed(line[: line.index(asked) + 1]):
            if level == CHILDREN:
                is_listed = tree[place].parent_id == asked
            else:
                is_listed = tree[place].level == level
            if is_listed:
                return place
        return REST


def expected(question) -> dict[tuple, tuple]:
    """Return ``{(row, month): [own sessions, sessions, branches that held any]}``."""
    past = Past(question.basis)
    rows = defaultdict(lambda: [0, 0, set()])
    for activity in Activity.objects.all():
        month = Month.of(activity.starts_on)
        if not (counts(activity) and question.first <= month <= question.last):
            continue
        home = past.home(activity.branch_id, month)
        if home is None:
            continue
        row = past.row(home, question.branch.pk, question.level)
        if row is None:
            continue
        mine = question.branch.pk if row == REST else row
        rows[row, month][0] += home == mine
        for place in (row, WHOLE):
            rows[place, month][1] += 1
            rows[place, month][2].add(activity.branch_id)
    return rows
