"""How long personal data stays, and what stays when it goes."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from federation.journal import UNDO_DAYS
from federation.months import local_today
from members import retention
from members.models import Candidate, Election, Member, Post
from tests.factories import MemberFactory, PostFactory, TermFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
PHONE = "13812341234"


def somebody(branch, *ended_on):
    """Return a member whose posts ended on these days; None is a running one."""
    member = MemberFactory(branch=branch, phone=PHONE)
    for number, day in enumerate(ended_on):
        PostFactory(
            member=member,
            title=["committee", "chair", "standing"][number],
            started_on=date(2016, 3, 1),
            ended_on=day,
            ending="resigned" if day else "",
        )
    return member


def kept_until(member) -> tuple[str, date | None]:
    member.refresh_from_db()
    return member.phone, member.purge_on


@pytest.mark.parametrize(
    ("ended_on", "kept"),
    [
        ([None], (PHONE, None)),
        ([date(2020, 1, 1), None], (PHONE, None)),
        ([date(2026, 5, 1)], (PHONE, date(2027, 5, 1))),
        ([date(2024, 1, 1), date(2026, 5, 1)], (PHONE, date(2027, 5, 1))),
        ([date(2025, 11, 26)], (PHONE, date(2026, 11, 26))),
        ([date(2025, 11, 25)], ("", date(2026, 11, 25))),
        ([date(2020, 1, 1)], ("", date(2020, 12, 31))),
    ],
)
def test_a_phone_stays_for_a_year_after_the_last_post(community, ended_on, kept):
    member = somebody(community, *ended_on)

    retention.purge(TODAY)

    assert kept_until(member) == kept


def test_a_post_to_come_keeps_the_phone(community):
    member = somebody(community, date(2020, 1, 1))
    PostFactory(member=member, title="chair", started_on=date(2026, 12, 1))

    retention.purge(TODAY)

    assert kept_until(member) == (PHONE, None)


def test_who_comes_back_keeps_her_phone_again(community):
    member = somebody(community, date(2026, 5, 1))
    retention.purge(TODAY)
    PostFactory(member=member, title="chair", started_on=date(2026, 11, 1))

    retention.purge(TODAY)

    assert kept_until(member) == (PHONE, None)


def test_who_left_again_is_kept_from_her_last_post_on(community):
    member = somebody(community, date(2026, 5, 1))
    retention.purge(TODAY)
    PostFactory(
        member=member,
        title="chair",
        started_on=date(2026, 6, 1),
        ended_on=date(2026, 9, 1),
        ending="resigned",
    )

    retention.purge(TODAY)

    assert kept_until(member) == (PHONE, date(2027, 9, 1))


def test_who_never_held_a_post_counts_from_her_registration(community):
    member = somebody(community)
    long_ago = datetime(2025, 1, 10, 12, tzinfo=timezone.get_default_timezone())
    Member.objects.filter(pk=member.pk).update(created_at=long_ago)

    retention.purge(TODAY)

    assert kept_until(member) == ("", date(2026, 1, 10))


def test_the_person_and_her_posts_stay(community):
    member = somebody(community, date(2020, 1, 1))

    assert retention.purge(TODAY) == 1
    assert retention.purge(TODAY) == 0

    assert Post.objects.get().member == member


# Candidates


@pytest.fixture
def candidates(community):
    """One elected and one not, in an election that was confirmed long ago."""
    election = Election.objects.create(
        branch=community,
        elected_on=date(2026, 1, 5),
        status=Election.Status.CONFIRMED,
        confirmed_at=timezone.now() - timedelta(days=UNDO_DAYS + 2),
    )
    term = TermFactory(branch=community, election=election)
    for name, is_elected in (("李秀英", True), ("王淑兰", False)):
        Candidate.objects.create(term=term, name=name, is_elected=is_elected)
    return election


def names() -> list[str]:
    return list(Candidate.objects.order_by("pk").values_list("name", flat=True))


def test_who_was_not_elected_is_forgotten_with_the_undo_period(candidates):
    retention.forget_candidates()

    assert names() == ["李秀英"]


def test_while_it_can_be_undone_they_stay(candidates):
    Election.objects.update(confirmed_at=timezone.now() - timedelta(days=UNDO_DAYS - 1))

    retention.forget_candidates(local_today())

    assert names() == ["李秀英", "王淑兰"]


def test_an_election_under_way_forgets_nobody(candidates):
    Election.objects.update(status=Election.Status.DRAFT, confirmed_at=None)

    retention.forget_candidates()

    assert names() == ["李秀英", "王淑兰"]
