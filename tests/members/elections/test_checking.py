"""What refuses a confirmation, and what is only said."""

from datetime import date, timedelta

import pytest

from federation.months import local_today
from members import elections
from members.models import Candidate, Member, Post, Term
from tests.factories import BranchFactory, MemberFactory, PostFactory
from tests.members.elections.conftest import NEW, begun, committee_of

pytestmark = pytest.mark.django_db


def said(election, *, error):
    problems = elections.check(elections.plan_of(election))
    return [one.sentence for one in problems if one.is_error is error]


def test_a_complete_election_is_without_fault(election):
    assert elections.check(elections.plan_of(election)) == []


def test_a_term_without_elected_people_is_an_error(election):
    Candidate.objects.update(is_elected=False)

    assert said(election, error=True) == ["还没有填当选人。"]


def test_a_committee_without_a_chair_is_an_error(election):
    Candidate.objects.update(title="committee")

    assert said(election, error=True) == ["当选人里没有主席，请选一位。"]


def test_two_chairs_are_an_error_said_once(election):
    Candidate.objects.filter(member__name__in=["李秀英", "王淑兰"]).update(
        title="chair"
    )

    assert said(election, error=True) == ["有 2 位主席（李秀英、王淑兰），只能有一位。"]


@pytest.mark.parametrize(
    ("seats", "error", "sentence"),
    [
        (2, True, "当选 3 人，超过名额 2 人；请核对当选人，或改名额。"),
        (5, False, "当选 3 人，比名额少 2 人，以后可以补选。"),
        (None, True, "还没有填执委名额。"),
    ],
)
def test_the_seats_are_held_against_the_elected(election, seats, error, sentence):
    election.terms.update(seats_planned=seats)

    assert said(election, error=error) == [sentence]


def test_a_day_to_come_is_an_error(election):
    day = local_today() + timedelta(days=1)
    election.terms.update(planned_on=day)

    (sentence,) = said(election, error=True)
    assert sentence == f"选举日期是 {day}，还没有到；选举之后再来确认。"


def test_a_term_without_a_day_is_an_error(election):
    election.terms.update(planned_on=None)

    assert "还没有填选举日期。" in said(election, error=True)


def test_a_day_before_the_last_election_is_an_error(election):
    election.terms.update(planned_on=date(2021, 3, 1))

    assert "第 1 届在 2021-03-01 选举，与这一届的先后不符，请核对。" in said(
        election, error=True
    )


def test_what_the_rules_of_posts_refuse_is_said_in_their_words(election, community):
    """Somebody entered the new chair by hand before the election was confirmed."""
    Post.objects.filter(title="chair").update(
        ended_on=NEW - timedelta(days=1), ending="resigned"
    )
    newcomer = MemberFactory(name="赵玉兰", branch=community)
    PostFactory(member=newcomer, title="chair", started_on=NEW)

    (sentence,) = said(election, error=True)
    assert sentence == (
        f"李秀英：明一社区妇联已有主席赵玉兰（{NEW} 至今），"
        "同一天只能有一位主席，请先填写前任的卸任日期。"
    )


@pytest.mark.parametrize(
    ("office", "warned"),
    [("", True), ("village", True), ("deputy", False), ("deputy_rank", False)],
)
def test_a_streets_chair_is_warned_about_and_not_refused(
    street, street_reviewer, office, warned
):
    committee_of(street, "孙丽华")
    election = begun(street, street_reviewer)
    elections.take_committees(election.terms.all())
    elections.elect_everybody(election)
    Candidate.objects.update(concurrent_office=office)

    sentences = said(election, error=False)

    assert any("党政女性副职" in sentence for sentence in sentences) is warned
    assert said(election, error=True) == []


def test_a_villages_chair_needs_no_office(election):
    assert said(election, error=False) == []


def test_too_few_voters_are_warned_about(election):
    election.terms.update(voters_expected=40, voters_present=19)

    assert said(election, error=False) == ["实到 19 人，不到应到 40 人的一半，请核对。"]


def test_what_was_not_filled_in_is_warned_about(election):
    election.terms.update(method="", voters_expected=None)

    assert said(election, error=False) == [
        "还没有填选举方式。",
        "还没有填应到、实到人数。",
    ]


def test_more_votes_than_voters_are_warned_about(election):
    Candidate.objects.filter(member__name="李秀英").update(votes=37)

    assert said(election, error=False) == ["李秀英得票 37，多于实到 36 人，请核对。"]


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ({"birth_month": date(1985, 3, 1)}, {"birth_month": date(1985, 3, 1)}),
        ({"phone": "13812341234"}, {"phone": "13812341234", "name": "赵玉蘭"}),
        ({}, {"birth_month": date(1985, 3, 1)}),
    ],
)
def test_somebody_new_who_may_be_in_the_register_is_warned_about(
    election, term, community, known, new
):
    MemberFactory(name="赵玉兰", branch=community, **known)
    person = Candidate(**{"name": "赵玉兰", "is_elected": True} | new)
    elections.candidates.add_person(term, person)

    (sentence,) = [one for one in said(election, error=False) if "可能就是" in one]
    assert "名册里的赵玉兰（明一社区妇联）" in sentence


def test_a_namesake_born_in_another_month_is_not(election, term, community):
    MemberFactory(name="赵玉兰", branch=community, birth_month=date(1970, 1, 1))
    person = Candidate(name="赵玉兰", birth_month=date(1985, 3, 1), is_elected=True)
    elections.candidates.add_person(term, person)

    assert [one for one in said(election, error=False) if "可能就是" in one] == []


def test_nothing_is_said_of_people_elsewhere(election, term, sister_community):
    MemberFactory(name="赵玉兰", branch=sister_community, phone="13812341234")
    person = Candidate(name="赵玉兰", phone="13812341234", is_elected=True)
    elections.candidates.add_person(term, person)

    assert [one for one in said(election, error=False) if "可能就是" in one] == []


def test_one_name_twice_among_the_elected_is_warned_about(election, term):
    person = Candidate(name="李秀英", birth_month=date(1985, 3, 1), is_elected=True)
    elections.candidates.add_person(term, person)
    Term.objects.update(seats_planned=4)

    assert "当选人里有 2 个李秀英，请核对是不是同一个人。" in said(
        election, error=False
    )


def test_the_check_costs_the_same_for_33_villages_as_for_two(
    street, street_reviewer, django_assert_max_num_queries
):
    for number in range(33):
        village = BranchFactory(code=f"370114001{number + 100}", parent=street)
        committee_of(village, f"赵玉兰{number}", f"钱二妹{number}")
    election = begun(street, street_reviewer, covers_below=True)
    elections.take_committees(election.terms.all())
    elections.elect_everybody(election)

    with django_assert_max_num_queries(12):
        problems = elections.check(elections.plan_of(election))

    assert not any(problem.is_error for problem in problems)
    assert Member.objects.count() == 66


def test_a_post_of_the_old_term_that_begins_on_the_day_is_refused(
    election, old_term, community
):
    """It could not end with its term: a post lasts a day at least."""
    PostFactory(
        member=MemberFactory(name="赵玉芝", branch=community),
        branch=community,
        term=old_term,
        started_on=NEW,
    )

    assert said(election, error=True) == [
        "赵玉芝的任职从 2026-03-02 开始，却登记在第 1 届；请先改正她的任职日期或届次。"
    ]
