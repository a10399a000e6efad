"""Figures about branches themselves: federation stands below rollups, so they are
declared here."""

from datetime import timedelta

from django.db.models import Count, F
from django.db.models.functions import TruncMonth

from federation.models import Branch, Programme
from federation.models.branches import NEW_FIELDS
from rollups import reported  # noqa: F401  provides what the district defines
from rollups.registry import Indicator, Kind, Source, as_month, register


def _existing(months):
    for month in months:
        yield (
            Branch.objects.existing_on(month.last_day)
            .order_by()
            .values(branch_id=F("pk"))
            .annotate(
                month=as_month(month),
                programme_id=Programme.objects.sentinel_id(),
                branches=Count("pk"),
            )
        )


def _existing_records(first, end):
    return Branch.objects.existing_on(end - timedelta(days=1))


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
        code="branches.new_fields_founded",
        label="新建三新领域妇联组织",
        unit="家",
        kind=Kind.FLOW,
        source=FOUNDED,
        measure="branches",
    ),
)
