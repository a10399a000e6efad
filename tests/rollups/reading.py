"""Asking the tables in as few words as a reader would, and reading their answers."""

from rollups import registry
from rollups.tables import LongTable, Question
from rollups.tables.long import COLUMNS
from tests.factories import ResultFactory

SESSIONS = "activities.sessions"
ATTENDANCE = "activities.attendance"
ACTIVE = "activities.active_branches"
PER_SESSION = "activities.attendance_per_session"
EXISTING = "branches.existing"
FOUNDED = "branches.new_fields_founded"
IN_POST = "members.in_post"


def ask(branch, *codes, first, last=None, programme=None, **options) -> Question:
    children = (
        type(programme).objects.with_children(programme.slug) if programme else []
    )
    return Question(
        branch=branch,
        first=first,
        last=last or first,
        indicators=tuple(registry.indicator(code) for code in codes),
        programme=programme,
        programme_ids=tuple(child.pk for child in children),
        **options,
    )


def named(table, column=0) -> dict:
    """Return ``{row name: figure}`` of one column."""
    return {row.name: row.figures[column] for row in table.rows}


def hold(branch, day, people=30, **fields):
    """Let *branch* have held an activity that counts."""
    return ResultFactory(
        branch=branch, starts_on=day, attendance_offline=people, **fields
    )


def long_rows(question) -> list[dict]:
    table = LongTable(question)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in table[0:1000]]
    assert len(rows) == table.count()
    return rows
