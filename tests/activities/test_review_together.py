"""Two people, or one impatient thumb, at the very same moment: decided once."""

import threading
import uuid
from contextlib import contextmanager
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from activities import photos, review, series
from activities.models import Activity
from federation.roles import Role
from tests.activities.entry import ADD, typed
from tests.conftest import staff
from tests.factories import ActivityFactory, PhotoFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(community, village_clerk):
    return ActivityFactory(branch=community, recorded_by=village_clerk)


@contextmanager
def own_connection():
    try:
        yield
    finally:
        connection.close()


def at_once(*tasks):
    """Run *tasks* in threads of their own; return what each answered or raised."""
    gate = threading.Barrier(len(tasks))
    answers = [None] * len(tasks)

    def run(number, task):
        with own_connection():
            gate.wait()
            try:
                answers[number] = task()
            except Exception as error:
                answers[number] = error

    threads = [
        threading.Thread(target=run, args=(number, task))
        for number, task in enumerate(tasks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refusals(answers):
    return [answer for answer in answers if isinstance(answer, ValidationError)]


def test_two_reviewers_decide_once(draft, village_clerk, street_reviewer, street):
    second = staff(street, Role.REVIEWER, "second_reviewer")
    review.submit(draft, village_clerk)
    answers = at_once(
        lambda: review.approve(draft, street_reviewer),
        lambda: review.send_back(draft, second, "重复"),
    )
    assert len(refusals(answers)) == 1
    decided = draft.rounds.get()
    draft.refresh_from_db()
    assert (decided.decision, draft.review) in {
        ("approved", "approved"),
        ("returned", "returned"),
    }


def test_submitted_four_times_it_is_one_round(draft, village_clerk):
    answers = at_once(*[lambda: review.submit(draft, village_clerk)] * 4)
    assert len(refusals(answers)) == 3
    assert draft.rounds.count() == 1


def test_edited_while_it_is_approved_nothing_is_lost(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    edited = Activity.objects.get(pk=draft.pk)
    edited.title = "同一秒的修改"
    at_once(
        lambda: review.approve(draft, street_reviewer),
        lambda: review.save(edited, village_clerk),
    )
    stored = Activity.objects.get(pk=draft.pk)
    if stored.approved_at:  # approved first: the edit waits beside it
        assert stored.title == "反家庭暴力法宣讲"
        assert stored.proposal["title"] == "同一秒的修改"
    else:  # edited first: the round was taken back
        assert stored.title == "同一秒的修改"
    assert stored.review == Activity.Review.DRAFT


def test_one_form_sent_four_times_at_once_is_one_activity(
    community, programme, village_clerk
):
    fields = typed(community, programme, _submit="")
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(village_clerk)
    answers = at_once(*[lambda c=client: c.post(ADD, fields) for client in clients])
    assert [answer.status_code for answer in answers] == [302] * 4
    activity = Activity.objects.get()
    assert {a["Location"].split("?")[0] for a in answers} == {
        f"/admin/activities/activity/{activity.pk}/change/"
    }
    assert activity.rounds.count() == 1


def test_four_photos_for_one_free_place(draft, village_clerk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for _ in range(8):
        PhotoFactory(activity=draft)
    content = BytesIO()
    Image.new("RGB", (40, 30)).save(content, "JPEG")

    def add():
        upload = SimpleUploadedFile("合影.jpg", content.getvalue())
        return photos.add(draft, village_clerk, upload, uuid.uuid4())

    answers = at_once(*[add] * 4)
    assert len(refusals(answers)) == 3
    assert draft.photos.count() == 9


def test_one_photo_sent_four_times_at_once(draft, village_clerk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    key = uuid.uuid4()
    content = BytesIO()
    Image.new("RGB", (40, 30)).save(content, "JPEG")

    def add():
        upload = SimpleUploadedFile("合影.jpg", content.getvalue())
        return photos.add(draft, village_clerk, upload, key).pk

    assert len(set(at_once(*[add] * 4))) == 1
    assert draft.photos.count() == 1


def test_a_series_sent_three_times_at_once_is_made_once(draft, village_clerk):
    token = uuid.uuid4()
    at_once(
        *[lambda: series.repeat(draft, village_clerk, "weekly", 3, token=token)] * 3
    )
    assert Activity.objects.count() == 4
