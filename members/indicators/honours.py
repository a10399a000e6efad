"""Honours by rank and delegates by level of congress, in the month of their date."""

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from federation.models import Programme
from members.models import Delegate, Honour
from members.models.choices import CongressLevel, Rank
from rollups.registry import Indicator, Kind, Source, register

RANKS = {rank: Count("pk", filter=Q(rank=rank)) for rank in Rank.values}
LEVELS = {level: Count("pk", filter=Q(level=level)) for level in CongressLevel.values}


def _awarded(first, end):
    awarded = Honour.objects.awarded()
    return awarded.filter(awarded_on__gte=first, awarded_on__lt=end)


def _elected(first, end):
    return Delegate.objects.filter(started_on__gte=first, started_on__lt=end)


def _rows(found, field, measures):
    def rows(months):
        yield (
            found(months[0].first_day, months[-1].next_first_day)
            .order_by()
            .values("branch_id", month=TruncMonth(field))
            .annotate(programme_id=Programme.objects.sentinel_id(), **measures)
        )

    return rows


def _records(found):
    def records(first, end):
        return found(first, end).select_related("branch", "member")

    return records


HONOURS = Source(
    name="honours",
    rows=_rows(_awarded, "awarded_on", RANKS),
    records=_records(_awarded),
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
    rows=_rows(_elected, "started_on", LEVELS),
    records=_records(_elected),
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
