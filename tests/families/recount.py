"""A recount of 出彩人家 in plain Python, from the words of the issue and not from its
SQL: row by row, one day at a time."""

from collections import defaultdict
from datetime import date

from families.models import Household, Inspection, Recognition
from federation.models import Branch, BranchStat, ReportingMonth


def stocks_on(day: date) -> dict[tuple[str, int], int]:
    """Return {(indicator, branch): value} of what holds on *day*."""
    found = defaultdict(int)
    for household in Household.objects.all():
        if is_registered(household, day):
            found["families.households", household.branch_id] += 1
    for row in Recognition.objects.select_related("household", "branch"):
        if is_recognised(row, day):
            found[f"families.recognised_{row.subject}s", row.branch_id] += 1
    for branch in Branch.objects.filter(level="village"):
        if exists(branch, day):
            found["branches.villages", branch.pk] = 1
            found["branches.courtyards", branch.pk] = courtyards(branch, day)
            has_some = courtyards(branch, day) > 0
            found["branches.courtyard_villages", branch.pk] = int(has_some)
    return {key: value for key, value in found.items() if value}


def flows() -> dict[tuple[str, date, int], int]:
    """Return {(indicator, month, branch): value} of what happened on a day; a grant's
    only from when its month opens, and none of what only went on elsewhere."""
    found = defaultdict(int)

    def add(code, day, row):
        if day:
            found[f"families.{code}", day.replace(day=1), row.branch_id] += 1

    for row in Inspection.objects.all():
        name = "inspections" if row.household_id else "village_inspections"
        add(name, row.inspected_on, row)
    known = {row.month for row in ReportingMonth.objects.all()}
    for row in Recognition.objects.all():
        granted_on = None if row.first_granted_on else row.granted_on
        for act, day in (("granted", granted_on), ("revoked", row.revoked_on)):
            if day and day.replace(day=1) in known:
                add(f"{act}_{row.subject}s", day, row)
    return found


def inspected() -> set[tuple[date, int, int]]:
    """Return (month, branch, household) of each household that was looked at."""
    return {
        (row.inspected_on.replace(day=1), row.branch_id, row.household_id)
        for row in Inspection.objects.all()
        if row.household_id
    }


def is_registered(household, day) -> bool:
    has_left = household.left_on is not None and household.left_on <= day
    return household.entered_on <= day and not has_left


def is_recognised(row, day) -> bool:
    if row.granted_on is None or row.granted_on > day:
        return False
    if row.revoked_on is not None and row.revoked_on <= day:
        return False
    left = row.household.left_on if row.household else None
    closed = row.branch.closed_on
    return not (left and left <= day) and not (closed and closed < day)


def exists(branch, day) -> bool:
    founded = branch.founded_on is None or branch.founded_on <= day
    return founded and (branch.closed_on is None or branch.closed_on >= day)


def courtyards(branch, day) -> int:
    known = [
        (stat.as_of, stat.value)
        for stat in BranchStat.objects.filter(branch=branch, figure="courtyards")
        if stat.as_of <= day
    ]
    return max(known)[1] if known else 0
