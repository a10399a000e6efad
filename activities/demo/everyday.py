"""What branches do from week to week: held, and planned for the two months to come."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from datetime import date, timedelta
from uuid import UUID

from activities.demo.calendar_share import Places, month_shares, season_of
from activities.demo.drawing import SKILLS, Drawer, people_at
from activities.demo.review_sessions import demo_days
from activities.demo.stories import UNKNOWN_YET, Story, Teller
from activities.models import Series
from activities.models.choices import Happening, Kind, Visibility
from activities.review import values_of
from federation.demo import Demo, Sketch, load
from federation.demo.registry import at
from federation.models import Branch
from federation.months import Month

COUNTED = 12_000  # held and counted in the five years, the review's sessions included
# Planned in an ordinary month to come.
EVERYDAY_PLANS, PROGRAMME_PLANS = 140, 55
LATE_SHARE = 0.03
GIVE_UP = 0.01
JOINT = {
    Kind.LAW,
    Kind.HEALTH,
    Kind.MATCHMAKING,
    Kind.CHILDREN,
    Kind.VOLUNTEERING,
    *SKILLS,
}
# The programmes of what is still to come, by weight. Those that the review prints no
# sessions of begin only now: what was held is as printed.
COMING = {
    "law": 7,
    "talks": 4,
    "new-journey": 4,
    "jobs": 3,
    "five-loves": 2,
    "growing-class": 5,
    "health": 2,
    "science": 1,
    "countryside": 2,
    "matchmaking": 1,
}
# (branch, rhythm, days between, title) of what is repeated.
SERIES = (
    ("370114001001", "weekly", 7, "健身操大家跳"),
    ("370114001001", "weekly", 7, "四点半课堂：硬笔书法"),
    ("370114001005", "weekly", 7, "社区瑜伽课"),
    ("370114002", "monthly", 30, "姐妹读书会"),
    ("370114003", "weekly", 7, "钩针编织小组"),
    ("370114008", "weekly", 7, "姐妹合唱队排练"),
    ("370114013", "monthly", 30, "免费量血压测血糖"),
    ("370114", "monthly", 30, "女性心理减压讲座"),
)
SESSIONS_BEFORE, SESSIONS_AFTER = 5, 6


class Everyday:
    """Tells the stories of everyday activities."""

    def __init__(self, demo: Demo, drawer: Drawer, places: Places, teller: Teller):
        self.demo = demo
        self.drawer = drawer
        self.places = places
        self.teller = teller
        self.random = drawer.random

    def held(self, total: int) -> Iterator[list[Story]]:
        """Yield the stories of *total* everyday activities that count, by month."""
        for month, count in month_shares(self.demo, total).items():
            yield [self.report(self._draw(month, "everyday")) for _ in range(count)]

    def planned(self) -> Iterator[list[Story]]:
        """Yield the plans from today to the end of the second month ahead."""
        for month in Month.range(self.demo.this_month, self.demo.last_month):
            share = 1.0
            if month == self.demo.this_month:
                share *= 1 - (self.demo.today.day - 1) / month.last_day.day
            else:
                share *= season_of(self.demo, month)
            slugs = ["everyday"] * round(EVERYDAY_PLANS * share * self.demo.scale)
            slugs += self.random.choices(
                list(COMING), COMING.values(), k=round(PROGRAMME_PLANS * share)
            )
            yield [self.plan(self._draw(month, slug, held=False)) for slug in slugs]

    def report(self, activity: Sketch) -> Story:
        """Tell how *activity* was planned or not, held, reported and approved."""
        teller, random = self.teller, self.random
        activity.ends_on = min(activity.ends_on, self.demo.yesterday)
        delay = self._delay(activity)
        if random.random() < 0.45 and not delay:
            story = teller.entered(activity, teller.before(activity, 2, 14))
            summary = self.drawer.summary(activity, "plan")
            result = values_of(activity)
            teller.approved(story, result | UNKNOWN_YET | {"summary": summary})
            activity.updated_at = teller.no_later(
                max(activity.updated_at, teller.after(activity, 0, 4))
            )
        else:
            moment = teller.after(activity, *(delay or (0, 5)))
            story = teller.entered(activity, moment)
            result = None
        teller.approved(story, result)
        self._join(story)
        return story

    def plan(self, activity: Sketch) -> Story:
        """Tell how the plan of *activity* was approved, some days ago."""
        story = self.planned_draft(activity)
        self.teller.approved(story)
        self._join(story)
        return story

    def planned_draft(self, activity: Sketch) -> Story:
        """Begin the story of a plan that its branch has entered."""
        teller = self.teller
        teller.make_plan(activity, self.drawer.summary(activity, "plan"))
        moment = min(teller.before(activity, 5, 16), self._recently())
        return teller.entered(activity, moment)

    def draw(self, branch: Branch, first: date, last: date, kinds=()) -> Sketch:
        """Draw an everyday activity of *branch*, in the month of *first*."""
        last = min(last, Month.of(first).last_day)
        return self.drawer.activity(branch, "everyday", first, last, kinds)

    def series(self) -> Iterator[Story]:
        """Yield the sessions of what is repeated: some held, one cancelled, one moved,
        the rest to come."""
        for shift, (code, rhythm, days, title) in enumerate(SERIES):
            branch = self.places.by_code[code]
            pattern = self.drawer.titled(branch, "everyday", title, self.demo.today)
            first = self.demo.today - timedelta(days=days * SESSIONS_BEFORE - shift - 2)
            row = Sketch(
                Series,
                branch_id=branch.pk,
                rhythm=rhythm,
                created_by_id=self.teller.author(branch.pk),
                created_at=at(first - timedelta(days=6), 10),
            )
            load(Series, [row])
            for number in range(SESSIONS_BEFORE + SESSIONS_AFTER):
                day = first + timedelta(days=days * number)
                session = self._session(pattern, row, day)
                if day > self.demo.last_month.last_day:
                    break
                # Shifted, so that not all are called off in the same week.
                yield self._told(session, number + shift % 3)

    def _session(self, pattern: Sketch, row: Sketch, day: date) -> Sketch:
        session = copy(pattern)
        session.series_id = row.id
        session.starts_on = session.ends_on = day
        session.visibility = Visibility.PUBLIC
        session.client_token = UUID(int=self.random.getrandbits(128), version=4)
        people = max(4, people_at(pattern) + self.random.randint(-6, 6))
        self.drawer.count_people(session, people)
        return session

    def _told(self, session: Sketch, number: int) -> Story:
        if number == SESSIONS_BEFORE - 2:
            return self.called_off(session, Happening.CANCELLED)
        if number == SESSIONS_BEFORE + 2:
            return self.called_off(session, Happening.POSTPONED)
        if session.starts_on < self.demo.today:
            return self.report(session)
        return self.plan(session)

    def called_off(self, activity: Sketch, happening: str) -> Story:
        """Tell how an approved plan was cancelled or postponed."""
        story = self.plan(activity)
        activity.happening = happening
        word = {Happening.CANCELLED: "取消", Happening.POSTPONED: "延期"}[happening]
        note = self.random.choice(
            (
                f"因天气原因{word}，请相互转告。",
                f"因场地临时占用{word}，给大家添麻烦了。",
                f"主讲人临时有任务，活动{word}，时间另行通知。",
            )
        )
        activity.summary = note
        self.teller.approved(story)
        return story

    def _draw(self, month: Month, slug: str, held: bool = True) -> Sketch:
        first, last = demo_days(self.demo, month)
        if not held:
            first, last = max(month.first_day, self.demo.today), month.last_day
        while True:  # not every group has a title for every programme
            branch = self.places.anywhere(month)
            activity = self.drawer.activity(branch, slug, first, last)
            if activity is not None:
                return activity
            # Few branches have a 相亲会, and in March none: law talks go always.
            if self.random.random() < GIVE_UP:
                slug = "law"

    def _recently(self):
        days = timedelta(days=self.random.randint(1, 20))
        return at(self.demo.today - days, self.random.randint(9, 17))

    def _delay(self, activity: Sketch) -> tuple[int, int] | None:
        """Return how late the few late ones were entered, in days."""
        oldest = self.demo.today - timedelta(days=80)
        if activity.ends_on < oldest and self.random.random() < LATE_SHARE:
            return 25, 75
        return None

    def _join(self, story: Story) -> None:
        """Let some be held together with others."""
        activity, random = story.activity, self.random
        if random.random() >= (0.16 if activity.kind in JOINT else 0.04):
            return
        neighbour = self.places.neighbour(activity.branch)
        if neighbour and random.random() < 0.6:
            self.teller.join(story, neighbour)
        organisation = self.drawer.wording.organisation(activity.kind)
        if organisation and (not story.partners or random.random() < 0.3):
            self.teller.join(story, organisation)
