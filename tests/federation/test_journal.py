"""An operation over many rows is taken back as a whole, or not at all."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import journal
from federation.models import Journal, JournalEntry, Mark
from members.models import Member, Post
from tests.factories import BranchFactory, MemberFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return BranchFactory(code="370114001001", short_name="明一社区")


@pytest.fixture
def made(village):
    """One operation: an old post ended, a new member put into a post."""
    old = PostFactory(member=MemberFactory(branch=village), branch=village)
    book = Journal.objects.create(branch=village, title="换届", made_by=UserFactory())
    with transaction.atomic():
        recorder = journal.Recorder(book)
        old.ended_on, old.ending = date(2026, 3, 1), "term_over"
        recorder.update([old], ["ended_on", "ending"])
        (member,) = recorder.create([Member(name="赵玉兰", branch=village)])
        recorder.create(
            [Post(member=member, branch=village, started_on=date(2026, 3, 1))]
        )
    return book, old, member


def test_undoing_leaves_everything_as_it_was(made):
    book, old, member = made
    Mark.objects.all().delete()

    journal.undo(book, UserFactory(name="王主任"))

    old.refresh_from_db()
    assert (old.ended_on, old.ending) == (None, "")
    assert not Member.objects.filter(pk=member.pk).exists()
    assert Post.objects.get() == old
    assert Mark.objects.filter(branch=old.branch).exists()


def test_it_is_undone_once(made):
    book, *_ = made
    journal.undo(book, UserFactory(name="王主任"))

    with pytest.raises(ValidationError, match="已由王主任在 .* 撤销过"):
        journal.undo(book, UserFactory())


def test_a_row_changed_since_keeps_all_of_it(made):
    book, old, member = made
    Member.objects.filter(pk=member.pk).update(skills="剪纸")

    with pytest.raises(ValidationError, match="“赵玉兰”后来又改动过"):
        journal.undo(book, UserFactory())

    old.refresh_from_db()
    assert old.ended_on == date(2026, 3, 1)
    assert Post.objects.count() == 2


def test_a_record_that_stands_on_it_keeps_all_of_it(made):
    book, old, member = made
    member.seats.create(
        branch=member.branch, level="district", congress=5, started_on=date(2026, 4, 1)
    )

    with pytest.raises(ValidationError, match="以这次操作为依据"):
        journal.undo(book, UserFactory())

    assert Post.objects.count() == 2


def test_after_thirty_days_nothing_is_left_to_undo_by(made):
    book, *_ = made
    Journal.objects.update(made_at=timezone.now() - timedelta(days=31))

    assert journal.forget_old_entries() > 0
    with pytest.raises(ValidationError, match="已超过 30 天"):
        journal.undo(book, UserFactory())


def test_what_a_row_became_is_not_written_down(made):
    texts = [str(entry.before) for entry in JournalEntry.objects.all()]

    assert not any("赵玉兰" in text for text in texts)
