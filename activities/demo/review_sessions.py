"""The sessions that the work review prints: their totals are its figures, exactly."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from activities.demo.calendar_share import Places, month_shares
from activities.demo.drawing import LAWS, SKILLS, Drawer, people_at
from activities.demo.texts import choices
from activities.models.choices import Format, Kind
from federation import programmes
from federation.demo import Demo, Sketch, apportion
from federation.models import Programme

FIGURES = Path(programmes.__file__).with_name("data") / "work_review_figures.csv"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the sessions of one programme are spread: *kinds* by weight, the groups of
    branches by weight, and how many of them were online."""

    slug: str
    sessions: str  # the figure's name in the review
    kinds: dict[str, int]
    groups: dict[str, int]
    attendance: str = ""
    online_share: float = 0.0


PLANS = (
    Plan(
        "new-journey",
        "主题宣讲场次",
        {Kind.THEORY: 1},
        {"v": 5, "c": 3, "t": 4, "d": 1, "u": 1},
    ),
    Plan("talks", "宣讲场次", {Kind.THEORY: 1}, {"v": 4, "c": 2, "t": 4, "u": 1}),
    Plan(
        "law",
        "普法宣讲、法律明白人培训、法治论坛场次",
        dict(zip(LAWS, (370, 72, 18), strict=True)),
        {"v": 7, "c": 3, "t": 3, "d": 1, "u": 1},
        attendance="参加人次",
    ),
    Plan(
        "jobs",
        "技能培训场次",
        dict(zip(SKILLS, (32, 22, 18, 18), strict=True)),
        {"v": 2, "c": 2, "t": 6, "d": 3},
        attendance="技能培训参加人次",
        online_share=0.35,
    ),
    Plan("five-loves", "进基层培训场次", {Kind.PARENTING: 1}, {"v": 2, "c": 3, "t": 4}),
    Plan("matchmaking", "集体相亲联谊活动", {Kind.MATCHMAKING: 1}, {"d": 1}),
)


def draw_review_sessions(
    demo: Demo, drawer: Drawer, places: Places
) -> Iterator[Sketch]:
    """Yield the held sessions of every programme that the review prints."""
    figures = _figures()
    for plan in PLANS:
        name = Programme.objects.get(slug=plan.slug).name
        sessions = figures[name, plan.sessions]
        drawn = list(_draw(demo, drawer, places, plan, sessions))
        if plan.attendance:
            _fit_attendance(drawer, drawn, figures[name, plan.attendance])
        yield from drawn


def _figures() -> dict[tuple[str, str], int]:
    with FIGURES.open(encoding="utf-8", newline="") as lines:
        return {
            (row["programme"], row["figure"]): int(row["value"])
            for row in csv.DictReader(lines)
        }


def _draw(demo: Demo, drawer: Drawer, places: Places, plan: Plan, sessions: int):
    random = drawer.random
    kinds = _kinds(plan, sessions, random)
    months = month_shares(demo, sessions, lambda month: _has_titles(plan, month))
    days = [month for month, count in months.items() for _ in range(count)]
    for month, kind in zip(days, kinds, strict=True):
        while True:  # some groups have no title for this kind in this month
            branch = places.of_groups(plan.groups, month)
            activity = drawer.activity(
                branch, plan.slug, *demo_days(demo, month), (kind,)
            )
            if activity is not None:
                break
        _set_format(drawer, activity, plan.online_share)
        yield activity


def _has_titles(plan: Plan, month) -> bool:
    """Tell whether there is a title for every kind in *month*: nobody meets for 七夕
    in March."""
    return all(
        any(choices(plan.slug, group, month, (kind,))[0] for group in plan.groups)
        for kind in plan.kinds
    )


def demo_days(demo: Demo, month):
    """Return the first and the last day of *month* that lie before today."""
    return month.first_day, min(month.last_day, demo.yesterday)


def _kinds(plan: Plan, sessions: int, random: Random) -> list[str]:
    shares = apportion(sessions, list(plan.kinds.values()))
    pairs = zip(plan.kinds, shares, strict=True)
    kinds = [kind for kind, count in pairs for _ in range(count)]
    random.shuffle(kinds)
    return kinds


def _set_format(drawer: Drawer, activity: Sketch, online_share: float) -> None:
    if drawer.random.random() < online_share and activity.format == Format.OFFLINE:
        drawer.move_online(activity)
        # An online class of the district has several times the people of a room.
        drawer.count_people(activity, people_at(activity) * 6)


def _fit_attendance(drawer: Drawer, activities: list[Sketch], people: int) -> None:
    """Give *activities* exactly *people* 人次, in proportion to what was drawn."""
    shares = apportion(people, [people_at(a) for a in activities], least=5)
    for activity, share in zip(activities, shares, strict=True):
        drawer.count_people(activity, share)
