"""Which branches elect, what their next terms are, and who cannot start twice."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members import elections
from members.models import Candidate, Election, Term
from tests.factories import BranchFactory, PostFactory, TermFactory
from tests.members.elections.conftest import NEW, begun, committee_of

pytestmark = pytest.mark.django_db


def test_a_village_gets_its_next_term_with_the_seats_of_the_last(
    community, old_term, street_reviewer
):
    election = begun(community, street_reviewer)

    term = election.terms.get()
    assert (term.branch, term.number, term.status) == (community, 2, "preparing")
    assert (term.planned_on, term.seats_planned, term.elected_on) == (NEW, 3, None)
    assert (election.status, election.started_by) == ("draft", street_reviewer)


def test_a_branch_that_never_elected_begins_with_its_first_term(
    community, street_reviewer
):
    assert begun(community, street_reviewer).terms.get().number == 1


def test_seats_that_were_not_planned_are_as_many_as_people(community, street_reviewer):
    term = TermFactory(branch=community)
    for _ in range(4):
        PostFactory(member__branch=community, branch=community, term=term)

    assert begun(community, street_reviewer).terms.get().seats_planned == 4


def test_a_street_elects_all_its_villages_and_not_itself_nor_its_units(
    street, community, second_community, sister_community, street_reviewer
):
    BranchFactory(code="370114001U001", parent=street, level="unit", kind="company")

    election = begun(street, street_reviewer, covers_below=True)

    branches = [term.branch for term in election.terms.order_by("branch__path")]
    assert branches == [community, second_community]


def test_a_closed_village_does_not_elect(
    street, community, second_community, street_reviewer
):
    type(community).objects.filter(pk=community.pk).update(closed_on=date(2025, 1, 1))

    election = begun(street, street_reviewer, covers_below=True)

    assert election.terms.get().branch == second_community


def test_the_form_sent_twice_starts_one(community, street_reviewer):
    key = uuid.uuid4()

    first = begun(community, street_reviewer, form_key=key)
    second = begun(community, street_reviewer, form_key=key)

    assert first == second
    assert (Election.objects.count(), Term.objects.count()) == (1, 1)


def test_a_village_in_another_election_is_refused(
    street, community, second_community, street_reviewer
):
    begun(community, street_reviewer)

    with pytest.raises(ValidationError) as refusal:
        begun(street, street_reviewer, covers_below=True)

    (sentence,) = refusal.value.messages
    assert sentence.startswith("明一社区妇联正在换届（")
    assert "请先办完或放弃那一次" in sentence
    assert Election.objects.count() == 1


def test_only_a_street_takes_its_villages_along(district, district_admin):
    with pytest.raises(ValidationError, match="只有镇街能连同"):
        begun(district, district_admin, covers_below=True)


def test_a_street_without_villages_is_refused(street, street_reviewer):
    with pytest.raises(ValidationError, match="明水街道妇联下面没有"):
        begun(street, street_reviewer, covers_below=True)


def test_a_planned_term_is_taken_up_and_no_second_one_made(
    community, old_term, street_reviewer
):
    planned = elections.postpone(community, date(2030, 5, 1), "换届延期")

    election = begun(community, street_reviewer)

    term = election.terms.get()
    assert (term.pk, term.number, term.status) == (planned.pk, 2, "preparing")
    assert term.planned_on == NEW


def test_an_election_that_is_dropped_leaves_its_terms_planned_and_forgets_who_stood(
    election, term, community, street_reviewer
):
    elections.drop(election)

    term.refresh_from_db()
    election.refresh_from_db()
    assert (term.status, term.election, election.status) == (
        "not_started",
        None,
        "dropped",
    )
    assert not Candidate.objects.exists()
    with pytest.raises(ValidationError, match="已经放弃"):
        elections.drop(election)
    again = begun(community, street_reviewer)
    assert again.terms.get() == term


def test_one_village_is_left_out_of_its_street(
    street, community, second_community, street_reviewer
):
    election = begun(street, street_reviewer, covers_below=True)

    elections.leave_out(election.terms.get(branch=community))

    assert election.terms.get().branch == second_community
    with pytest.raises(ValidationError, match="只有这一个组织"):
        elections.leave_out(election.terms.get())


def test_day_and_method_are_set_for_all_at_once(
    street, community, second_community, street_reviewer
):
    election = begun(street, street_reviewer, covers_below=True)

    count = elections.arrange(election, method="assembly", planned_on=None)

    assert count == 2
    rows = set(election.terms.values_list("method", "planned_on"))
    assert rows == {("assembly", NEW)}


def test_a_street_of_33_villages_costs_what_one_costs(
    street, street_reviewer, django_assert_max_num_queries
):
    for number in range(33):
        village = BranchFactory(code=f"370114001{number + 100}", parent=street)
        committee_of(village, f"赵玉兰{number}")

    with django_assert_max_num_queries(40):
        election = begun(street, street_reviewer, covers_below=True)

    assert election.terms.count() == 33
