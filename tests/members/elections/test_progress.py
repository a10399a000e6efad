"""How far the streets are, in the order of the tree, and what is due next."""

from datetime import date

import pytest

from federation.months import local_today
from members import elections
from members.elections import progress
from members.models import Term
from tests.factories import BranchFactory, TermFactory
from tests.members.elections.conftest import begun, committee_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
SINCE = date(2026, 1, 1)


def figures(streets):
    return {
        row.short_name: tuple(getattr(row, name) for name in progress.COLUMNS)
        for row in progress.progress(streets, SINCE, TODAY)
    }


@pytest.fixture
def villages(street):
    return [
        BranchFactory(code=f"370114001{number}", parent=street)
        for number in range(101, 107)
    ]


def test_each_branch_of_the_round_is_counted_once(street, sister_street, villages):
    filed, approved, elected, planned, overdue, later = villages
    for branch, status in (
        (filed, "filed"),
        (approved, "approved"),
        (elected, "elected"),
    ):
        TermFactory(branch=branch, number=1)
        TermFactory(
            branch=branch,
            number=2,
            status=status,
            elected_on=date(2026, 3, 2),
            due_on=date(2031, 3, 2),
        )
    TermFactory(branch=planned, number=1)
    Term.objects.create(branch=planned, number=2, status="preparing")
    TermFactory(branch=overdue, number=1)
    TermFactory(branch=later, number=1, due_on=date(2028, 3, 1))

    assert figures([street, sister_street]) == {
        # round, elected, approved, filed, overdue
        "明水街道": (5, 3, 2, 1, 2),
        "双山街道": (0, 0, 0, 0, 0),
    }


def test_a_closed_village_is_in_no_round(street, villages):
    TermFactory(branch=villages[0], number=1)
    type(street).objects.filter(pk=villages[0].pk).update(closed_on=date(2026, 5, 1))

    assert figures([street])["明水街道"] == (0, 0, 0, 0, 0)


def test_the_street_itself_is_in_its_round(street):
    TermFactory(branch=street, number=1)

    assert figures([street])["明水街道"] == (1, 0, 0, 0, 1)


def test_the_district_and_its_units_stand_apart_from_the_streets(
    district, street, community
):
    unit = BranchFactory(
        code="370114U001", parent=district, level="unit", kind="institution"
    )
    for branch in (district, unit, community):
        TermFactory(branch=branch, number=1)
    everything = type(district).objects.all()

    streets = progress.streets_of(everything)

    assert streets == [district, street]
    assert figures(streets) == {
        "章丘区": (2, 0, 0, 0, 2),
        "明水街道": (1, 0, 0, 0, 1),
    }
    due = {one.street: one.terms for one in progress.due_terms(streets, TODAY, 3)}
    assert [term.branch for term in due[district]] == [district, unit]
    assert [term.branch for term in due[street]] == [community]


@pytest.mark.parametrize(("months", "count"), [(3, 1), (6, 2), (12, 3)])
def test_the_terms_due_next_are_those_within_the_months(
    street, villages, months, count
):
    days = (date(2026, 3, 1), date(2027, 4, 1), date(2027, 9, 1), date(2028, 3, 1))
    for branch, due_on in zip(villages, days, strict=False):
        TermFactory(branch=branch, number=1, due_on=due_on)

    (due,) = progress.due_terms([street], TODAY, months)

    assert [term.due_on for term in due.terms] == list(days[:count])


def test_what_is_being_elected_is_not_due(street, community, street_reviewer):
    committee_of(community, "李秀英")
    assert list(progress.due_terms([street], TODAY, 3))
    election = begun(community, street_reviewer)

    assert list(progress.due_terms([street], TODAY, 3)) == []
    elections.drop(election)
    assert list(progress.due_terms([street], TODAY, 3))


def test_the_page_is_in_tree_order_and_shows_ones_own(
    client, street_reviewer, district_admin, street, sister_street, community
):
    committee_of(community, "李秀英")
    client.force_login(district_admin)
    page = client.get("/admin/members/election/progress/").content.decode()
    assert page.index("明水街道妇联") < page.index("双山街道妇联")
    assert "合计" in page

    client.force_login(street_reviewer)
    page = client.get("/admin/members/election/progress/").content.decode()
    assert "双山街道" not in page
    assert f"branch={community.pk}" in page


def test_a_village_sees_itself(client, village_clerk, community):
    committee_of(community, "李秀英")
    client.force_login(village_clerk)

    page = client.get("/admin/members/election/progress/").content.decode()

    assert "明一社区妇联" in page
    assert "?branch=" not in page


def test_the_page_costs_the_same_however_many_streets(
    client, district, district_admin, django_assert_max_num_queries
):
    for number in range(18):
        street = BranchFactory(
            code=f"3701140{number + 10}", parent=district, level="town"
        )
        committee_of(street, f"赵玉兰{number}")
    client.force_login(district_admin)

    with django_assert_max_num_queries(15):
        client.get(f"/admin/members/election/progress/?since={local_today()}&months=12")
