"""The whole machine: a real worker, a real beat, a broker that dies and comes back."""

import pytest
from celery import current_app
from django.db import transaction

from activities.models import Activity
from federation import doorbell, locks
from federation.models import Mark
from federation.months import Month
from rollups import engine
from rollups.models import Rollup
from tests.activities.entry import ADD, typed
from tests.factories import ResultFactory
from tests.rollups.naive import expected_rollups, stored_rollups
from tests.rollups.parallel import Threads, eventually, wait_for_a_blocked_session
from tests.rollups.services import Celery, Redis, send_doorbells_to

MARCH = Month(2026, 3)
SESSIONS = "activities.sessions"
RECEIVED = r"Task rollups.tasks.drain_marks\S+ received"

pytestmark = [
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def broker(tmp_path, monkeypatch):
    monkeypatch.setattr(doorbell, "_resting_until", 0.0)
    usual = current_app.conf.broker_url
    redis = Redis(tmp_path)
    redis.start()
    send_doorbells_to(redis.url)
    yield redis
    redis.end()
    send_doorbells_to(usual)


@pytest.fixture
def clerk(client, village_clerk):
    client.force_login(village_clerk)
    return client


@pytest.fixture
def start(tmp_path):
    """Start a worker or a beat; all are ended when the test is over."""
    running = []

    def begin(part, broker_url):
        running.append(Celery(part, tmp_path, broker_url))
        return running[-1]

    yield begin
    for process in running:
        process.kill()


def is_counted() -> bool:
    return not Mark.objects.exists() and stored_rollups() == expected_rollups()


def test_one_doorbell_and_it_is_counted(broker, start, community, programme):
    worker = start("worker", broker.url)
    eventually(lambda: worker.said("ready"))
    eventually(is_counted)

    ResultFactory(branch=community, programme=programme)

    eventually(is_counted)


@pytest.mark.parametrize("embedded", [False, True], ids=["redis", "filesystem"])
def test_a_worker_killed_in_the_middle_of_a_drain_loses_nothing(
    broker, start, community, programme, embedded
):
    url = None if embedded else broker.url
    engine.open_month(MARCH)
    engine.drain_marks()
    worker = start("worker", url)
    start("beat", url)
    eventually(lambda: worker.said("ready"))

    clerk = Threads()
    with transaction.atomic():
        locks.hold_recount([MARCH])
        clerk.start(lambda: ResultFactory(branch=community, programme=programme))
        clerk.wait()
        wait_for_a_blocked_session()  # the drain holds its marks and waits for us
        worker.kill()
    assert Mark.objects.filter(month=MARCH.first_day).exists()
    assert not Rollup.objects.filter(month=MARCH.first_day, indicator=SESSIONS)

    start("worker", url)
    eventually(is_counted)
    assert Rollup.objects.get(indicator=SESSIONS, branch=community).total == 1


def test_a_dead_broker_is_noticed_by_nobody_and_made_up_for_within_two_beats(
    broker, start, clerk, community, programme
):
    worker = start("worker", broker.url)
    start("beat", broker.url)
    eventually(lambda: worker.said("ready"))
    eventually(is_counted)

    broker.end()
    first = ResultFactory(branch=community, programme=programme)
    first.attendance_offline = 44
    first.save()
    Activity.objects.filter(pk=first.pk).update(attendance_online=6)
    typed_in = typed(community, programme, title="停电时录入的讲座")
    assert clerk.post(ADD, typed_in).status_code == 302
    eventually(lambda: worker.said("Connection to broker lost"))
    assert Activity.objects.filter(title="停电时录入的讲座").exists()
    assert Mark.objects.filter(month=MARCH.first_day).exists()
    assert not is_counted()

    received = worker.said(RECEIVED)
    broker.start()
    eventually(is_counted)

    assert worker.said(RECEIVED) - received <= 2


def test_a_broker_that_hangs_keeps_nobody_waiting(broker, community, programme):
    broker.freeze()
    clerk = Threads()

    for _ in range(3):
        clerk.start(lambda: ResultFactory(branch=community, programme=programme))
    clerk.wait()

    assert Activity.objects.count() == 3
    assert Mark.objects.filter(month=MARCH.first_day).count() == 3
