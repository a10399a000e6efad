"""/healthz: 200 when all is well, else 503 with what is not."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from federation import health
from federation.models import Heartbeat, Mark
from federation.tasks import beat_heartbeat


@pytest.fixture(autouse=True)
def fresh_probe():
    cache.delete("healthz-broker")


def ask(client):
    return client.get("/healthz")


def test_the_address_is_the_promised_one():
    assert reverse("federation:healthz") == "/healthz"


def test_all_is_well_after_a_heartbeat(client, db):
    beat_heartbeat.delay()
    answer = ask(client)
    assert answer.status_code == 200
    found = answer.json()
    assert found["database"]
    assert found["broker"]
    assert found["worker"]
    assert found["oldest_mark_at"] is None


def test_a_silent_worker_is_named(client, db):
    long_ago = timezone.now() - health.PATIENCE - timedelta(seconds=1)
    Heartbeat.objects.create(name="worker", beat_at=long_ago)
    answer = ask(client)
    assert answer.status_code == 503
    assert answer.json()["worker"] is False
    assert answer.json()["broker"] is True


def test_a_mark_that_waits_too_long_is_named(client, community):
    beat_heartbeat.delay()
    Mark.objects.all().delete()
    mark = Mark.objects.create(branch=community, month="2026-01-01")
    assert ask(client).status_code == 200
    old = timezone.now() - health.PATIENCE - timedelta(seconds=1)
    Mark.objects.filter(pk=mark.pk).update(created_at=old)
    answer = ask(client)
    assert answer.status_code == 503
    assert answer.json()["draining"] is False
    assert answer.json()["oldest_mark_at"]


def test_a_dead_broker_is_found_and_does_not_hang(client, db, monkeypatch):
    beat_heartbeat.delay()

    class Broker:
        connection_errors = (ConnectionError,)

        def ensure_connection(self, **options):
            assert options["max_retries"] == 0
            raise ConnectionError

        def release(self):
            pass

    monkeypatch.setattr(health.current_app, "connection_for_write", Broker)
    answer = ask(client)
    assert answer.status_code == 503
    assert answer.json()["broker"] is False


def test_a_dead_database_answers_too(client, db, monkeypatch):
    def broken():
        raise DatabaseError

    monkeypatch.setattr(health, "_examine_database", broken)
    answer = ask(client)
    assert answer.status_code == 503
    assert answer.json() == {"healthy": False, "database": False}
