"""What looks wrong in an entry (存疑): marked for whoever decides, never refused.

Everything is asked of the database in one statement, whatever the number of records.
Of an approved record whose change waits, the change is what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateField,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, NullIf, Replace, TruncDate

from activities import review
from activities.models import Activity
from activities.models.choices import Happening, Review
from federation.wording import grouped

TIMES_THE_USUAL = 10
LEAST_TO_BE_USUAL = 5  # sessions of the last year; of fewer nothing is usual
LATE_DAYS = 60
THE_SAME = 5  # sessions in a row with the very same attendance
REPEATED = "重复填报"
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that looks wrong: a word for a chip, and a sentence."""

    word: str
    sentence: str


def doubtful(activities):
    """Return those of *activities*, a queryset, that look wrong in any way."""
    found = Q(is_repeated=True) | Q(is_late=True)
    found |= Q(is_outsized=True) | Q(is_constant=True)
    return _questioned(activities, "alias").filter(found)


def doubts_of(activities: Iterable[Activity]) -> dict[int, list[Doubt]]:
    """Return ``{key: doubts}`` of those of *activities* that look wrong."""
    pks = [activity.pk for activity in activities]
    if not pks:
        return {}
    asked = Activity.objects.filter(pk__in=pks).order_by()
    rows = _questioned(asked, "annotate").values(
        "pk",
        "is_repeated",
        "is_late",
        "is_constant",
        "is_outsized",
        "usual",
        "seen_people",
        "seen_day",
        "entered_on",
    )
    told = {row["pk"]: _in_words(row) for row in rows}
    return {pk: doubts for pk, doubts in told.items() if doubts}


def hints_about(activity: Activity) -> list[str]:
    """Return what her who has just saved *activity* should look at once more."""
    doubts = doubts_of([activity]).get(activity.pk, [])
    hints = [f"{doubt.word}？{doubt.sentence}没有错就不用改。" for doubt in doubts]
    if any(doubt.word == REPEATED for doubt in doubts):
        return hints
    typed = review.working_copy(copy(activity))
    for title in review.resembling_titles(typed)[:1]:
        hints.append(
            f"疑似重复：同一天、同一地点、同一项目已有《{title}》。"
            "如果是同一场，请只留一条；不是的话不用理会。"
        )
    return hints


def _in_words(row: dict) -> list[Doubt]:
    doubts = []
    if row["is_repeated"]:
        doubts.append(
            Doubt(REPEATED, "本组织同一天已有同名的活动，可能填了两次。只留一条就行。")
        )
    if row["is_outsized"]:
        doubts.append(
            Doubt(
                "人次偏多",
                f"填了 {grouped(row['seen_people'])} 人次，本组织近一年平均每场只有"
                f" {grouped(round(row['usual']))} 人次，请核对是不是多写了一位。",
            )
        )
    if row["is_late"]:
        days = (row["entered_on"] - row["seen_day"]).days
        doubts.append(
            Doubt("日期久远", f"活动过了 {days} 天才录入，请核对年份和月份。")
        )
    if row["is_constant"]:
        doubts.append(
            Doubt(
                "人次雷同",
                f"连续 {THE_SAME} 场都是 {grouped(row['seen_people'])} 人次，"
                "请按每场的实际人数填。",
            )
        )
    return doubts


def _questioned(activities, verb: str):
    """Put the questions on *activities* by *verb*, ``annotate`` or ``alias``."""
    asked = activities.exclude(review=Review.WITHDRAWN).exclude(
        happening=Happening.CANCELLED
    )
    for questions in (
        {
            "seen_branch": _seen("branch", BigIntegerField()),
            "seen_day": _seen("starts_on", DateField()),
            "seen_title": _plain(_seen("title", TextField())),
            "seen_people": _people(
                _seen("attendance_offline", IntegerField()),
                _seen("attendance_online", IntegerField()),
            ),
            "entered_on": TruncDate("recorded_at"),
        },
        {
            "year_before": Cast(F("seen_day") - YEAR, DateField()),
            "late_from": Cast(F("seen_day") + timedelta(LATE_DAYS), DateField()),
        },
        {
            "is_repeated": Exists(_namesakes()),
            "usual": Subquery(_usual()),
            "is_late": _truth(Q(entered_on__gt=F("late_from"))),
            "is_constant": _truth(_as_before()),
        },
        {"is_outsized": _truth(_far_from_usual())},
    ):
        asked = getattr(asked, verb)(**questions)
    return asked


def _seen(name: str, field):
    """Return the value of *name* as its editors see it: as proposed, if a change
    waits."""
    # SQLite reads the null of JSON as a word.
    proposed = Cast(NullIf(KT(f"proposal__{name}"), Value("null")), field)
    column = Activity._meta.get_field(name).attname
    return Case(
        When(proposal__isnull=False, then=proposed),
        default=F(column),
        output_field=field,
    )


def _plain(title):
    for space in (" ", "\u3000"):
        title = Replace(title, Value(space), Value(""))
    return title


def _people(offline, online):
    # Null only when both are: a session whose figures are still to come.
    return Coalesce(offline + online, offline, online)


def _truth(condition: Q):
    # Null, where nothing is known, is no doubt.
    return Case(
        When(condition, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _others():
    """Return the other records of the branch that stand for something."""
    others = Activity.objects.filter(branch=OuterRef("seen_branch"))
    return others.exclude(pk=OuterRef("pk")).exclude(review=Review.WITHDRAWN)


def _namesakes():
    others = _others().exclude(happening=Happening.CANCELLED).order_by()
    others = others.filter(starts_on=OuterRef("seen_day"))
    return others.annotate(plain=_plain(F("title"))).filter(
        plain=OuterRef("seen_title")
    )


def _usual():
    """Return the average attendance of the branch's sessions of the year before; null
    if they were too few."""
    sessions = (
        _others()
        .counted()
        .order_by()
        .filter(starts_on__gt=OuterRef("year_before"))
        .filter(starts_on__lte=OuterRef("seen_day"))
    )
    people = _people(F("attendance_offline"), F("attendance_online"))
    # A function to Django and no aggregate: it would group by what is outside.
    average = Func(
        people,
        template=f"CASE WHEN COUNT(*) >= {LEAST_TO_BE_USUAL} "
        "THEN SUM(%(expressions)s) * 1.0 / COUNT(*) END",
        output_field=FloatField(),
    )
    return sessions.annotate(average=average).values("average")


def _far_from_usual() -> Q:
    # A hair less: an average of thirds is not exact.
    return Q(usual__gt=0, seen_people__gte=F("usual") * TIMES_THE_USUAL - 0.001)


def _as_before() -> Q:
    """Tell whether each of the last sessions had the same attendance as this one."""
    columns = _people(F("attendance_offline"), F("attendance_online"))
    earlier = Q(starts_on__lt=OuterRef("seen_day")) | Q(
        starts_on=OuterRef("seen_day"), pk__lt=OuterRef("pk")
    )
    before = (
        _others()
        .filter(earlier, starts_on__gt=OuterRef("year_before"))
        .annotate(people=columns)
        .filter(happening=Happening.HELD, people__isnull=False)
        .order_by("-starts_on", "-pk")
        .values("people")
    )
    same = Q()
    for step in range(THE_SAME - 1):
        same &= Q(seen_people=Subquery(before[step : step + 1]))
    return same
