"""Draw one activity as a branch would have held it."""

from __future__ import annotations

import math
from datetime import date, time, timedelta
from itertools import accumulate
from random import Random
from uuid import UUID

from activities.demo.texts import Choice, Title, Wording, choices, titles
from activities.models import Activity
from activities.models.choices import (
    Audience,
    CountMethod,
    Format,
    Happening,
    Kind,
    Visibility,
)
from federation.demo import Demo, Sketch
from federation.demo.names import invent_name
from federation.models import Branch, Programme
from federation.months import Month

Level = Branch.Level

SKILLS = (
    Kind.SKILL_COMMERCE,
    Kind.SKILL_HOME,
    Kind.SKILL_WEAVING,
    Kind.SKILL_PASTRY,
)
LAWS = (Kind.LAW, Kind.LAW_TRAINING, Kind.LAW_FORUM)
# People at an ordinary session, by group of branches.
CROWD = {"v": 27, "c": 32, "t": 55, "d": 110, "u": 22}
SIZE_OF = {
    Kind.VISIT: 0.25,
    Kind.MEETING: 0.5,
    Kind.VOLUNTEERING: 0.6,
    Kind.CULTURE: 1.7,
    Kind.HEALTH: 1.2,
    Kind.LAW_FORUM: 1.6,
}
ONLINE_SHARE = {
    Kind.LAW: 0.06,
    Kind.LECTURE: 0.08,
    Kind.PARENTING: 0.1,
    Kind.THEORY: 0.05,
}
WITH_CHILDREN = {Kind.CHILDREN: 0.62, Kind.PARENTING: 0.4, Kind.CULTURE: 0.15}
INTERNAL_SHARE = {Kind.MEETING: 0.75, Kind.VISIT: 0.4}
MANY_DAYS_SHARE = dict.fromkeys(SKILLS, 0.2) | {Kind.LAW_TRAINING: 0.2}
AT_WEEKENDS = {Kind.CHILDREN, Kind.PARENTING, Kind.MATCHMAKING}
ON_WORKDAYS = {Kind.MEETING, Kind.LAW_FORUM, Kind.LAW_TRAINING, Kind.HEALTH}
EVENING_SHARE = {Kind.CULTURE: 0.35, Kind.THEORY: 0.1, Kind.MATCHMAKING: 0.3}
PARTS = {
    "morning": (time(8, 30), time(9), time(9), time(9, 30), time(10)),
    "afternoon": (time(14), time(14, 30), time(14, 30), time(15), time(15, 30)),
    "evening": (time(18, 30), time(19), time(19, 30)),
}
MINUTES = (60, 90, 90, 120, 120, 150)
ONLINE_PLACES = ("线上：微信视频号直播间", "线上：腾讯会议", "线上：妇联姐妹交流群")


def group_of(branch: Branch) -> str:
    """Return the group whose titles and places suit *branch*: v c t d u."""
    groups = {Level.DISTRICT: "d", Level.TOWN: "t", Level.UNIT: "u"}
    if branch.level in groups:
        return groups[branch.level]
    return "c" if branch.short_name.endswith("社区") else "v"


def people_at(activity: Sketch) -> int:
    return activity.attendance_offline + activity.attendance_online


