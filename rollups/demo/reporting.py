"""Five years of reporting: activities report by themselves, the rest are confirmed or
reported as zero, some late; of the two newest months some are missing or returned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from federation.demo import Demo, Sketch, load, step
from federation.demo.registry import at
from federation.models import Branch, User
from federation.months import Month
from rollups.models import Expectation, Submission
from rollups.reported import Answers, answers_of
from rollups.submissions import reporting
from rollups.submissions.deadlines import usual_deadline
from rollups.submissions.reporting import NOTHING, Figures
from rollups.submissions.settling import Word

Status = Submission.Status

CONFIRMED = 0.4  # of the months with activities, by somebody; the others by themselves
LATE = 0.05
CHANGED = 0.1  # of those with activities: one more was approved since it was confirmed
# Of the branches without activities: (months back, missing, returned).
NEWEST = {1: (0.12, 0.03), 2: (0.04, 0.01)}
REASONS = (
    "这个月的活动照片在群里发过，请先登记活动再报。",
    "重阳节慰问没有登记，请补上。",
    "和电话里报的场次不一致，请核对。",
)


@step(850, "报送")
def bring_submissions(demo: Demo) -> None:
    """Write the expected list of each month with what became of it."""
    rule = Expectation.objects.create(
        pk=Expectation.THE_ONE, since=demo.first_month.first_day
    )
    months = Month.range(demo.first_month, demo.this_month)
    counted = reporting.counted_of(months)
    clerks = dict(
        User.objects.filter(branch__isnull=False)
        .order_by("-pk")
        .values_list("branch_id", "pk")
    )
    branches = list(
        rule.branches()
        .order_by("path")
        .values_list("pk", "parent_id", "level", "founded_on", "closed_on")
    )
    answers = answers_of(months)
    office = clerks.get(Branch.objects.root().pk)
    drawer = Drawer(demo, demo.random("submissions"), clerks)
    for month in months:
        load(
            Submission,
            (
                drawer.drawn(
                    month,
                    pk,
                    _word(counted, answers, (pk, month.first_day)),
                    bool(answers.missing((pk, month.first_day), level)),
                    clerks.get(pk) or clerks.get(parent) or office,
                    clerks.get(parent) or office,
                )
                for pk, parent, level in _expected(branches, month.first_day)
            ),
        )


def _expected(branches: list[tuple], day: date) -> Iterator[tuple[int, int, str]]:
    for pk, parent, level, founded_on, closed_on in branches:
        is_founded = founded_on is None or founded_on <= day
        if is_founded and (closed_on is None or closed_on >= day):
            yield pk, parent, level


def _word(counted: dict, answers: Answers, place: tuple) -> Word:
    return Word(counted.get(place, NOTHING), answers.entered(place))


def _without_one(figures: Figures) -> dict:
    """Return what was confirmed before the last activity was approved."""
    return {
        "sessions": figures.sessions - 1,
        "attendance": figures.attendance - figures.attendance // figures.sessions,
        "has_changed": True,
    }


class Drawer:
    """Draws what became of a branch's month."""

    def __init__(self, demo: Demo, random: Random, clerks: dict[int, int]):
        self.demo, self.random, self.clerks = demo, random, clerks

    def drawn(self, month: Month, branch_id, word: Word, lacks, clerk, reviewer):
        figures = word.figures
        back = self.demo.this_month.ordinal - month.ordinal
        said = {"branch_id": branch_id, "month": month.first_day}
        if lacks:
            pass  # silent on what it is asked: nothing reports for it
        elif figures.sessions > 1 and back == 1 and self._has_changed(branch_id):
            said |= self._confirmed(month, Status.REPORTED, word, clerk)
            said |= _without_one(figures)
        elif figures.sessions and not self._is_confirmed(back):
            moment = at(month.last_day, 9 + self.random.randrange(8))
            said |= {
                "status": Status.REPORTED,
                "reported_at": min(moment, self.demo.now),
            }
        elif figures.sessions:
            said |= self._confirmed(month, Status.REPORTED, word, clerk)
        elif back:
            said |= self._silent(month, back, word, clerk, reviewer)
        return Sketch(Submission, **said)

    def _has_changed(self, branch_id) -> bool:
        # Whoever logs in to the demo finds something to do.
        return branch_id in self.clerks or self.random.random() < CHANGED

    def _is_confirmed(self, back: int) -> bool:
        return back > 0 and self.random.random() < CONFIRMED

    def _silent(self, month: Month, back: int, word: Word, clerk, reviewer) -> dict:
        missing, returned = NEWEST.get(back, (0, 0))
        draw = self.random.random()
        if draw < missing:
            return {}
        status = Status.ZERO if word.is_nothing else Status.REPORTED
        said = self._confirmed(month, status, word, clerk)
        if draw < missing + returned:
            said |= {
                "status": Status.RETURNED,
                "reason": self.random.choice(REASONS),
                "returned_by_id": reviewer,
            }
        return said

    def _confirmed(self, month: Month, status, word: Word, clerk) -> dict:
        due_at = usual_deadline(month)
        is_late = self.random.random() < LATE
        moment = min(self._moment(month, due_at, is_late), self.demo.now)
        return {
            "status": status,
            "sessions": word.figures.sessions,
            "attendance": word.figures.attendance,
            "reported": word.reported,
            "reported_at": moment,
            "confirmed_at": moment,
            "reported_by_id": clerk,
            "is_late": moment > due_at,
        }

    def _moment(self, month: Month, due_at: datetime, is_late: bool) -> datetime:
        if is_late:
            return due_at + timedelta(hours=self.random.randint(1, 60))
        day = month.next_first_day + timedelta(days=self.random.randrange(4))
        return at(day, 8 + self.random.randrange(10), self.random.randrange(60))
