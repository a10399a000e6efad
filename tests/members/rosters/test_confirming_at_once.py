"""Two who confirm one import at once, and a worker that is killed, on PostgreSQL."""

import pytest

from federation import doorbell
from members.models import Member, Post
from tests.federation.imports import at_once, books

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(hand_in, community, monkeypatch):
    monkeypatch.setattr(doorbell, "ring", lambda task: None)
    monkeypatch.setattr("federation.counted.ring", lambda: None)
    rows = [[f"王芳{n}", "执委"] for n in range(200)]
    return hand_in(books.csv([["姓名", "职务"], *rows]), branch=community)


def test_two_confirmations_and_three_workers_give_one_import(run, street_reviewer):
    assert at_once.confirm_and_write_at_once(run, street_reviewer) == (1, [0, 0, 1])
    assert (Member.objects.count(), Post.objects.count()) == (200, 200)


def test_a_worker_killed_in_the_middle_leaves_nothing(
    run, street_reviewer, monkeypatch
):
    # The people are written by then, the posts are not.
    at_once.kill_in_the_middle(run, street_reviewer, "members.imports:_ending_grants")

    assert Member.objects.count() == 0
    at_once.write_after_all(run, street_reviewer, monkeypatch)
    assert Post.objects.count() == 200
