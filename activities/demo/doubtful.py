"""What looks wrong in the demo: some entries that wait in the street's queue, and one
that the street made for a village. None counts, so no figure knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from uuid import UUID

from activities.demo.life import SISTER, VILLAGE, Life
from activities.demo.stories import Story
from federation.models import Branch

# Villages of the street beside those where the other tales are told.
ALIKE, ON_BEHALF = "370114001009", "370114001010"
A_ZERO_TOO_MANY, THE_SAME = 680, 50
SESSIONS_ALIKE = 5


class Doubtful:
    """Tells the tales at which a reviewer should stop."""

    def __init__(self, life: Life):
        self.life = life
        self.everyday = life.everyday
        self.teller = life.teller
        self.places = life.everyday.places.by_code

    def tales(self) -> Iterator[Story]:
        yield from self.entered_twice(self.places[SISTER])
        yield self.with_a_zero_too_many(self.places[VILLAGE])
        yield from self.all_alike(self.places[ALIKE])
        yield self.entered_by_the_street(self.places[ON_BEHALF])

    def entered_twice(self, branch: Branch) -> Iterator[Story]:
        first = self.life.waiting_report(branch)
        again = copy(first.activity)
        token = self.everyday.random.getrandbits(128)
        again.client_token = UUID(int=token, version=4)
        yield first
        yield self._waiting(again, again.attendance_offline + 1)

    def with_a_zero_too_many(self, branch: Branch) -> Story:
        story = self.life.waiting_report(branch)
        return self._waiting(story.activity, A_ZERO_TOO_MANY)

    def all_alike(self, branch: Branch) -> Iterator[Story]:
        """Tell a week in which nobody counted."""
        today = self.life.demo.today
        for days in range(SESSIONS_ALIKE + 1, 1, -1):
            day = today - timedelta(days=days)
            activity = self.everyday.draw(branch, day, day)
            activity.ends_on = day
            yield self._waiting(activity, THE_SAME)

    def entered_by_the_street(self, branch: Branch) -> Story:
        story = self.life.waiting_report(branch)
        activity = story.activity
        activity.recorded_by_id = self.teller.street.pk
        activity.is_on_behalf = True
        for each in story.rounds:
            each.author_id = self.teller.street.pk
        return story

    def _waiting(self, activity, people: int) -> Story:
        self.everyday.drawer.count_people(activity, people)
        moment = self.teller.after(activity, 0, 1)
        story = self.teller.entered(activity, moment)
        self.teller.submitted(story)
        return story