class Drawer:
    """Draws activities; each is complete as a held one, attendance included."""

    def __init__(self, demo: Demo, random: Random):
        self.demo = demo
        self.random = random
        self.wording = Wording(random)
        self.programmes = dict(Programme.objects.values_list("slug", "pk"))
        self.slugs = {pk: slug for slug, pk in self.programmes.items()}
        self.lecturers = [invent_name(random) for _ in range(80)]
        self.taken: set[tuple[int, date]] = set()

    def activity(
        self, branch: Branch, slug: str, first: date, last: date, kinds=()
    ) -> Sketch | None:
        """Return an activity of *branch* between *first* and *last*, days of one month;
        None where its group has no title for that."""
        who = group_of(branch)
        choice = self._choose(slug, who, first, last, tuple(kinds))
        if choice is None:
            return None
        begins, ends = max(first, choice.first), min(last, choice.last)
        day = self._day(branch, choice.title.kind, begins, ends)
        return self._draw(branch, who, slug, choice.title, day)

    def titled(self, branch: Branch, slug: str, name: str, day: date) -> Sketch:
        """Return an activity of *branch* on *day* with the title *name*."""
        title = next(title for title in titles(slug) if title.title == name)
        return self._draw(branch, group_of(branch), slug, title, day)

    def _choose(self, slug, who, first: date, last: date, kinds) -> Choice | None:
        month = Month.of(first)
        suited, weights = choices(slug, who, month, kinds)
        if (first, last) != (month.first_day, month.last_day):
            suited = [c for c in suited if c.first <= last and c.last >= first]
            weights = list(accumulate(choice.weight for choice in suited))
        if not suited:
            return None
        return self.random.choices(suited, cum_weights=weights)[0]

    def _draw(self, branch, who, slug, title: Title, day: date) -> Sketch:
        kind = title.kind
        starts_at, ends_at = self._hours(kind, title.hours)
        activity = Sketch(
            Activity,
            title=title.title.format(short=branch.short_name),
            branch=branch,
            branch_id=branch.pk,
            programme_id=self.programmes[slug],
            kind=kind,
            starts_on=day,
            ends_on=self._last_day(kind, day),
            starts_at=starts_at,
            ends_at=ends_at,
            place=self.wording.place(who, kind, branch.short_name),
            audience=title.audience.replace("+", ","),
            lecturer=self._lecturer(kind),
            happening=Happening.HELD,
            visibility=self._visibility(kind),
            client_token=UUID(int=self.random.getrandbits(128), version=4),
        )
        if self.random.random() < ONLINE_SHARE.get(kind, 0.02):
            self.move_online(activity)
        self.count_people(activity, self._crowd(who, kind, activity.format))
        if self.random.random() < 0.8:
            activity.summary = self.summary(activity, "result")
        return activity

    def move_online(self, activity: Sketch) -> None:
        """Make *activity* an online one, or one both here and there."""
        activity.format = self.random.choice((Format.ONLINE, Format.BOTH))
        if activity.format == Format.ONLINE:
            activity.place = self.random.choice(ONLINE_PLACES)
            activity.ends_on = activity.starts_on

    def count_people(self, activity: Sketch, people: int) -> None:
        """Enter *people* as the attendance, split as the format says."""
        share = {Format.OFFLINE: 0, Format.ONLINE: 1, Format.BOTH: 0.7}[activity.format]
        activity.attendance_online = round(people * share)
        activity.attendance_offline = people - activity.attendance_online
        activity.count_method = self._count_method(activity)
        if activity.format != Format.OFFLINE:
            seen = activity.attendance_online * self.random.randint(2, 9)
            activity.view_count = seen
        children = WITH_CHILDREN.get(activity.kind)
        if children and Audience.CHILDREN in activity.audience.split(","):
            activity.children_count = int(activity.attendance_offline * children)

    def summary(self, activity: Sketch, stage: str) -> str:
        kinds = activity.kind, self.slugs[activity.programme_id]
        return self.wording.summary(
            stage, kinds, activity.lecturer, activity.branch.short_name
        )

    def _day(self, branch, kind, first: date, last: date) -> date:
        """Draw a day that suits the kind and on which *branch* holds nothing yet."""
        span = (last - first).days
        day = first
        for _ in range(6):
            day = first + timedelta(days=int(self.random.random() * (span + 1)))
            at_weekend = day.weekday() >= 5
            likes = kind in AT_WEEKENDS and at_weekend
            dislikes = kind in ON_WORKDAYS and at_weekend
            indifferent = kind not in AT_WEEKENDS and not at_weekend
            fits = likes or indifferent or (not dislikes and self.random.random() < 0.4)
            if fits and (branch.pk, day) not in self.taken:
                break
        self.taken.add((branch.pk, day))
        return day

    def _hours(self, kind, part: str) -> tuple[time | None, time | None]:
        """Draw when it begins and ends, in the *part* of the day its title asks for."""
        if self.random.random() < 0.06:
            return None, None
        if not part and self.random.random() < EVENING_SHARE.get(kind, 0.02):
            part = "evening"
        part = part or self.random.choice(("morning", "afternoon"))
        starts_at = self.random.choice(PARTS[part])
        if self.random.random() < 0.15:
            return starts_at, None
        minutes = starts_at.hour * 60 + starts_at.minute + self.random.choice(MINUTES)
        return starts_at, time(minutes // 60, minutes % 60)

    def _last_day(self, kind, day: date) -> date:
        if self.random.random() >= MANY_DAYS_SHARE.get(kind, 0.003):
            return day
        return day + timedelta(days=self.random.randint(1, 3))

    def _lecturer(self, kind) -> str:
        role = self.wording.role_of_lecturer(kind)
        if not role or self.random.random() < 0.25:
            return ""
        return f"{self.random.choice(self.lecturers)}（{role}）"

    def _visibility(self, kind) -> str:
        hidden = self.random.random() < INTERNAL_SHARE.get(kind, 0.015)
        return Visibility.INTERNAL if hidden else Visibility.PUBLIC

    def _crowd(self, who: str, kind, form: str) -> int:
        usual = CROWD[who] * SIZE_OF.get(kind, 1) * (1 if form == Format.OFFLINE else 2)
        return max(3, int(self.random.lognormvariate(math.log(usual), 0.35)))

    def _count_method(self, activity: Sketch) -> str:
        if activity.format == Format.ONLINE:
            return CountMethod.EXPORT
        if activity.attendance_offline > 60:
            return self.random.choice((CountMethod.ESTIMATE, CountMethod.HEADCOUNT))
        return self.random.choice(
            (CountMethod.SHEET, CountMethod.SHEET, CountMethod.HEADCOUNT)
        )
