"""Honours by rank and delegates by level of congress, in the month of their date."""

from django.db.models import Count, Q

from members.models import Delegate, Honour
from members.models.choices import CongressLevel, Rank
from rollups.readings import in_month, records_in_month
from rollups.registry import Indicator, Kind, Source, register

RANKS = {rank: Count("pk", filter=Q(rank=rank)) for rank in Rank.values}
LEVELS = {level: Count("pk", filter=Q(level=level)) for level in CongressLevel.values}


def _awarded(first, end):
    awarded = Honour.objects.awarded()
    return awarded.filter(awarded_on__gte=first, awarded_on__lt=end)


def _elected(first, end):
    return Delegate.objects.filter(started_on__gte=first, started_on__lt=end)


HONOURS = Source(
    name="honours",
    rows=in_month(_awarded, "awarded_on", RANKS),
    records=records_in_month(_awarded, "member"),
    columns={
        "荣誉名称": lambda honour: honour.title,
        "获奖者": lambda honour: honour.holder,
        "组织": lambda honour: honour.branch.name,
        "授予单位": lambda honour: honour.awarding_body,
        "授予日期": lambda honour: honour.awarded_on,
    },
    link=lambda honour: f"/admin/members/honour/{honour.pk}/change/",
    measures=RANKS,
)
DELEGATES = Source(
    name="delegates",
    rows=in_month(_elected, "started_on", LEVELS),
    records=records_in_month(_elected, "member"),
    columns={
        "姓名": lambda seat: seat.member.name,
        "组织": lambda seat: seat.branch.name,
        "大会": lambda seat: f"第 {seat.congress} 次",
        "当选日期": lambda seat: seat.started_on,
    },
    link=lambda seat: f"/admin/members/delegate/{seat.pk}/change/",
    measures=LEVELS,
)


def _of(source, choice, code, label, unit, condition):
    return Indicator(
        code=f"members.{code}_{choice.value}",
        label=label,
        unit=unit,
        kind=Kind.FLOW,
        source=source,
        measure=choice.value,
        narrow=lambda records: records.filter(condition),
        is_usual=False,
    )


register(
    *(
        _of(HONOURS, rank, "honours", f"{rank.label}荣誉", "项", Q(rank=rank))
        for rank in Rank
    ),
    *(
        _of(
            DELEGATES,
            level,
            "delegates",
            f"{level.label}妇代会代表",
            "人",
            Q(level=level),
        )
        for level in CongressLevel
    ),
)
