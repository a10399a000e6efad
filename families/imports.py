"""What this app takes in from files: rosters of households."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import islice
from typing import NamedTuple

from families.models import Household
from families.rosters.columns import NEEDED, TITLES
from families.rosters.forms import HouseholdRosterForm
from families.rosters.matching import FIELDS
from families.rosters.planning import PERMISSION, Entry, plan_roster
from families.rosters.reading import read_tables
from federation.imports.layout import Table, Titles
from federation.imports.plans import Plan
from federation.imports.registers import Register, register
from federation.journal import Recorder
from federation.models import Branch
from federation.months import local_today
from rollups.exports import chunked, stream_xlsx

AT_ONCE = 4_000  # households in memory as rows


class Work(NamedTuple):
    """What is written: what becomes of each line, and since when the new ones are on
    the register."""

    entries: list[Entry]
    entered_on: date


class HouseholdRegister(Register):
    code = "households"
    label = "家庭户名册"
    permission = PERMISSION
    titles = TITLES
    needed = NEEDED
    list_page = "admin:families_household_changelist"
    form = HouseholdRosterForm
    explanation = (
        "把村里平时用的户表原样上传：表头里有“户主”就行，一个文件里几个村、几个工作表、"
        "合并单元格都可以。系统先列出会新增、修改什么，您确认后才写入；"
        "同一份表再传一次，只改有变化的户，不会重复。"
        "身份证号不会读取，文件本身不保存。"
    )

    def read(self, content: bytes, titles: Titles) -> list[Table]:
        return read_tables(content, titles)

    def plan(self, tables, branch, user, options, answers) -> Plan:
        plan = plan_roster(tables, branch, user, answers)
        day = options.get("entered_on")
        plan.work = Work(plan.work, date.fromisoformat(day) if day else local_today())
        return plan

    def hold(self, branch: Branch) -> None:
        # Whoever registers a household of one of these villages waits, as a second
        # import does: numbers are given by one at a time.
        villages = Branch.objects.within(branch).filter(level=Branch.Level.VILLAGE)
        villages = villages.select_for_update(no_key=True).order_by("pk")
        list(villages.values_list("pk", flat=True))

    def write(self, plan: Plan, recorder: Recorder, told: Callable[[int], None]):
        entries, day = plan.work
        # By village: each part then marks few of them.
        new = [entry.known for entry in entries if entry.known.is_new]
        new.sort(key=lambda known: (known.branch_id, known.number))
        changed = [entry for entry in entries if entry.facts]
        done = 0
        for part in _parts(new):
            recorder.create(_household(known, entered_on=day) for known in part)
            told(done := done + len(part))
        fields = sorted({name for entry in changed for name in entry.facts})
        for part in _parts(changed):
            recorder.update(map(_changed, part), _written(fields))
            told(done := done + len(part))

    def send(self, filename, header, rows: Iterable):
        return stream_xlsx(filename, header, chunked(rows))


def _household(known, **facts) -> Household:
    household = Household(**{name: getattr(known, name) for name in FIELDS}, **facts)
    household.describe()
    return household


def _changed(entry: Entry) -> Household:
    household = _household(entry.known)
    for name, value in entry.facts.items():
        setattr(household, name, value)
    household.describe()
    return household


def _written(fields: list[str]) -> list[str]:
    """Return *fields* with those that follow from them."""
    return [*fields, "initials"] if "contact_name" in fields else fields


def _parts(rows: Iterable) -> Iterable[list]:
    rows = iter(rows)
    while part := list(islice(rows, AT_ONCE)):
        yield part


register(HouseholdRegister())
