"""Two phones at once, a definition in the second of a drain, a closing, on PostgreSQL:
one figure is kept, and no definition goes uncounted."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from federation.months import Month
from rollups import closings, engine, submissions
from rollups.models import Expectation, ReportedFigure, Submission
from rollups.submissions import Answer
from tests.factories import (
    DerivedIndicatorFactory,
    ReportedBatchFactory,
    ResultFactory,
)
from tests.rollups.naive import own_and_total
from tests.rollups.parallel import Threads, wait_for_a_blocked_session

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("silent_bell"),
]

LAST = Month.current().previous()


@pytest.fixture(autouse=True)
def november():
    """Here it is today: the threads read the clock for themselves."""


@pytest.fixture
def batch(db):
    return ReportedBatchFactory(from_month=date(2020, 1, 1))


@pytest.fixture
def submission(community):
    Expectation.objects.create(pk=Expectation.THE_ONE, since=LAST.first_day)
    engine.open_month(LAST)
    return Submission.objects.get(branch=community, month=LAST.first_day)


def fill(submission, clerk, batch, value) -> bool | str:
    answers = [Answer(batch.pk, value)]
    try:
        return submissions.fill(submission, clerk, answers, "")
    except ValidationError as refusal:
        return refusal.messages[0]


def test_the_same_form_sent_by_four_signals_is_kept_once(
    submission, village_clerk, batch
):
    threads = Threads()
    for _ in range(4):
        threads.start(fill, submission, village_clerk, batch, 7)
    threads.wait()

    assert [row.value for row in ReportedFigure.objects.all()] == [7]


def test_two_different_answers_at_once_keep_one_and_lose_none_silently(
    submission, village_clerk, batch
):
    answers = []
    threads = Threads()
    for value in (7, 8):
        threads.start(
            lambda value=value: answers.append(
                fill(submission, village_clerk, batch, value)
            )
        )
    threads.wait()

    assert ReportedFigure.objects.count() == 1
    assert True in answers
    assert any("这些数有人改过" in str(answer) for answer in answers)


def test_a_figure_in_flight_is_in_the_revision(
    submission, village_clerk, batch, district_admin, community
):
    threads = Threads()
    with transaction.atomic():
        assert fill(submission, village_clerk, batch, 7) is True
        threads.start(closings.close, LAST, district_admin)
        wait_for_a_blocked_session()
    threads.wait()

    assert own_and_total(batch.code, community, LAST) == (7, 7)
    assert "已" in fill(submission, village_clerk, batch, 9)


def test_a_definition_that_commits_during_a_drain_is_counted_by_the_next(
    submission, community
):
    ResultFactory(branch=community, starts_on=LAST.first_day, kind="lecture")
    threads = Threads()
    with transaction.atomic():
        derived = DerivedIndicatorFactory()
        # It cannot see the definition yet, and takes none of its marks.
        threads.start(engine.drain_marks).join()
    threads.wait()
    assert own_and_total(derived.code, community, LAST) == (0, 0)

    engine.drain_marks()

    assert own_and_total(derived.code, community, LAST) == (1, 1)
