"""A naive recount: plain Python over every row, written from the design's words and
not from the engine's SQL. Slow, obvious, and the judge of the engine."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from activities.models import Activity
from federation.models import Branch, Placement, Programme, ReportingMonth
from federation.months import local_today
from members.models import Delegate, Honour, Post, Term
from members.models.choices import BACHELOR_AND_UP
from rollups import registry
from rollups.models import DerivedIndicator, ReportedFigure, Rollup, RollupKey
from tests.families import recount as families

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
                for derived in derived_of(code, activity):
                    own[place_of(derived, activity)] += value
    for branch in Branch.objects.filter(kind__startswith="new_"):
        if branch.founded_on:
            month = branch.founded_on.replace(day=1)
            own["branches.new_fields_founded", month, branch.pk, NONE] += 1
    for key, value in flows_of_the_register().items():
        own[key] += value
    for (code, month, branch_id), value in families.flows().items():
        own[code, month, branch_id, NONE] += value
    for key, value in reported_flows().items():
        own[key] += value
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
    of_activities = {
        (*place_of(code, activity), key)
        for activity in Activity.objects.all()
        for base, key in keys_of(activity).items()
        for code in (base, *derived_of(base, activity))
        if code in codes and counts(activity)
    }
    return of_activities | {
        ("families.inspected_households", month, branch_id, NONE, household_id)
        for month, branch_id, household_id in families.inspected()
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


def derived_of(base: str, activity) -> list[str]:
    """Return the indicators the district derived from *base* that hold *activity*."""
    return [
        f"derived.{derived.slug}"
        for derived in DerivedIndicator.objects.filter(base=base)
        if all(
            set(values) & set(getattr(activity, name).split(","))
            for name, values in derived.filters.items()
        )
    ]


def codes_of(batch) -> list[str]:
    code = f"reported.{batch.indicator.slug}"
    return [code, f"{code}.{batch.slug}"] if batch.slug else [code]


def reported_flows() -> dict[Key, Decimal]:
    found = defaultdict(Decimal)
    for figure in ReportedFigure.objects.all():
        indicator = figure.batch.indicator
        if indicator.kind == "flow":
            for code in codes_of(figure.batch):
                programme = indicator.programme_id or NONE
                found[code, figure.month, figure.branch_id, programme] += figure.value
    return found


def reported_stocks(month: date) -> dict[Key, Decimal]:
    """Return what was said last of each batch that is in force in *month*."""
    last = {}
    for figure in ReportedFigure.objects.order_by("month"):
        batch = figure.batch
        is_over = batch.until_month and batch.until_month < month
        if figure.month <= month and batch.from_month <= month and not is_over:
            last[figure.branch_id, batch.pk] = figure
    found = defaultdict(Decimal)
    for figure in last.values():
        indicator = figure.batch.indicator
        if indicator.kind == "stock":
            for code in codes_of(figure.batch):
                programme = indicator.programme_id or NONE
                found[code, month, figure.branch_id, programme] += figure.value
    return found


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
    for (code, branch_id), value in register_on(last).items():
        found[f"members.{code}", month, branch_id, NONE] = value
    for (code, branch_id), value in families.stocks_on(last).items():
        found[code, month, branch_id, NONE] = value
    return found | reported_stocks(month)


def register_on(day: date) -> dict[tuple[str, int], int]:
    """Return what the register counts on *day*: {(code, branch): value}."""
    found = defaultdict(int)
    people, chairs = defaultdict(dict), defaultdict(set)
    for post in Post.objects.select_related("member"):
        if post.started_on <= day and (not post.ended_on or post.ended_on > day):
            people[post.branch_id][post.member_id] = post.member
            if post.title == "chair":
                chairs[post.branch_id].add(post.member_id)
    for branch_id, members in people.items():
        found["in_post", branch_id] = len(members)
        found["chairs", branch_id] = len(chairs[branch_id])
        for member in members.values():
            known = member.education != ""
            found["education_known", branch_id] += known
            found["bachelors", branch_id] += member.education in BACHELOR_AND_UP
            if member.birth_month:
                found["birth_known", branch_id] += 1
                found["ages", branch_id] += member.age_on(day)
    for branch_id, term in running_terms(day).items():
        seats, closed_on = term.seats_planned, term.branch.closed_on
        is_full = seats is not None and len(people[branch_id]) >= seats
        found["complete_committees", branch_id] = int(
            is_full and len(chairs[branch_id]) > 0
        )
        exists = closed_on is None or closed_on >= day
        found["terms_overdue", branch_id] = int(exists and term.due_on < day)
    return {key: value for key, value in found.items() if value}


def running_terms(day: date) -> dict:
    """Return {branch: the term with the highest number that is elected on *day*}."""
    found = {}
    for term in Term.objects.select_related("branch").order_by("number"):
        if term.elected_on and term.elected_on <= day:
            found[term.branch_id] = term
    return found


def flows_of_the_register() -> dict[Key, int]:
    """Return what counts by its date; a post's only from when its month opens."""
    found = defaultdict(int)
    known = {row.month for row in ReportingMonth.objects.all()}

    def add(code, branch_id, day):
        found[f"members.{code}", day.replace(day=1), branch_id, NONE] += 1

    for post in Post.objects.all():
        if post.started_on.replace(day=1) in known:
            add("new_posts", post.branch_id, post.started_on)
        if post.ended_on and post.ended_on.replace(day=1) in known:
            add(f"ended_{post.ending}", post.branch_id, post.ended_on)
    for honour in Honour.objects.filter(state="awarded"):
        add(f"honours_{honour.rank}", honour.branch_id, honour.awarded_on)
    for seat in Delegate.objects.all():
        add(f"delegates_{seat.level}", seat.branch_id, seat.started_on)
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
