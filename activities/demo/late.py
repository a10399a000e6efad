"""A record that came late: one month has two revisions, and the difference is this."""

from __future__ import annotations

from datetime import timedelta

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from activities.models import Activity, ReviewRound
from activities.models.choices import Review
from federation.demo import Demo, step
from federation.demo.registry import at
from federation.models import User
from federation.months import Month
from rollups import engine
from rollups.demo import closing

MONTHS_BACK = 3  # the second newest of the closed months
STREET = "370114/370114001/"
REASON = "明水街道一个社区有一场活动漏报，补录后重新结账。"
Stage, Decision = ReviewRound.Stage, ReviewRound.Decision


@step(940, "漏报")
def leave_one_out(demo: Demo) -> None:
    """Let the result of one activity be unknown when its month is closed."""
    month = late_month(demo)
    counted = Activity.objects.counted().held_in(month)
    counted = counted.filter(rounds__stage=Stage.RESULT, branch__level="village")
    late = counted.filter(branch__path__startswith=STREET).order_by("pk").first()
    if late:
        Activity.objects.filter(pk=late.pk).update(result_approved_at=None)
        engine.drain_marks()


@step(955, "补录后再结账")
def hand_it_in(demo: Demo) -> None:
    """Enter it after the closing, and close the month again."""
    month = late_month(demo)
    late = Activity.objects.held_in(month).filter(
        review=Review.APPROVED, happening="held", result_approved_at=None
    )
    late = late.filter(branch__path__startswith=STREET).order_by("pk").first()
    if late is None:
        return
    day = min(demo.this_month.first_day + timedelta(days=4), demo.yesterday)
    closing.reopen(month, at(day, 9), REASON)
    approved_at = at(day, 10)
    Activity.objects.filter(pk=late.pk).update(result_approved_at=approved_at)
    rounds = ReviewRound.objects.filter(
        activity=late, stage=Stage.RESULT, decision=Decision.APPROVED
    )
    rounds.update(submitted_at=at(day, 9, 30), decided_at=approved_at)
    _log(late, approved_at)
    engine.recount([month])
    engine.drain_marks()
    closing.revision(month, 2, at(day, 11), REASON)


def late_month(demo: Demo) -> Month:
    return demo.this_month.plus(-MONTHS_BACK)


def _log(late: Activity, approved_at) -> None:
    """Enter the one change of a counted month in the audit log, which otherwise begins
    with the first real change."""
    entry = LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Activity),
        object_pk=str(late.pk),
        object_id=late.pk,
        object_repr=str(late),
        action=LogEntry.Action.UPDATE,
        changes={"result_approved_at": ["None", str(approved_at)]},
        actor=User.objects.filter(username="street").first(),
    )
    LogEntry.objects.filter(pk=entry.pk).update(timestamp=approved_at)
