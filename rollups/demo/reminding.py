"""What the people of the demo were reminded of: before and after each deadline of the
two newest months that are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.utils import timezone

from federation.demo import Demo, Sketch, load, step
from federation.demo.registry import at
from federation.models import User
from federation.months import Month
from federation.wording import day_label
from rollups.models import Reminder
from rollups.reminders.timing import days_of
from rollups.submissions.deadlines import usual_deadline


@step(860, "催报")
def bring_reminders(demo: Demo) -> None:
    """Write what went out to the accounts that have an address."""
    users = list(User.objects.exclude(email="").order_by("pk"))
    load(
        Reminder,
        (
            Sketch(Reminder, user_id=user.pk, **said)
            for said in _sent(demo)
            for user in users
        ),
    )


def _sent(demo: Demo) -> Iterator[dict]:
    numbers = Counter()
    for month in (demo.this_month.plus(-2), demo.this_month.plus(-1)):
        due_on = timezone.localdate(usual_deadline(month))
        for occasion, day in days_of(month, due_on).items():
            moment, sent_in = at(day, 9, 10), Month.of(day).first_day
            if moment >= demo.now or numbers[sent_in] == Reminder.MOST:
                continue
            numbers[sent_in] += 1
            yield {
                "month": month.first_day,
                "occasion": occasion,
                "sent_in": sent_in,
                "number": numbers[sent_in],
                "channel": Reminder.Channel.EMAIL,
                "status": Reminder.Status.SENT,
                "tried_at": moment,
                "sent_at": moment,
                "text": f"{month.label}活动报送还没报完，{day_label(due_on)} 截止",
            }
