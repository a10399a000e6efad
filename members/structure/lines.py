"""What is counted of a committee, line by line, as the office's form has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from federation.models.branches import Level
from members.models.choices import (
    BACHELOR_AND_UP,
    ConcurrentOffice,
    Education,
    Gender,
    PoliticalStatus,
    Title,
)

Condition = Callable[[date], Q | None]


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line: *condition* says on a date which posts make a person count; *of* is the
    line of which it is a share.

    *is_seldom*: left out of a report in which nobody could be counted.
    """

    code: str
    label: str
    condition: Condition
    of: str = "people"
    is_seldom: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines under one title. *parts* of a whole have a chart; *note* says how the
    group is counted, to whoever reads it."""

    title: str
    lines: tuple[Line, ...]
    parts: bool = False
    note: str = ""


def _always(condition: Q | None) -> Condition:
    return lambda on: condition


def _aged(least: int | None, most: int | None) -> Condition:
    """Return who is *least* to *most* years old, both included: the month of birth
    counts as reached."""

    def condition(on: date) -> Q:
        found = Q(member__birth_month__isnull=False)
        if least is not None:
            found &= Q(member__birth_month__lte=_years_before(on, least))
        if most is not None:
            found &= Q(member__birth_month__gt=_years_before(on, most + 1))
        return found

    return condition


def _years_before(on: date, years: int) -> date:
    return date(on.year - years, on.month, 1)


def _of_choices(field: str, prefix: str, choices) -> tuple[Line, ...]:
    return (
        *(
            Line(
                f"{prefix}_{choice.value}", choice.label, _always(Q(**{field: choice}))
            )
            for choice in choices
        ),
        Line(f"{prefix}_unknown", "未填", _always(Q(**{field: ""})), is_seldom=True),
    )


PEOPLE = Line("people", "执委人数", _always(None))
BACHELORS = Line(
    "bachelors",
    "本科及以上",
    _always(Q(member__education__in=BACHELOR_AND_UP)),
)
IS_PART_TIME = Q(title=Title.VICE_PART) | ~Q(concurrent_office="")
IS_STREET_CHAIR = Q(title=Title.CHAIR, branch__level=Level.TOWN)

GROUPS = (
    Group(
        "人数",
        (
            PEOPLE,
            Line("chairs", "主席", _always(Q(title=Title.CHAIR))),
            Line(
                "vice_chairs",
                "副主席",
                _always(
                    Q(title__in=[Title.VICE_FULL, Title.VICE_PART, Title.VICE_SECONDED])
                ),
            ),
            Line("men", "男性", _always(Q(member__gender=Gender.MALE)), is_seldom=True),
        ),
        note="同一个人在同一组织有几个职务，只算一人。",
    ),
    Group(
        "年龄",
        (
            Line("age_30", "30 岁及以下", _aged(None, 30)),
            Line("age_40", "31–40 岁", _aged(31, 40)),
            Line("age_50", "41–50 岁", _aged(41, 50)),
            Line("age_60", "51–60 岁", _aged(51, 60)),
            Line("age_61", "61 岁及以上", _aged(61, None)),
            Line(
                "age_unknown",
                "未填",
                _always(Q(member__birth_month__isnull=True)),
                is_seldom=True,
            ),
        ),
        parts=True,
        note="周岁，按当天计算，出生当月算满。",
    ),
    Group(
        "学历",
        _of_choices("member__education", "education", Education),
        parts=True,
        note="学历、政治面貌和身份按名册现在的记录。",
    ),
    Group(
        "政治面貌",
        _of_choices("member__political_status", "politics", PoliticalStatus),
        parts=True,
    ),
    Group(
        "构成",
        (
            BACHELORS,
            Line("part_time", "兼职", _always(IS_PART_TIME)),
            Line(
                "village_cadres",
                "村（社区）两委成员",
                _always(Q(member__is_village_cadre=True)),
            ),
            Line(
                "new_employment",
                "新就业群体",
                _always(Q(member__is_new_employment=True)),
            ),
            Line(
                "street_chairs",
                "镇街主席",
                _always(IS_STREET_CHAIR),
                of="",
                is_seldom=True,
            ),
            Line(
                "deputy_chairs",
                "其中：由党政女性副职兼任",
                _always(
                    IS_STREET_CHAIR
                    & Q(
                        concurrent_office=ConcurrentOffice.PARTY_GOVERNMENT_DEPUTY,
                        member__gender=Gender.FEMALE,
                    )
                ),
                of="street_chairs",
                is_seldom=True,
            ),
        ),
        note="兼职：兼职副主席，以及任职里填了“兼任”的其他成员。",
    ),
)
LINES = tuple(line for group in GROUPS for line in group.lines)
