"""Bring a list of administrative divisions into the tree of branches.

Matched by code, never by name (four villages are called 官庄). What the file says is
compared with what the last file said (``place_name``), so a branch that was renamed or
transferred here since is left as it stands when the same file comes again.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from federation import batches, successions
from federation.id_numbers import contains_id_number
from federation.imports.tables import Line, read_lines
from federation.models import Branch, Placement
from federation.place_names import branch_name_of, short_name_of

COLUMNS = {
    "code": ("code", "编码"),
    "name": ("name", "名称"),
    "level": ("level", "层级"),
    "parent_code": ("parent_code", "上级编码"),
}
CODE = re.compile(r"[0-9]{2,12}")
# From the country down; a unit is founded here, it is no division.
LEVELS = [level for level in Branch.Level if level != Branch.Level.UNIT]
LEVEL_WORDS = {word: level for level in LEVELS for word in (level.value, level.label)}


@dataclass(slots=True)
class Report:
    """What an import did. ``refused`` is (line number, Chinese reason); unless bad
    lines were to be skipped, one of them means that nothing was written."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    is_written: bool = False


class LineError(Exception):
    """Why a line cannot be taken; the message is for the reader."""


@transaction.atomic
def import_branches(path, *, skip_bad_lines: bool = False) -> Report:
    """
    Bring the divisions listed in the file at *path* into the tree.

    Safe to repeat: a second run changes nothing. Raises ValidationError if the file
    cannot be read at all.
    """
    lines = read_lines(Path(path), COLUMNS)
    successions.hold_tree()
    plan = _Plan(lines)
    report = Report(
        created=len(plan.new),
        updated=len(plan.corrected),
        unchanged=plan.unchanged,
        refused=sorted(plan.refused.items()),
    )
    if plan.refused and not skip_bad_lines:
        return report
    successions.place_together(list(plan.new.values()))
    successions.correct_names(plan.corrected)
    report.is_written = True
    return report


class _Plan:
    """What is to be done with each line, found without writing anything."""

    def __init__(self, lines: list[Line]):
        self.new: dict[str, Branch] = {}  # in the order in which they can be placed
        self.corrected: list[Branch] = []
        self.unchanged = 0
        self.refused: dict[int, str] = {}
        codes = {line.cells[name] for line in lines for name in ("code", "parent_code")}
        self.known = Branch.objects.in_bulk(list(codes), field_name="code")
        self.root = Branch.objects.root()
        self.first_line = {line.cells["code"]: line.number for line in reversed(lines)}
        self.earlier_parents = self._earlier_parents(lines)
        for line in _parents_first(lines):
            try:
                self._judge(line)
            except LineError as error:
                self.refused[line.number] = str(error)

    def _earlier_parents(self, lines) -> set[tuple[str, str]]:
        """Return (code, parent's code) of every placement of the branches that the
        file puts elsewhere than today's tree does."""
        moved = []
        for line in lines:
            branch = self.known.get(line.cells["code"])
            if branch and _parent_code(branch) != line.cells["parent_code"]:
                moved.append(branch.pk)
        found = set()
        for pks in batches.of(moved):
            chosen = Placement.objects.filter(branch__in=pks)
            found.update(chosen.values_list("branch__code", "parent__code"))
        return found

    def _judge(self, line: Line) -> None:
        code, name = _checked_code(line), _checked_name(line)
        level = LEVEL_WORDS.get(line.cells["level"])
        if self.first_line[code] != line.number:
            raise LineError(f"编码与第 {self.first_line[code]} 行重复，请只留一行。")
        if level is None:
            words = "、".join(level.label for level in LEVELS)
            raise LineError(f"认不出层级，请填写：{words}。")
        if branch := self.known.get(code):
            self._judge_known(branch, name, level, line.cells["parent_code"])
        else:
            parent = self._parent_for(level, line.cells)
            self.new[code] = _described(
                Branch(code=code, level=level, parent=parent), name
            )

    def _judge_known(self, branch, name, level, parent_code) -> None:
        if branch.level != level:
            level_now = branch.get_level_display()
            raise LineError(f"{branch}现在的层级是{level_now}，请核对。")
        stands_there = _parent_code(branch) == parent_code
        if not (stands_there or (branch.code, parent_code) in self.earlier_parents):
            raise LineError(
                f"{branch}现在不在这个上级之下；要改隶属，请在“妇联组织”里办理划转。"
            )
        if branch.place_name == name:
            self.unchanged += 1
        elif branch.is_closed:
            raise LineError(f"{branch}已撤销，不能再改名称。")
        else:
            self.corrected.append(_described(branch, name))

    def _parent_for(self, level, cells) -> Branch | None:
        code = cells["parent_code"]
        if not code:
            if top := self.root or next(iter(self.new.values()), None):
                raise LineError(f"最上级组织只能有一个（{top}），请填写上级编码。")
            return None
        parent = self.known.get(code) or self.new.get(code)
        if parent is None and code in self.first_line:
            raise LineError(
                f"上级（第 {self.first_line[code]} 行）不能导入，请先改正它。"
            )
        if parent is None:
            raise LineError("找不到上级编码对应的组织，请核对上级编码。")
        if parent.is_closed:
            raise LineError(f"上级{parent}已撤销，请改填承接它的组织。")
        if parent.level not in LEVELS[: LEVELS.index(level)]:
            raise LineError(
                f"层级应低于上级{parent}（{parent.get_level_display()}），请核对层级。"
            )
        return parent


def _parents_first(lines: list[Line]) -> Iterator[Line]:
    """Yield *lines* with each branch after its parent; rings of parents come last."""
    below = defaultdict(list)
    for line in lines:
        below[line.cells["parent_code"]].append(line)
    listed = {line.cells["code"] for line in lines}
    ready = deque(code for code in list(below) if code not in listed)
    while ready:
        for line in below.pop(ready.popleft(), ()):
            yield line
            ready.append(line.cells["code"])
    for ring in below.values():
        yield from ring


def _parent_code(branch: Branch) -> str:
    return next(reversed(branch.ancestor_codes()), "")


def _checked_code(line: Line) -> str:
    # The code is not repeated: what stands there could be anything, an ID number too.
    if not CODE.fullmatch(line.cells["code"]):
        raise LineError("编码应为 2 至 12 位数字，请核对。")
    return line.cells["code"]


def _checked_name(line: Line) -> str:
    name = line.cells["name"]
    if not name:
        raise LineError("名称是空的，请填写。")
    if contains_id_number(name):
        raise LineError("名称里有身份证号，请删去。")
    return name


def _described(branch: Branch, place_name: str) -> Branch:
    """Give *branch* the names that follow from its division's."""
    branch.place_name = place_name
    branch.short_name = short_name_of(place_name)
    branch.name = branch_name_of(place_name)
    try:
        branch.clean_fields(exclude=["parent", "path"])
    except ValidationError as error:
        raise LineError("".join(error.messages)) from None
    return branch
