"""Figures about branches themselves, and the dated numbers that rates are given of:
federation stands below rollups, so they are declared here."""

from datetime import timedelta

from django.db.models import Count, F, Max, Min, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now, TruncMonth

from federation.models import Branch, BranchStat, Programme, ReportingMonth
from federation.models.branches import NEW_FIELDS
from rollups import reported  # noqa: F401  provides what the district defines
from rollups.readings import at_month_end, records_at_month_end
from rollups.registry import Indicator, Kind, Source, as_month, register

IS_VILLAGE = Q(level=Branch.Level.VILLAGE)
KINDS = {
    "branches": Count("pk"),
    "villages": Count("pk", filter=IS_VILLAGE),
}
HAS_COURTYARDS = Q(value__gt=0)
VALUES = {
    # Before the sum: after it, "value" would be the sum's name.
    "villages": Count("pk", filter=HAS_COURTYARDS),
    "value": Sum("value"),
}


def _existing(months):
    for month in months:
        yield (
            Branch.objects.existing_on(month.last_day)
            .order_by()
            .values(branch_id=F("pk"))
            .annotate(
                month=as_month(month),
                programme_id=Programme.objects.sentinel_id(),
                **KINDS,
            )
        )


def _existing_records(first, end):
    return Branch.objects.existing_on(end - timedelta(days=1))


def courtyards_on(day, known_by=None):
    """Return the courtyards of each village as last counted by *day*, of what was
    entered by *known_by*. The branches above have none of their own: theirs are the
    sum."""
    stats = BranchStat.objects.newest(BranchStat.Figure.COURTYARDS, day, known_by)
    villages = Branch.objects.existing_on(day).filter(IS_VILLAGE)
    return stats.filter(branch__in=villages.order_by().values("pk"))


def courtyards_counted_on(month, branch):
    """Return the oldest and the newest day on which the courtyards below *branch* were
    counted that the rates of *month* are given of. What was entered after its closing
    is in none of them."""
    closed = ReportingMonth.objects.closed().filter(month=month.first_day)
    known_by = Coalesce(Subquery(closed.order_by().values("closed_at")), Now())
    stats = courtyards_on(month.last_day, known_by).within(branch)
    days = stats.aggregate(oldest=Min("as_of"), newest=Max("as_of"))
    return days["oldest"], days["newest"]


def _founded(months):
    first, end = months[0].first_day, months[-1].next_first_day
    yield (
        Branch.objects.filter(
            kind__in=NEW_FIELDS, founded_on__gte=first, founded_on__lt=end
        )
        .order_by()
        .values(month=TruncMonth("founded_on"), branch_id=F("pk"))
        .annotate(programme_id=Programme.objects.sentinel_id(), branches=Count("pk"))
    )


def _founded_records(first, end):
    return Branch.objects.filter(
        kind__in=NEW_FIELDS, founded_on__gte=first, founded_on__lt=end
    )


COLUMNS = {
    "名称": lambda branch: branch.name,
    "类别": lambda branch: branch.get_kind_display(),
    "成立日期": lambda branch: branch.founded_on,
}

EXISTING = Source(
    name="branches",
    rows=_existing,
    records=_existing_records,
    columns=COLUMNS,
    link=lambda branch: branch.get_absolute_url(),
    measures=KINDS,
)
COURTYARDS = Source(
    name="courtyards",
    rows=at_month_end(courtyards_on, VALUES),
    records=records_at_month_end(courtyards_on),
    columns={
        "组织": lambda stat: stat.branch.name,
        "常住庭院户数": lambda stat: stat.value,
        "截至日期": lambda stat: stat.as_of,
        "来源": lambda stat: stat.source,
    },
    link=lambda stat: f"/admin/federation/branchstat/{stat.pk}/change/",
    measures=VALUES,
    counted_on=courtyards_counted_on,
)
FOUNDED = Source(
    name="branches founded",
    rows=_founded,
    records=_founded_records,
    columns=COLUMNS,
    link=lambda branch: branch.get_absolute_url(),
)

register(
    Indicator(
        code="branches.existing",
        label="妇联组织",
        unit="个",
        kind=Kind.STOCK,
        source=EXISTING,
        measure="branches",
    ),
    Indicator(
        code="branches.villages",
        label="村（社区）妇联",
        unit="个",
        kind=Kind.STOCK,
        source=EXISTING,
        measure="villages",
        narrow=lambda branches: branches.filter(IS_VILLAGE),
        is_usual=False,
    ),
    Indicator(
        code="branches.courtyards",
        label="常住庭院户数",
        unit="户",
        kind=Kind.STOCK,
        source=COURTYARDS,
        measure="value",
        record_value=lambda stat: stat.value,
        is_usual=False,
    ),
    # Communities of blocks of flats have none, and take no part in 出彩人家.
    Indicator(
        code="branches.courtyard_villages",
        label="有庭院户的村",
        unit="个",
        kind=Kind.STOCK,
        source=COURTYARDS,
        measure="villages",
        narrow=lambda stats: stats.filter(HAS_COURTYARDS),
        is_usual=False,
    ),
    Indicator(
        code="branches.new_fields_founded",
        label="新建三新领域妇联组织",
        unit="家",
        kind=Kind.FLOW,
        source=FOUNDED,
        measure="branches",
    ),
)
