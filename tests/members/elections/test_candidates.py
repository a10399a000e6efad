"""Who stands: the old committee, people of the register, and newcomers."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members import elections
from members.elections import candidates
from members.models import Candidate
from tests.factories import MemberFactory, PostFactory
from tests.members.elections.conftest import NEW, begun, committee_of, post_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(community, old_term, street_reviewer):
    return begun(community, street_reviewer)


@pytest.fixture
def term(started):
    return started.terms.get()


def test_the_old_committee_stands_with_its_titles(term):
    post = post_of("李秀英")
    post.concurrent_office = "village"
    post.save()

    assert elections.take_committees([term]) == 3

    rows = term.candidates.values_list("member__name", "title", "source")
    assert list(rows) == [
        ("李秀英", "chair", "committee"),
        ("王淑兰", "committee", "committee"),
        ("张桂芬", "committee", "committee"),
    ]
    assert term.candidates.first().concurrent_office == "village"
    assert not term.candidates.filter(is_elected=True).exists()


def test_only_who_is_ticked_stands(term):
    wang = post_of("王淑兰").member_id

    assert elections.take_committees([term], [wang]) == 1

    assert term.candidates.get().member_id == wang


def test_who_stands_already_is_not_taken_twice(term):
    elections.take_committees([term])
    Candidate.objects.filter(member__name="李秀英").update(votes=30)

    assert elections.take_committees([term]) == 0

    assert term.candidates.get(member__name="李秀英").votes == 30


def test_who_left_before_the_day_is_not_in_the_old_committee(term):
    post = post_of("张桂芬")
    post.ended_on, post.ending = date(2025, 6, 1), "resigned"
    post.save()

    assert elections.take_committees([term]) == 2


def test_one_person_with_two_posts_stands_once_with_the_higher_title(
    term, community, old_term
):
    li = post_of("李秀英").member
    PostFactory(member=li, term=old_term, title="standing", started_on=date(2021, 3, 1))

    elections.take_committees([term])

    assert term.candidates.get(member=li).title == "chair"


def test_a_committee_of_a_street_stands_at_once(
    street, community, second_community, street_reviewer
):
    committee_of(community, "李秀英", "王淑兰")
    committee_of(second_community, "周玉珍")
    election = begun(street, street_reviewer, covers_below=True)

    assert elections.take_committees(election.terms.all()) == 3

    assert Candidate.objects.get(term__branch=second_community).member.name == "周玉珍"


def test_people_of_the_register_stand_once(term, community):
    zhao = MemberFactory(name="赵玉兰", branch=community)

    assert candidates.add_members(term, [zhao]) == 1
    assert candidates.add_members(term, [zhao]) == 0

    assert term.candidates.get().title == "committee"


def test_a_newcomer_sent_twice_stands_once(term):
    def person():
        return Candidate(name="赵玉兰", birth_month=date(1985, 3, 1))

    assert candidates.add_person(term, person())
    assert not candidates.add_person(term, person())
    assert candidates.add_person(term, Candidate(name="赵玉兰"))


def test_an_id_number_is_no_newcomer(term):
    with pytest.raises(ValidationError, match="身份证号"):
        candidates.add_person(term, Candidate(name="11010519491231002X"))


def test_everybody_is_elected_where_nobody_was_chosen_yet(
    street, community, second_community, street_reviewer
):
    committee_of(community, "李秀英", "王淑兰")
    committee_of(second_community, "周玉珍", "吴凤英")
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())
    Candidate.objects.filter(member__name="李秀英").update(is_elected=True)

    assert elections.elect_everybody(election) == 2

    elected = Candidate.objects.filter(is_elected=True)
    assert set(elected.values_list("member__name", flat=True)) == {
        "李秀英",
        "周玉珍",
        "吴凤英",
    }


def test_a_confirmed_election_elects_nobody_more(election, street_reviewer):
    elections.confirm(election, street_reviewer)

    with pytest.raises(ValidationError, match="请先撤销确认"):
        elections.elect_everybody(election)
    assert election.terms.get().elected_on == NEW
