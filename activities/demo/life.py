"""What else real life has: drafts, queues, returns, cancellations, plans without
figures, changes that wait. A fixed number of each, whatever the scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

from activities.demo.everyday import Everyday
from activities.demo.stories import Story, counted_again
from activities.models.choices import Happening
from federation.demo import Sketch
from federation.models import Branch
from federation.months import Month

VILLAGE, SISTER, STREET = "370114001001", "370114001002", "370114001"
# Where the demo's accounts look; each tale is told here first, then anywhere.
STAGE = (VILLAGE, SISTER, STREET, VILLAGE, "370114001007")


class Life:
    """Tells the tales in which not everything went straight."""

    def __init__(self, everyday: Everyday):
        self.everyday = everyday
        self.demo = everyday.demo
        self.teller = everyday.teller
        self.random = everyday.random

    def tales(self) -> Iterator[Story]:
        for tell, count in (
            (self.draft_report, 14),
            (self.draft_plan, 10),
            (self.waiting_report, 24),
            (self.waiting_plan, 14),
            (self.returned_report, 16),
            (self.returned_plan, 6),
            (self.resubmitted_report, 6),
            (self.withdrawn_plan, 8),
            (self.cancelled_plan, 34),
            (self.postponed_plan, 14),
            (self.plan_without_figures, 30),
            (self.report_without_figures, 6),
            (self.change_of_plan_waiting, 4),
            (self.correction_waiting, 4),
            (self.correction_returned, 3),
            (self.joint_report, 25),
            (self.change_of_plan_drafted, 3),
        ):
            yield from self._told(tell, count)

    def _told(self, tell: Callable, count: int) -> Iterator[Story]:
        places = self.everyday.places
        here = [places.by_code[code] for code in STAGE]
        # The stage sees every tale, and no more than a few of each.
        chosen = here[: max(2, min(len(here), count // 5))]
        while len(chosen) < count:
            chosen.append(places.anywhere(self.demo.this_month))
        for branch in chosen[:count]:
            yield tell(branch)

    # Reports ---------------------------------------------------------------------

    def draft_report(self, branch: Branch) -> Story:
        return self._entered_report(branch, 8)

    def waiting_report(self, branch: Branch) -> Story:
        story = self._entered_report(branch, 12)
        self.teller.submitted(story)
        return story

    def returned_report(self, branch: Branch) -> Story:
        story = self._entered_report(branch, 25)
        reason = self.everyday.drawer.wording.reason()
        # The faulty words are still there: her branch has to take them out.
        story.activity.summary = reason["summary"] or story.activity.summary
        self.teller.returned(story, reason["reason"])
        return story

    def resubmitted_report(self, branch: Branch) -> Story:
        story = self.returned_report(branch)
        self.teller.submitted(story)
        return story

    def report_without_figures(self, branch: Branch) -> Story:
        """Held and approved as held; whoever was there counted nobody."""
        story = self._entered_report(branch, 20)
        activity = story.activity
        activity.attendance_offline = activity.attendance_online = None
        activity.children_count = activity.view_count = None
        activity.count_method = ""
        self.teller.approved(story)
        return story

    def correction_waiting(self, branch: Branch) -> Story:
        story = self._corrected_report(branch)
        self.teller.submitted(story, story.activity.proposal)
        return story

    def correction_returned(self, branch: Branch) -> Story:
        story = self._corrected_report(branch)
        reason = "更正后的人次与签到表仍不一致，请核对后重报。"
        self.teller.returned(story, reason, story.activity.proposal)
        return story

    def joint_report(self, branch: Branch) -> Story:
        """Held with the branch above or, in the village that the demo shows, with its
        sister, which sees it under 参与联办."""
        story = self.everyday.report(self._past(branch, 40))
        places = self.everyday.places.by_code
        sisters = {VILLAGE: SISTER, SISTER: VILLAGE, STREET: VILLAGE}
        above = branch.ancestor_codes() or [STREET]
        partner = places[sisters.get(branch.code, above[-1])]
        if partner.pk not in [each.branch_id for each in story.partners]:
            self.teller.join(story, partner)
        return story

    # Plans -----------------------------------------------------------------------

    def draft_plan(self, branch: Branch) -> Story:
        return self.everyday.planned_draft(self._coming(branch))

    def waiting_plan(self, branch: Branch) -> Story:
        story = self.draft_plan(branch)
        self.teller.submitted(story)
        return story

    def returned_plan(self, branch: Branch) -> Story:
        story = self.draft_plan(branch)
        self.teller.returned(story, "地点不完整，请写明到楼层或房间，方便群众找到。")
        return story

    def withdrawn_plan(self, branch: Branch) -> Story:
        story = self.everyday.plan(self._coming(branch))
        self.teller.withdrawn(story)
        return story

    def cancelled_plan(self, branch: Branch) -> Story:
        near = self.random.random() < 0.25
        activity = self._coming(branch) if near else self._past(branch, 400)
        return self.everyday.called_off(activity, Happening.CANCELLED)

    def postponed_plan(self, branch: Branch) -> Story:
        near = self.random.random() < 0.5
        activity = self._coming(branch) if near else self._past(branch, 30)
        return self.everyday.called_off(activity, Happening.POSTPONED)

    def plan_without_figures(self, branch: Branch) -> Story:
        """待补数: its day has passed, and nobody has said how it went."""
        return self.everyday.plan(self._past(branch, 21))

    def change_of_plan_waiting(self, branch: Branch) -> Story:
        story = self._changed_plan(branch)
        self.teller.submitted(story, story.activity.proposal)
        return story

    def change_of_plan_drafted(self, branch: Branch) -> Story:
        return self._changed_plan(branch)

    # What they are made of ---------------------------------------------------------

    def _entered_report(self, branch: Branch, days: int) -> Story:
        activity = self._past(branch, days)
        return self.teller.entered(activity, self.teller.after(activity, 0, 2))

    def _corrected_report(self, branch: Branch) -> Story:
        story = self.everyday.report(self._past(branch, 30))
        people = story.activity.attendance_offline + self.random.randint(3, 9)
        self.teller.proposed(story, 3, **counted_again(people))
        return story

    def _changed_plan(self, branch: Branch) -> Story:
        activity = self._coming(branch)
        activity.starts_at, activity.ends_at = time(9), time(11)
        story = self.everyday.plan(activity)
        self.teller.proposed(
            story,
            4,
            starts_at="14:30:00",
            ends_at="16:30:00",
            summary="上午场地另有安排，改到当天下午，地点不变。",
        )
        return story

    def _past(self, branch: Branch, days: int) -> Sketch:
        """Draw an activity of one of the last *days* days."""
        return self._near(branch, -self.random.randint(2, days), self.demo.yesterday)

    def _coming(self, branch: Branch) -> Sketch:
        """Draw an activity of the weeks to come."""
        last = self.demo.last_month.last_day
        return self._near(branch, self.random.randint(2, 40), last)

    def _near(self, branch: Branch, days: int, last: date) -> Sketch:
        day = self.demo.today + timedelta(days=days)
        first = max(day, branch.founded_on or day)
        until = min(last, first + timedelta(days=2), Month.of(first).last_day)
        activity = self.everyday.draw(branch, first, until)
        activity.ends_on = min(activity.ends_on, last)
        return activity
