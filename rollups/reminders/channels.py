"""How a message reaches somebody. A channel is anything with

    send(recipient, text) -> None

*recipient* is an address or a phone, *text* is plain, its first line says what it is
about; whatever the channel raises is a failed sending. ``SMS_BACKEND`` names a class of
the deployment's own, made without arguments; by default there is none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.utils.module_loading import import_string

from federation.models import User
from federation.wording import masked_phone
from rollups.models import Reminder
from rollups.reminders.phones import phones_of

logger = logging.getLogger(__name__)

NO_EMAIL = "django.core.mail.backends.dummy.EmailBackend"


class Channel(Protocol):
    def send(self, recipient: str, text: str) -> None: ...


class Email:
    """Sends through Django's mail backend; the first line is the subject."""

    def send(self, recipient: str, text: str) -> None:
        subject, _, body = text.partition("\n")
        send_mail(subject, body.strip("\n") + "\n", None, [recipient])


class LoggingSms:
    """Writes into the log what a provider would be asked to send, and to whom, masked:
    for a demo, and to start a real one from."""

    def send(self, recipient: str, text: str) -> None:
        logger.info("SMS to %s: %s", masked_phone(recipient), text)


class Address(NamedTuple):
    """Where a message to somebody goes."""

    channel: str
    recipient: str


def channel(code: str) -> Channel:
    if code == Reminder.Channel.SMS:
        return import_string(settings.SMS_BACKEND)()
    return Email()


def addresses_of(users: Iterable[User]) -> dict[int, Address]:
    """Return ``{account id: address}`` of those who can be reached: by e-mail if she
    has one, else by text message."""
    users, found = list(users), {}
    if settings.EMAIL_BACKEND != NO_EMAIL:
        found = {
            user.pk: Address(Reminder.Channel.EMAIL, user.email)
            for user in users
            if user.email
        }
    if settings.SMS_BACKEND:
        others = [user.pk for user in users if user.pk not in found]
        for pk, phone in phones_of(others).items():
            found[pk] = Address(Reminder.Channel.SMS, phone)
    return found
