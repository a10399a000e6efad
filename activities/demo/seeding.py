"""Write all of it, month by month, so that memory does not grow with the scale."""

from __future__ import annotations

from collections import defaultdict

from activities.demo.calendar_share import Places
from activities.demo.doubtful import Doubtful
from activities.demo.drawing import Drawer
from activities.demo.everyday import COUNTED, Everyday
from activities.demo.life import Life
from activities.demo.review_sessions import draw_review_sessions
from activities.demo.stories import Story, Teller, write
from federation.demo import Demo, step
from federation.months import Month


@step(200, "活动和审核")
def bring_activities(demo: Demo) -> None:
    random = demo.random("activities")
    drawer, places = Drawer(demo, random), Places(random)
    everyday = Everyday(demo, drawer, places, Teller(demo, random))
    fixed = [
        everyday.report(activity)
        for activity in draw_review_sessions(demo, drawer, places)
    ]
    reviewed = len(fixed)
    fixed += everyday.series()
    life = Life(everyday)
    fixed += life.tales()
    fixed += Doubtful(life).tales()
    # What is told so far counts too; the rest of the 12,000 are everyday ones.
    others = sum(story.is_counted for story in fixed) - reviewed
    wanted = max(0, (COUNTED - reviewed) * demo.scale - others)
    by_month = _by_month(fixed)
    months = Month.range(demo.first_month, demo.this_month)
    for month, stories in zip(months, everyday.held(wanted), strict=True):
        write(stories + by_month.pop(month, []))
    for stories in everyday.planned():
        write(stories)
    write(story for stories in by_month.values() for story in stories)


def _by_month(stories: list[Story]) -> dict[Month, list[Story]]:
    found = defaultdict(list)
    for story in stories:
        found[Month.of(story.activity.starts_on)].append(story)
    return found
