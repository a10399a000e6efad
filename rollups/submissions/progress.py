"""How far a month's reporting is: completeness in tree order, and who is missing.

No ranking: the lines stand as the tree stood in that month, and whoever reads sees the
branches she may see.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Q, Value
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone

from federation.models import Branch, Placement
from federation.months import Month
from federation.wording import day_label
from rollups.models import Submission

Status = Submission.Status


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are expected, and what became of them."""

    expected: int = 0
    reported: int = 0
    zero: int = 0
    missing: int = 0
    returned: int = 0
    on_time: int = 0
    changed: int = 0

    @property
    def left(self) -> int:
        return self.missing + self.returned

    @property
    def punctuality(self) -> str:
        """Return 及时率, ``83%``: what was first reported in time, of what is expected.
        Only all of them are 100 %."""
        if not self.expected:
            return "—"
        return f"{100 * self.on_time // self.expected}%"


COUNTED = {
    "expected": Q(),
    **{s.value: Q(status=s) for s in Status},
    "on_time": Q(reported_at__isnull=False, is_late=False),
    "changed": Q(has_changed=True),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One branch's submission, by the name it had in that month."""

    place: str
    name: str
    short_name: str
    code: str
    status: str
    is_late: bool
    has_changed: bool
    reason: str

    @property
    def label(self) -> str:
        return Status(self.status).label

    @property
    def is_left(self) -> bool:
        return self.status in Submission.UNREPORTED


@dataclass(slots=True)
class Line:
    """A branch directly below the one asked for (or that one itself), with everything
    below: a single submission, or counts and who of them is left."""

    name: str
    short_name: str
    code: str
    counts: Counts
    own: Entry | None = None
    left: list[Entry] = field(default_factory=list)

    @property
    def is_single(self) -> bool:
        return self.own is not None and self.counts.expected == 1


@dataclass(frozen=True, slots=True)
class Progress:
    """A month's reporting below a branch."""

    month: Month
    due_at: datetime
    total: Counts
    lines: list[Line]

    @property
    def is_due(self) -> bool:
        return timezone.now() > self.due_at

    @property
    def chasing_text(self) -> str:
        """Return what to send to the group: who is left, in tree order."""
        if not self.total.left:
            return ""
        due = timezone.localtime(self.due_at)
        verb = "已于" if self.is_due else "请在"
        end = "截止，请尽快报" if self.is_due else "前报"
        head = (
            f"【{self.month.label}活动报送】{verb} {day_label(due)} {due:%H:%M} {end}。"
        )
        tail = "登录后在工作台第一行点“确认”，没有活动的点“零报告”。"
        return "\n".join([head, *self.left_lines, tail])

    @property
    def left_lines(self) -> list[str]:
        """Return who is left, in tree order, a line for each branch listed."""
        return [
            *self._named(Status.MISSING, "还没有报"),
            *self._named(Status.RETURNED, "被退回、待改"),
        ]

    def _named(self, status: str, title: str):
        groups = [
            (line, [entry.short_name for entry in line.left if entry.status == status])
            for line in self.lines
        ]
        groups = [(line, names) for line, names in groups if names]
        if not groups:
            return
        yield f"{title}（{sum(len(names) for _, names in groups)} 个）："
        alone = [line.short_name for line, names in groups if line.is_single]
        if alone:
            yield "、".join(alone)
        for line, names in groups:
            if not line.is_single:
                yield f"{line.short_name}：{'、'.join(names)}"


def counts_of(submissions) -> Counts:
    return Counts(**submissions.order_by().aggregate(**_counters()))


def progress(submissions, branch: Branch, month: Month, due_at: datetime) -> Progress:
    """Return how far *month* is below *branch*, of what *submissions* (already scoped)
    hold."""
    standing = Placement.objects.covering(month).filter(branch=branch)
    top = standing.values_list("path", flat=True).first() or branch.path
    placed = _placed(submissions, top, month)
    grouped = placed.order_by().values("child").annotate(**_counters())
    lines = {row.pop("child"): Counts(**row) for row in grouped}
    own, left = _entries(placed)
    names = Placement.objects.covering(month).filter(path__in=lines)
    names = {
        path: named
        for path, *named in names.values_list(
            "path", "name", "branch__short_name", "branch__code"
        )
    }
    return Progress(
        month,
        due_at,
        counts_of(placed),
        [
            Line(*names[path], lines[path], own.get(path), left[path])
            for path in sorted(lines)
        ],
    )


def _placed(submissions, top: str, month: Month):
    """Annotate where and as what each branch stood in *month*, and the path of the
    ancestor that stood directly below *top*; those within *top* only."""
    day = month.first_day
    rest = Substr("place", len(top) + 1)
    return (
        submissions.of_month(month)
        .filter(
            branch__placements__from_month__lte=day,
            branch__placements__until_month__gt=day,
            branch__placements__path__startswith=top,
        )
        .annotate(
            place=F("branch__placements__path"), called=F("branch__placements__name")
        )
        .annotate(child=Substr("place", 1, len(top) + StrIndex(rest, Value("/"))))
    )


def _entries(placed) -> tuple[dict[str, Entry], dict[str, list[Entry]]]:
    """Return the submissions of the listed branches themselves, by path, and those that
    are left, by the listed branch above."""
    listed = Q(place=F("child"))
    rows = placed.filter(listed | Q(status__in=Submission.UNREPORTED)).order_by("place")
    own, left = {}, defaultdict(list)
    for child, *values in rows.values_list(
        "child",
        "place",
        "called",
        "branch__short_name",
        "branch__code",
        "status",
        "is_late",
        "has_changed",
        "reason",
    ):
        entry = Entry(*values)
        if entry.place == child:
            own[child] = entry
        if entry.is_left:
            left[child].append(entry)
    return own, left


def _counters() -> dict:
    return {
        name: Count("pk", filter=condition) if condition else Count("pk")
        for name, condition in COUNTED.items()
    }
