"""What activities count: sessions, attendance, active branches."""

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, TruncMonth

from activities.models import Activity, choices
from rollups.registry import Filter, Indicator, Kind, Source, register

FILTERS = {
    "kind": Filter("活动类型", choices.Kind.choices, "kind"),
    "format": Filter("活动形式", choices.Format.choices, "format"),
    "audience": Filter("参加人群", choices.Audience.choices, "audience__contains"),
}

OFFLINE = Coalesce(Sum("attendance_offline"), 0)
ONLINE = Coalesce(Sum("attendance_online"), 0)
MEASURES = {
    "sessions": Count("pk"),
    "offline": OFFLINE,
    "online": ONLINE,
    "people": OFFLINE + ONLINE,
    "children": Coalesce(Sum("children_count"), 0),
}


def _counted(first, end):
    return Activity.objects.counted().filter(starts_on__gte=first, starts_on__lt=end)


def _all(records):
    return records


def _grouped(months, narrow=_all):
    rows = _counted(months[0].first_day, months[-1].next_first_day).order_by()
    groups = narrow(rows).values(
        "branch_id", "programme_id", month=TruncMonth("starts_on")
    )
    yield groups.annotate(**MEASURES)


def _active(months, narrow=_all):
    rows = _counted(months[0].first_day, months[-1].next_first_day).order_by()
    yield (
        narrow(rows)
        .values(
            "branch_id",
            "programme_id",
            month=TruncMonth("starts_on"),
            active_branch=F("branch_id"),
        )
        .distinct()
    )


def _records(first, end):
    return _counted(first, end).select_related("branch", "programme")


COLUMNS = {
    "日期": lambda activity: activity.starts_on,
    "活动": lambda activity: activity.title,
    "主办": lambda activity: activity.branch.name,
    "项目": lambda activity: activity.programme.name,
    "线下人次": lambda activity: activity.attendance_offline,
    "线上人次": lambda activity: activity.attendance_online,
}

ACTIVITIES = Source(
    name="activities",
    rows=_grouped,
    records=_records,
    columns=COLUMNS,
    link=lambda activity: f"/admin/activities/activity/{activity.pk}/change/",
    programme_lookup="programme",
    measures=MEASURES,
)
ACTIVE_BRANCHES = Source(
    name="active branches",
    rows=_active,
    records=_records,
    columns=COLUMNS,
    link=ACTIVITIES.link,
    programme_lookup="programme",
    measures={"active_branch": Count("branch", distinct=True)},
)


# In the order in which the office reads them.
PLACES = (
    "sessions",
    "attendance",
    "attendance_offline",
    "attendance_online",
    "attendance_per_session",
    "children",
    "active_branches",
)


def _place(code: str) -> int:
    return PLACES.index(code) + 1


def _flow(code, label, unit, measure, record_value=lambda activity: 1):
    return Indicator(
        code=f"activities.{code}",
        label=label,
        unit=unit,
        kind=Kind.FLOW,
        source=ACTIVITIES,
        measure=measure,
        record_value=record_value,
        filters=FILTERS,
        place=_place(code),
    )


register(
    _flow("sessions", "活动场次", "场次", "sessions"),
    _flow("attendance", "参加人次", "人次", "people", lambda a: a.attendance),
    _flow(
        "attendance_offline",
        "线下人次",
        "人次",
        "offline",
        lambda a: a.attendance_offline or 0,
    ),
    _flow(
        "attendance_online",
        "线上人次",
        "人次",
        "online",
        lambda a: a.attendance_online or 0,
    ),
    _flow("children", "儿童人次", "人次", "children", lambda a: a.children_count or 0),
    Indicator(
        code="activities.active_branches",
        label="开展活动的组织",
        unit="个",
        kind=Kind.DISTINCT,
        source=ACTIVE_BRANCHES,
        measure="active_branch",
        record_value=lambda activity: activity.branch_id,
        filters=FILTERS,
        place=_place("active_branches"),
    ),
    Indicator(
        code="activities.attendance_per_session",
        label="场均人次",
        unit="人次/场",
        kind=Kind.RATIO,
        numerator="activities.attendance",
        denominator="activities.sessions",
        place=_place("attendance_per_session"),
    ),
)
