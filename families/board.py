"""A batch's board: how many stand at which stage, place by place, and who may take the
next step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from families.models import Batch, Recognition
from families.models.choices import Act, Stage
from families.recognition import STRIDES
from families.recognition.deciding import GRANT
from federation.models import Branch
from federation.months import local_today
from federation.scope import granted_paths

VIEW = "families.view_recognition"

# The stages in the order they are shown.
SHOWN = (
    Stage.APPLIED,
    Stage.ASSESSED,
    Stage.REVIEWED,
    Stage.PUBLISHED,
    Stage.GRANTED,
    Stage.REFUSED,
    Stage.REVOKED,
)
# What a button says; the stage of the same name is a place, not an act.
LABELS = {Act.PUBLISH: "开始公示", Act.GRANT: "认定"}
# What the district leaves to the villages and streets, unless it looks for itself.
OF_THOSE_BELOW = (Act.ASSESS, Act.REVIEW)


@dataclass(slots=True)
class Step:
    """A button: take the stride *act* with *count* rows."""

    act: str
    label: str
    count: int


@dataclass(slots=True)
class Line:
    """A place with everything below it."""

    branch: Branch
    counts: Counter = field(default_factory=Counter)
    steps: list[Step] = field(default_factory=list)

    @property
    def stages(self) -> list[tuple[Stage, int]]:
        return [(stage, self.counts[stage]) for stage in SHOWN if self.counts[stage]]

    @property
    def total(self) -> int:
        return self.counts.total()


def place_of(user, batch: Batch, asked: Branch | None = None) -> Branch | None:
    """Return the place whose lines *user* is shown: *asked*, or the highest of hers in
    the batch; None if she has none there, or not that one."""
    mine = Branch.objects.visible_to(user, VIEW).within(batch.branch)
    if asked is not None:
        mine = mine.filter(pk=asked.pk)
    return mine.order_by("depth", "path").first()


def lines_of(user, batch: Batch, place: Branch) -> tuple[Line, list[Line]]:
    """Return the line of *place*, and one for each branch below it that exists or has
    rows."""
    rows = Recognition.objects.filter(batch=batch).within(place).without_former()
    counted = rows.order_by().values_list("branch__path", "stage")
    counted = list(counted.annotate(rows=Count("pk")))
    children = list(Branch.objects.filter(parent=place).order_by("path"))
    whole = Line(place)
    lines = {child.path: Line(child) for child in children}
    size = len(place.path)
    for path, stage, count in counted:
        whole.counts[stage] += count
        child = path[: path.find("/", size) + 1]
        if child in lines:
            lines[child].counts[stage] += count
    for line in (whole, *lines.values()):
        line.steps = _steps_of(user, line)
    today = local_today()
    shown = [
        line
        for line in lines.values()
        if line.total or (line.branch.exists_on(today) and _takes_part(line.branch))
    ]
    return whole, shown


def _takes_part(branch: Branch) -> bool:
    return branch.level != Branch.Level.UNIT


def _steps_of(user, line: Line) -> list[Step]:
    path = line.branch.path
    found = []
    for act, stride in STRIDES.items():
        count = line.counts[stride.before]
        if count and _holds(user, stride.right, path):
            found.append(Step(act, label_of(act), count))
    if _holds(user, GRANT, path):
        found = [step for step in found if step.act not in OF_THOSE_BELOW] or found
    return found


def label_of(act: str) -> str:
    return LABELS.get(act, Act(act).label)


def _holds(user, right: str, path: str) -> bool:
    return path.startswith(tuple(granted_paths(user, right)))
