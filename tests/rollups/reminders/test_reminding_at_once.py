"""Two workers that hear the same bell, on PostgreSQL: every letter leaves once."""

from datetime import date

import pytest
from django.core import mail
from django.db import connection

from rollups import reminders
from rollups.models import Reminder
from rollups.reminders import channels
from tests.factories import GrantFactory, UserFactory
from tests.rollups.parallel import Threads
from tests.rollups.reminders.conftest import BEFORE, at

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def many(addressed, on, community):
    on(BEFORE)
    for number in range(20):
        user = UserFactory(email=f"clerk{number}@example.com", branch=community)
        GrantFactory(user=user, branch=community, role="clerk")
    return 20 + 3


def together(workers: int, day: date) -> None:
    threads = Threads()
    for _ in range(workers):
        threads.start(reminders.remind, at(day))
    threads.wait()


def test_four_workers_send_each_letter_once(many, monkeypatch):
    plain, held = channels.Email.send, []

    def send(self, recipient, text):
        # A mail server may take its time: nothing is locked meanwhile, and a worker
        # that is killed here leaves a row that says so.
        held.append(connection.in_atomic_block)
        plain(self, recipient, text)

    monkeypatch.setattr(channels.Email, "send", send)

    together(4, BEFORE)

    assert len(mail.outbox) == many
    assert len({letter.to[0] for letter in mail.outbox}) == many
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}
    assert not any(held)


def test_a_second_try_is_one_workers_too(many, monkeypatch, on):
    def fail(self, recipient, text):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(channels.Email, "send", fail)
        broken.setattr("rollups.reminders.sending.GIVE_UP", 1000)
        together(1, BEFORE)
    on(date(2026, 11, 3))

    together(4, date(2026, 11, 3))

    assert len(mail.outbox) == many
    assert set(Reminder.objects.values_list("status", "attempts")) == {("sent", 2)}
