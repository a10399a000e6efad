"""How each record came to be as it is: its rounds, told as ``activities.review`` would
have written them, in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from activities.models import Activity, ActivityPartner, ReviewRound
from activities.models.choices import CountMethod, Happening, PartnerRole, Review, Stage
from activities.review import values_of
from federation.demo import Demo, Sketch, load
from federation.demo.registry import at
from federation.models import Branch, User

Decision = ReviewRound.Decision

# What a plan does not know yet.
UNKNOWN_YET = {
    "attendance_offline": None,
    "attendance_online": None,
    "children_count": None,
    "view_count": None,
    "count_method": "",
    "happening": Happening.PLANNED.value,
}


@dataclass(slots=True)
class Story:
    """An activity, how it was reviewed, and with whom it was held."""

    activity: Sketch
    rounds: list[Sketch] = field(default_factory=list)
    partners: list[Sketch] = field(default_factory=list)

    @property
    def is_counted(self) -> bool:
        activity = self.activity
        return (
            activity.result_approved_at is not None
            and activity.review != Review.WITHDRAWN
        )


def write(stories: Iterable[Story]) -> None:
    """Write *stories* in the order of their days."""
    stories = sorted(stories, key=_by_day)
    load(Activity, (story.activity for story in stories))
    for story in stories:
        for child in (*story.rounds, *story.partners):
            child.activity_id = story.activity.id
    load(ReviewRound, (r for story in stories for r in story.rounds))
    load(ActivityPartner, (p for story in stories for p in story.partners))


def _by_day(story: Story):
    activity = story.activity
    hour = str(activity.starts_at or "")
    return activity.starts_on, hour, activity.branch.path, str(activity.client_token)


class Teller:
    """Tells how records were entered and decided, and by whom."""

    def __init__(self, demo: Demo, random: Random):
        self.demo = demo
        self.random = random
        self.district = User.objects.get(username="district")
        self.street = User.objects.get(username="street")
        village = User.objects.get(username="village")
        self.authors = {u.branch_id: u.pk for u in (village, self.street)}

    def author(self, branch_id: int) -> int | None:
        """Return the key of who entered it; other branches' staff have no account in
        the demo."""
        return self.authors.get(branch_id)

    def reviewer(self, branch: Branch) -> int:
        """Return the key of who decides: the branch's street, and for a street the
        district."""
        below_street = branch.path.startswith(self.street.branch.path)
        is_street = branch.pk == self.street.branch_id
        return self.street.pk if below_street and not is_street else self.district.pk

    def entered(self, activity: Sketch, moment: datetime) -> Story:
        """Begin the story of *activity*: a draft since *moment*."""
        activity.recorded_by_id = self.author(activity.branch_id)
        activity.recorded_at = activity.updated_at = self.no_later(moment)
        activity.review = Review.DRAFT
        return Story(activity)

    def submitted(self, story: Story, values: dict | None = None) -> Sketch:
        """Open a round with *values*, or with what the record holds."""
        activity = story.activity
        values = values or values_of(activity)
        held = values["happening"] == Happening.HELD
        number = len(story.rounds) + 1
        opened = Sketch(
            ReviewRound,
            number=number,
            stage=Stage.RESULT if held else Stage.PLAN,
            submitted=values,
            author_id=self.author(activity.branch_id),
            submitted_at=self._later(activity.updated_at, 2),
        )
        activity.updated_at = opened.submitted_at
        activity.review = Review.SUBMITTED
        story.rounds.append(opened)
        return opened

    def approved(self, story: Story, values: dict | None = None) -> None:
        """Submit and approve: the values stand on the record, which the calendar and
        the counts read."""
        activity = story.activity
        decided = self._decide(story, self.submitted(story, values), Decision.APPROVED)
        decided.releaser_id = decided.reviewer_id
        activity.review = Review.APPROVED
        if activity.approved_at is None:
            activity.approved_at = decided.decided_at
        else:
            activity.sequence += 1  # subscribers have seen the plan
        with_figures = decided.submitted["attendance_offline"] is not None
        if decided.stage == Stage.RESULT and with_figures:
            activity.result_approved_at = decided.decided_at

    def returned(self, story: Story, reason: str, values: dict | None = None) -> None:
        opened = self.submitted(story, values)
        self._decide(story, opened, Decision.RETURNED).reason = reason
        story.activity.review = Review.RETURNED

    def proposed(self, story: Story, days_later: int, **changes) -> dict:
        """Keep a change beside an approved record, as someone does who may not decide
        it, and return the changed values."""
        activity = story.activity
        activity.updated_at = self._later(activity.updated_at, 24 * days_later)
        activity.proposal = values_of(activity) | changes
        activity.review = Review.DRAFT
        return activity.proposal

    def withdrawn(self, story: Story) -> None:
        activity = story.activity
        activity.updated_at = self._later(activity.updated_at, 48)
        activity.review = Review.WITHDRAWN
        activity.sequence += 1

    def make_plan(self, activity: Sketch, summary: str) -> None:
        """Take the result off *activity*: it is still to come."""
        for name, value in UNKNOWN_YET.items():
            setattr(activity, name, value)
        activity.summary = summary

    def no_later(self, moment: datetime) -> datetime:
        """Return *moment*, or one of the last hours before the demo's now."""
        if moment < self.demo.now:
            return moment
        return self.demo.now - timedelta(minutes=self.random.randint(60, 240))

    def before(self, activity: Sketch, first: int, last: int) -> datetime:
        """Return an hour of a working day's length, *first* to *last* days before."""
        days = timedelta(days=self.random.randint(first, last))
        return at(activity.starts_on - days, self.random.randint(9, 17))

    def after(self, activity: Sketch, first: int, last: int) -> datetime:
        days = timedelta(days=self.random.randint(first, last))
        return at(activity.ends_on + days, self.random.randint(17, 20))

    def join(self, story: Story, partner: Branch | str) -> None:
        """Add a partner: a branch, or another organisation by name."""
        is_text = isinstance(partner, str)
        story.partners.append(
            Sketch(
                ActivityPartner,
                branch_id=None if is_text else partner.pk,
                organisation=partner if is_text else "",
                role=self.random.choice(PartnerRole.values),
            )
        )

    def _decide(self, story: Story, opened: Sketch, decision: str) -> Sketch:
        opened.decision = decision
        opened.reviewer_id = self.reviewer(story.activity.branch)
        opened.decided_at = self._later(opened.submitted_at, 40)
        story.activity.updated_at = opened.decided_at
        return opened

    def _later(self, moment: datetime, hours: int) -> datetime:
        """Return up to *hours* later, and no later than now."""
        later = moment + timedelta(hours=hours * self.random.random())
        # Near the end of time, half of what is left: order stays.
        return later if later < self.demo.now else moment + (self.demo.now - moment) / 2


def counted_again(people: int) -> dict:
    """Return what a correction by the signed sheet changes."""
    return {"attendance_offline": people, "count_method": CountMethod.SHEET.value}
