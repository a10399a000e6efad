"""A naive recount: plain Python over every row, written from the design's words and
not from the engine's SQL. Slow, obvious, and the judge of the engine."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from activities.models import Activity
from federation.models import Branch, Placement, Programme, ReportingMonth
from federation.months import local_today
from members.models import Post
from rollups import registry
from rollups.models import Rollup, RollupKey

NONE = Programme.NONE_ID

Key = tuple[str, date, int, int]  # indicator, month, branch, programme


def stored_rollups() -> dict[Key, tuple[Decimal, Decimal]]:
    return {
        (row.indicator, row.month, row.branch_id, row.programme_id): (
            row.own,
            row.total,
        )
        for row in Rollup.objects.order_by()
    }


def stored_keys() -> set[tuple]:
    columns = ("indicator", "month", "branch", "programme", "key")
    return set(RollupKey.objects.order_by().values_list(*columns))


def own_and_total(code, branch, month, programme=None):
    """Return what the rollup table says; no row is zero."""
    rows = Rollup.objects.filter(indicator=code, branch=branch, month=month.first_day)
    if programme:
        rows = rows.filter(programme=programme)
    return rows.values_list("own", "total").first() or (0, 0)


def assert_is_naive() -> None:
    assert stored_rollups() == expected_rollups()
    assert stored_keys() == expected_keys()


def expected_rollups() -> dict[Key, tuple[Decimal, Decimal]]:
    """Return what the rollup table should hold, closed months left out."""
    known = list(ReportingMonth.objects.all())
    own = defaultdict(int)
    for activity in Activity.objects.all():
        if counts(activity):
            for code, value in flows_of(activity).items():
                own[place_of(code, activity)] += value
    for branch in Branch.objects.filter(kind__startswith="new_"):
        if branch.founded_on:
            month = branch.founded_on.replace(day=1)
            own["branches.new_fields_founded", month, branch.pk, NONE] += 1
    for month in (row.month for row in known):
        if month <= local_today():
            for key, value in stocks_of(month).items():
                own[key] += value
    own = {key: value for key, value in own.items() if value}
    above = Trees()
    rows = totals_of(own, above) | distinct_rows(expected_keys(), above)
    closed = {row.month for row in known if row.status == "closed"}
    codes = {indicator.code for indicator in registry.all_indicators()}
    return {
        key: row
        for key, row in rows.items()
        if key[0] in codes and key[1] not in closed
    }


def expected_keys() -> set[tuple]:
    codes = {indicator.code for indicator in registry.all_indicators()}
    return {
        (*place_of(code, activity), key)
        for activity in Activity.objects.all()
        for code, key in keys_of(activity).items()
        if code in codes and counts(activity)
    }


def keys_of(activity) -> dict[str, int]:
    return {
        "activities.active_branches": activity.branch_id,
        "test.programmes": activity.programme_id,
    }


def counts(activity) -> bool:
    """Held, attendance present, result approved, and not withdrawn."""
    return (
        activity.happening == "held"
        and (
            activity.attendance_offline is not None
            or activity.attendance_online is not None
        )
        and activity.result_approved_at is not None
        and activity.review != "withdrawn"
    )


def flows_of(activity) -> dict[str, int]:
    offline = activity.attendance_offline or 0
    online = activity.attendance_online or 0
    return {
        "activities.sessions": 1,
        "activities.attendance": offline + online,
        "activities.attendance_offline": offline,
        "activities.attendance_online": online,
        "activities.children": activity.children_count or 0,
        "test.balance": offline - online,
    }


def place_of(code: str, activity) -> Key:
    month = activity.starts_on.replace(day=1)
    return (code, month, activity.branch_id, activity.programme_id)


def stocks_of(month: date) -> dict[Key, int]:
    last = last_day(month)
    found = {}
    for branch in Branch.objects.all():
        founded = branch.founded_on is None or branch.founded_on <= last
        if founded and (branch.closed_on is None or branch.closed_on >= last):
            found["branches.existing", month, branch.pk, NONE] = 1
    people = defaultdict(set)
    for post in Post.objects.all():
        if post.started_on <= last and (not post.ended_on or post.ended_on > last):
            people[post.branch_id].add(post.member_id)
    for branch_id, members in people.items():
        found["members.in_post", month, branch_id, NONE] = len(members)
    return found


def last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def totals_of(own: dict[Key, int], above) -> dict[Key, tuple[Decimal, Decimal]]:
    """Return own and total: each own value counts in every branch above, too."""
    total = defaultdict(int)
    for (code, month, branch_id, programme_id), value in own.items():
        for place in (branch_id, *above(branch_id, month)):
            total[code, month, place, programme_id] += value
    rows = {key: (own.get(key, 0), value) for key, value in total.items()}
    return {key: row for key, row in rows.items() if any(row)}


def distinct_rows(keys: set[tuple], above) -> dict[Key, tuple[Decimal, Decimal]]:
    own, total = defaultdict(set), defaultdict(set)
    for code, month, branch_id, _, key in keys:
        own[code, month, branch_id, NONE].add(key)
        for place in (branch_id, *above(branch_id, month)):
            total[code, month, place, NONE].add(key)
    return {row: (len(own[row]), len(found)) for row, found in total.items()}


class Trees:
    """Who stood above a branch, month by month."""

    def __init__(self):
        self.placements = list(Placement.objects.order_by("pk"))
        self.trees = {}

    def __call__(self, branch_id: int, month: date) -> list[int]:
        if month not in self.trees:
            self.trees[month] = {
                placement.branch_id: placement.parent_id
                for placement in self.placements
                if placement.from_month <= month < placement.until_month
            }
        found = []
        while (branch_id := self.trees[month].get(branch_id)) is not None:
            found.append(branch_id)
        return found
