"""The acts that changed the tree in a period: what a comparison across them must say,
and where the history of a row comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from federation.models import Succession
from federation.months import Month
from rollups.tables.question import Question
from rollups.tables.spans import Span

Act = Succession.Act
WORDS = {Act.MERGE: "并入", Act.SPLIT: "分设", Act.TRANSFER: "划转"}


@dataclass(frozen=True, slots=True)
class Change:
    """
    One act, for each successor once.

    month      the first month of the new tree
    path       where the branch stands today, or stood last
    moves      whether the history of the branch has another place since: not where a
               branch only gave a part away
    """

    act: str
    month: Month
    branch_id: int
    name: str
    code: str
    path: str
    successor_id: int | None
    successor: str
    old_parent: str
    new_parent: str
    moves: bool

    @property
    def sentence(self) -> str:
        """Return ``2025-03 官庄村妇联并入明水村妇联``."""
        if self.act == Act.TRANSFER:
            return f"{self.month} {self.name}由{self.old_parent}划转到{self.new_parent}"
        if self.act == Act.CLOSE:
            return f"{self.month} 起{self.name}撤销"
        if self.act == Act.MERGE:
            return f"{self.month} {self.name}并入{self.successor}"
        return f"{self.month} {self.name}分设{self.successor}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row's history comes from (原属). *code* leads to the predecessor's own
    table; "" where the reader may not see it, or there is none."""

    name: str
    what: str  # 2025-03 并入
    code: str

    def __str__(self):
        return f"{self.name}（{self.what}）"


def read_changes(first: Month, last: Month) -> list[Change]:
    """Return the changes from *first* to *last*, oldest first, by one query."""
    acts = Succession.objects.filter(
        act__in=[*WORDS, Act.CLOSE],
        # A branch closes at the end of its last day.
        effective_on__gte=first.first_day - timedelta(days=1),
        effective_on__lte=last.last_day,
    ).order_by("effective_on", "pk")
    rows = acts.values_list(
        "act",
        "effective_on",
        "branch_id",
        "branch__name",
        "branch__code",
        "branch__path",
        "branch__closed_on",
        "successors",
        "successors__name",
        "old_parent__name",
        "new_parent__name",
    )
    found = [_change(*row) for row in rows]
    return [change for change in found if first <= change.month <= last]


def _change(
    act, on, branch_id, name, code, path, closed_on, heir_id, heir, old, new
) -> Change:
    month = Month.of(on)
    moves = True
    if act == Act.CLOSE:
        month = month.next()
    elif act == Act.SPLIT:
        moves = closed_on is not None and closed_on < on
    return Change(
        act=act,
        month=month,
        branch_id=branch_id,
        name=name,
        code=code,
        path=path,
        successor_id=heir_id,
        successor=heir or "",
        old_parent=old or "",
        new_parent=new or "",
        moves=moves,
    )


def below(changes: Iterable[Change], question: Question, spans: list[Span]):
    """Return the *changes* that make 当时口径 and 现口径 differ for the period of
    *spans*: those of its branches, after its first month."""
    if not spans:
        return []
    places = {span.branch_id for span in spans}
    first = Month.of(min(span.from_month for span in spans))
    asked = question.branch.pk
    return [
        change
        for change in changes
        if change.moves
        and change.month > first
        and change.branch_id != asked
        and (change.branch_id in places or change.successor_id in places)
    ]


def origins(changes: Iterable[Change], question: Question) -> dict[int, list[Origin]]:
    """Return ``{branch: its origins}``."""
    found: dict[int, list[Origin]] = {}
    for change in changes:
        what = f"{change.month} {WORDS.get(change.act, '')}"
        if change.act == Act.TRANSFER:
            origin = Origin(change.old_parent, what, "")
            found.setdefault(change.branch_id, []).append(origin)
        elif change.successor_id:
            is_seen = change.path.startswith(question.paths)
            origin = Origin(change.name, what, change.code if is_seen else "")
            found.setdefault(change.successor_id, []).append(origin)
    return found
