"""Approval, filing, putting off, and by-elections."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from federation.months import local_today
from members import elections
from members.models import Candidate, Member, Post, Term
from tests.factories import MemberFactory
from tests.members.elections.conftest import NEW, begun, committee_of, post_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def elected(election, term, street_reviewer):
    elections.confirm(election, street_reviewer)
    term.refresh_from_db()
    return term


def test_approval_and_filing_move_the_term_on(elected):
    assert elections.approve([elected], "章妇〔2026〕8 号", date(2026, 3, 10)) == 1
    elected.refresh_from_db()
    assert (elected.status, elected.approval_number) == ("approved", "章妇〔2026〕8 号")

    assert elections.file([elected], "章妇备〔2026〕3 号", date(2026, 3, 20)) == 1
    elected.refresh_from_db()
    assert (elected.status, elected.filed_on) == ("filed", date(2026, 3, 20))


def test_what_is_not_approved_is_not_filed(elected):
    with pytest.raises(ValidationError, match="还没有批复"):
        elections.file([elected], "章妇备〔2026〕3 号", date(2026, 3, 20))


def test_what_is_not_elected_is_not_approved(term):
    assert elections.approve([term], "章妇〔2026〕8 号", date(2026, 3, 10)) == 0


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (NEW - timedelta(days=1), "早于选举日期（明一社区妇联）"),
        (local_today() + timedelta(days=1), "还没有到"),
    ],
)
def test_an_approval_lies_between_the_election_and_today(elected, day, words):
    with pytest.raises(ValidationError, match=words):
        elections.approve([elected], "章妇〔2026〕8 号", day)


def later(days=200):
    return local_today() + timedelta(days=days)


def test_an_election_is_put_off_with_its_reason(community, old_term):
    term = elections.postpone(community, later(), "村级换届延期，章组〔2026〕2 号")

    assert (term.status, term.number, term.planned_on) == ("postponed", 2, later())
    again = elections.postpone(community, later(300), "再次延期")
    assert again == term
    assert Term.objects.filter(branch=community).count() == 2


@pytest.mark.parametrize("to", [local_today(), later()])
def test_it_is_put_off_to_a_later_day(community, to):
    elections.postpone(community, later(), "延期")

    with pytest.raises(ValidationError, match="请填一个以后的日期"):
        elections.postpone(community, to, "延期")


def test_a_village_that_is_put_off_leaves_its_street(
    street, community, second_community, street_reviewer
):
    committee_of(community, "李秀英")
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())

    term = elections.postpone(community, later(), "延期")

    assert (term.election, term.status) == (None, "postponed")
    assert not Candidate.objects.filter(term=term).exists()
    assert election.terms.get().branch == second_community


def test_a_village_on_its_own_waits_with_its_election(election, term, community):
    elections.postpone(community, later(), "延期")

    term.refresh_from_db()
    assert (term.status, term.election) == ("postponed", election)
    assert term.candidates.count() == 3


# 补选


DAY = date(2024, 9, 1)


def test_a_vacant_seat_is_filled_in_the_running_term(community, old_term):
    leaving = post_of("张桂芬")
    leaving.ended_on, leaving.ending = date(2024, 6, 1), "resigned"
    leaving.save()
    zhao = MemberFactory(name="赵玉兰", branch=community)

    post = elections.elect_to_vacancy(old_term, zhao, title="committee", on=DAY)

    assert (post.term, post.branch, post.started_on) == (old_term, community, DAY)


def test_whoever_leaves_makes_room_on_the_same_day(community, old_term):
    leaving = post_of("李秀英")
    zhao = Member(name="赵玉兰", branch=community)

    post = elections.elect_to_vacancy(
        old_term,
        zhao,
        title="chair",
        on=DAY,
        vacancy=elections.Vacancy(leaving, Post.Ending.TRANSFERRED),
    )

    leaving.refresh_from_db()
    assert (leaving.ended_on, leaving.ending) == (DAY, "transferred")
    assert Post.objects.chairs().in_post(DAY).get() == post
    assert Member.objects.get(name="赵玉兰").initials == "zyl"


def test_a_refused_by_election_leaves_nobody_out_and_nobody_in(community, old_term):
    zhao = Member(name="赵玉兰", branch=community)

    with pytest.raises(ValidationError, match="已有主席李秀英"):
        elections.elect_to_vacancy(
            old_term,
            zhao,
            title="chair",
            on=DAY,
            vacancy=elections.Vacancy(post_of("张桂芬"), Post.Ending.RESIGNED),
        )

    assert post_of("张桂芬").ended_on is None
    assert not Member.objects.filter(name="赵玉兰").exists()


def test_a_term_that_is_over_has_no_by_election(elected, old_term, community):
    zhao = MemberFactory(name="赵玉兰", branch=community)

    with pytest.raises(ValidationError, match="不是现任的一届"):
        elections.elect_to_vacancy(old_term, zhao, title="committee", on=DAY)


def test_a_by_election_to_come_is_not_entered_yet(community, old_term):
    zhao = MemberFactory(name="赵玉兰", branch=community)

    with pytest.raises(ValidationError, match="还没有到"):
        elections.elect_to_vacancy(old_term, zhao, title="committee", on=later())
