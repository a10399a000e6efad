"""What 出彩人家 counts: households on the register, inspections, recognitions, and the
shares, which are computed from totals at every level and never averaged.

A share's denominators are dated facts of federation (``rollups.indicators``): the
number of a month is the newest one by its last day.
"""

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from families.models import Household, Inspection, Recognition
from families.models.choices import Subject
from federation.models import Programme
from federation.months import Month
from rollups import indicators as figures_of_branches  # noqa: F401  declared first
from rollups.readings import (
    at_month_end,
    in_month,
    records_at_month_end,
    records_in_month,
)
from rollups.registry import Indicator, Kind, Source, register

IS_HOUSEHOLD = Q(subject=Subject.HOUSEHOLD)
IS_VILLAGE = Q(subject=Subject.VILLAGE)
SUBJECTS = {
    "households": Count("pk", filter=IS_HOUSEHOLD),
    "villages": Count("pk", filter=IS_VILLAGE),
}
WITH_HOUSEHOLD = ("household", "household__branch")
OF_HOUSEHOLD = Q(household__isnull=False)
INSPECTIONS = {
    "visits": Count("pk", filter=OF_HOUSEHOLD),
    "village_visits": Count("pk", filter=~OF_HOUSEHOLD),
}


def _revoked(first, end):
    return Recognition.objects.filter(revoked_on__gte=first, revoked_on__lt=end)


def _until_now(of_period):
    """Return the recognitions *of_period*, none of a month to come: their marks reach
    the open months only, and such a month counts them on opening."""

    def rows(first, end):
        return of_period(first, min(end, Month.current().next_first_day))

    return rows


_LOOKS = Inspection.objects.made_within
_GRANTS = _until_now(Recognition.objects.granted_within)
_REVOCATIONS = _until_now(_revoked)


def _inspected(months):
    """Yield each household once a month: a second look at it is not a second one."""
    first, end = months[0].first_day, months[-1].next_first_day
    yield (
        Inspection.objects.made_within(first, end)
        .filter(OF_HOUSEHOLD)
        .order_by()
        .values(
            "branch_id",
            inspected_household=F("household_id"),
            month=TruncMonth("inspected_on"),
        )
        .annotate(programme_id=Programme.objects.sentinel_id())
        .distinct()
    )


def link(record) -> str:
    name = record._meta.model_name
    # What merely stands for the time before a merger has no page of its own.
    pk = getattr(record, "continued_as_id", None) or record.pk
    return f"/admin/families/{name}/{pk}/change/"


def _number(record):
    household = record.household
    if household is None or household.branch_id == record.branch_id:
        return household.number if household else ""
    return f"现{household.branch.short_name} {household.number} 号"


# Numbers, no names: a list behind a figure is no roster.
WHERE = {
    "村（社区）": lambda record: record.branch.name,
    "户号": _number,
}
VISIT = WHERE | {
    "日期": lambda inspection: inspection.inspected_on,
    "类别": lambda inspection: inspection.get_kind_display(),
    "总分": lambda inspection: inspection.points,
    "结果": lambda inspection: inspection.get_outcome_display(),
}
GRANTED_ON = WHERE | {"认定日期": lambda recognition: recognition.recognised_on}

REGISTERED = Source(
    name="households",
    rows=at_month_end(Household.objects.registered_on, {"households": Count("pk")}),
    records=records_at_month_end(Household.objects.registered_on),
    columns={
        "村（社区）": lambda household: household.branch.name,
        "户号": lambda household: household.number,
        "登记日期": lambda household: household.entered_on,
    },
    link=link,
)
VISITS = Source(
    name="inspections",
    rows=in_month(_LOOKS, "inspected_on", INSPECTIONS),
    records=records_in_month(_LOOKS, *WITH_HOUSEHOLD),
    columns=VISIT,
    link=link,
    measures=INSPECTIONS,
)
INSPECTED_ONCE = Source(
    name="inspected households",
    rows=_inspected,
    records=records_in_month(_LOOKS, *WITH_HOUSEHOLD),
    columns=VISIT,
    link=link,
    measures={"inspected_household": Count("household", distinct=True)},
)
RECOGNISED = Source(
    name="recognitions",
    rows=at_month_end(Recognition.objects.in_force, SUBJECTS),
    records=records_at_month_end(
        Recognition.objects.in_force, "household", "household__branch"
    ),
    columns=GRANTED_ON,
    link=link,
    measures=SUBJECTS,
)
GRANTED = Source(
    name="recognitions granted",
    rows=in_month(_GRANTS, "granted_on", SUBJECTS),
    records=records_in_month(_GRANTS, *WITH_HOUSEHOLD),
    columns=GRANTED_ON,
    link=link,
    measures=SUBJECTS,
)
REVOKED = Source(
    name="recognitions revoked",
    rows=in_month(_REVOCATIONS, "revoked_on", SUBJECTS),
    records=records_in_month(_REVOCATIONS, *WITH_HOUSEHOLD),
    columns=GRANTED_ON | {"摘牌日期": lambda recognition: recognition.revoked_on},
    link=link,
    measures=SUBJECTS,
)


def _indicator(code, label, kind, source, measure, condition=None, **more):
    if condition is not None:
        more["narrow"] = lambda records: records.filter(condition)
    return Indicator(
        code=f"families.{code}",
        label=label,
        kind=kind,
        source=source,
        measure=measure,
        **({"unit": "户", "is_usual": False} | more),
    )


def _of_both(source, kind, name, households, villages, **more):
    """Return an indicator of the households and one of the villages of *source*."""
    yield _indicator(
        f"{name}_households",
        households,
        kind,
        source,
        "households",
        IS_HOUSEHOLD,
        **more,
    )
    yield _indicator(
        f"{name}_villages",
        villages,
        kind,
        source,
        "villages",
        IS_VILLAGE,
        unit="个",
        **more,
    )


def _share(code, label, numerator, denominator):
    return Indicator(
        code=f"families.{code}",
        label=label,
        unit="%",
        kind=Kind.RATIO,
        numerator=f"families.{numerator}",
        denominator=denominator,
        per=100,
        is_usual=False,
    )


register(
    _indicator("households", "登记家庭户", Kind.STOCK, REGISTERED, "households"),
    _indicator(
        "inspections",
        "入户评比",
        Kind.FLOW,
        VISITS,
        "visits",
        OF_HOUSEHOLD,
        unit="户次",
    ),
    _indicator(
        "village_inspections",
        "村级评比",
        Kind.FLOW,
        VISITS,
        "village_visits",
        ~OF_HOUSEHOLD,
        unit="次",
    ),
    _indicator(
        "inspected_households",
        "评比过的家庭户",
        Kind.DISTINCT,
        INSPECTED_ONCE,
        "inspected_household",
        OF_HOUSEHOLD,
    ),
    *_of_both(RECOGNISED, Kind.STOCK, "recognised", "示范户", "示范村", is_usual=True),
    *_of_both(GRANTED, Kind.FLOW, "granted", "新认定示范户", "新认定示范村"),
    *_of_both(REVOKED, Kind.FLOW, "revoked", "摘牌示范户", "摘牌示范村"),
    _share(
        "household_share", "示范户占比", "recognised_households", "branches.courtyards"
    ),
    _share(
        "village_share",
        "示范村占比",
        "recognised_villages",
        "branches.courtyard_villages",
    ),
)
