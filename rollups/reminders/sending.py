"""Sending reminders: a row is written, then the message leaves. Two workers cannot
both write the row, and one that is killed leaves at most one message in doubt."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from federation.months import Month
from rollups.models import Reminder
from rollups.reminders.channels import channel
from rollups.reminders.recipients import Recipient, recipients
from rollups.reminders.texts import text_for
from rollups.reminders.timing import due_now

logger = logging.getLogger(__name__)

AT_ONCE = 200  # the rest when beat comes by again
GIVE_UP = 3  # in a row: the mail server is down, and the others keep their first try
Status = Reminder.Status


def remind(now: datetime | None = None) -> int:
    """
    Send the reminders that are due at *now*, and return how many left.

    Safe to repeat and to kill: who was written down is not written to again, except
    once, on a later day, after a failure.
    """
    now = now or timezone.now()
    if (found := due_now(now)) is None:
        return 0
    due, occasion = found
    month = next(iter(due))
    sent = tried = failures = 0
    for one in recipients(due, occasion, now):
        text = text_for(one, due, occasion)
        if (pk := _claim(one, month, occasion, text, now)) is None:
            continue
        has_left = _send(pk, one, text)
        tried, sent = tried + 1, sent + has_left
        failures = 0 if has_left else failures + 1
        if failures == GIVE_UP or tried == AT_ONCE:
            break
    return sent


def _claim(
    one: Recipient, month: Month, occasion: str, text: str, now: datetime
) -> int | None:
    """Write down that *one* is being reminded and return the row's key; None if
    somebody else has it, or she was reminded too often."""
    ours = Reminder.objects.filter(
        user=one.user, month=month.first_day, occasion=occasion
    )
    again = ours.filter(status=Status.FAILED, attempts=1)
    sent_in = Month.of(timezone.localdate(now)).first_day
    others = Reminder.objects.filter(user=one.user, sent_in=sent_in)
    others = others.exclude(pk__in=ours)
    taken = set(others.values_list("number", flat=True))
    number = next((n for n in range(1, Reminder.MOST + 1) if n not in taken), None)
    if number is None:
        return None
    said = {
        "sent_in": sent_in,
        "number": number,
        "channel": one.channel,
        "text": text,
        "tried_at": now,
    }
    try:
        with transaction.atomic():
            if (pk := again.values_list("pk", flat=True).first()) is None:
                row = ours.create(
                    user=one.user, month=month.first_day, occasion=occasion, **said
                )
                return row.pk
            # Only one worker finds it failed.
            said |= {"status": Status.SENDING, "attempts": 2}
            return pk if again.filter(pk=pk).update(**said) else None
    except IntegrityError:
        return None


def _send(pk: int, one: Recipient, text: str) -> bool:
    row = Reminder.objects.filter(pk=pk)
    try:
        channel(one.channel).send(one.address, text)
    except Exception as error:  # whatever a channel of the deployment's own raises
        # The error may quote the address, which has no place in a log.
        logger.error("reminder %s was not sent: %s", pk, type(error).__name__)
        row.update(status=Status.FAILED)
        return False
    row.update(status=Status.SENT, sent_at=timezone.now())
    return True
