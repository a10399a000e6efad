"""`/families/today/`: the numbers of one's own part, each with its list."""

from datetime import date
from html.parser import HTMLParser

import pytest

from families.models import Household, Recognition
from families.today import today_of
from federation import successions
from federation.models import BranchStat, ReportingMonth
from federation.months import Month, local_today
from federation.roles import Role
from rollups import engine
from tests.conftest import staff
from tests.factories import (
    BatchFactory,
    BranchFactory,
    GrantFactory,
    HouseholdFactory,
    InspectionFactory,
    RecognitionFactory,
    UserFactory,
)
from tests.families.conftest import look_at_village

PAGE = "/families/today/"
GRANTED_ON = date(2026, 3, 10)


def recognise(household=None, **values):
    branch = values.pop("branch", None) or household.branch
    return RecognitionFactory(
        household=household,
        branch=branch,
        batch=BatchFactory(branch=branch, name=f"批次{Recognition.objects.count()}"),
        stage="granted",
        granted_on=GRANTED_ON,
        review_due_on=date(2028, 3, 10),
        **values,
    )


@pytest.fixture
def register(office, community, second_community, sister_community):
    """Villages with households in every standing: what counts, and what does not."""
    this_year, last_year = local_today(), date(local_today().year - 1, 12, 31)
    villages = (community, second_community, sister_community)
    for place, village in enumerate(villages, start=1):
        BranchStat.objects.create(
            branch=village,
            figure=BranchStat.Figure.COURTYARDS,
            as_of=last_year,
            value=10 * place,
            source="统计",
        )
        rows = [HouseholdFactory(branch=village, number=n) for n in range(1, 6 + place)]
        for row in rows[: 2 + place]:
            recognise(row)
        gone, revoked, waiting = rows[0], rows[1], rows[-1]
        Household.objects.filter(pk=gone.pk).update(left_on=date(2026, 5, 1))
        Recognition.objects.filter(household=revoked).update(
            stage="revoked", revoked_on=date(2026, 4, 1)
        )
        RecognitionFactory(
            household=waiting, batch=BatchFactory(branch=village, name="还在走")
        )
        for row, day in ((waiting, this_year), (waiting, last_year), (gone, this_year)):
            InspectionFactory(household=row, inspected_on=day)
        look_at_village(office.street if place < 3 else office.district, village)
    lost = recognise(branch=community, subject="village")
    Recognition.objects.filter(pk=lost.pk).update(
        stage="revoked", revoked_on=date(2026, 4, 1)
    )
    recognise(branch=second_community, subject="village")
    recognise(branch=sister_community, subject="village")
    return villages


class Links(HTMLParser):
    """{address: number} of the links on a page that say a number."""

    def __init__(self, page: str):
        super().__init__()
        self.found, self.address, self.said = {}, None, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.address, self.said = dict(attrs)["href"], ""

    def handle_data(self, text):
        self.said += text

    def handle_endtag(self, tag):
        if tag == "a" and self.address:
            digits = "".join(c for c in self.said if c.isdigit())
            if "/admin/families/" in self.address and digits:
                self.found[self.address] = int(digits)
            self.address = None


def whole_of(page) -> dict:
    whole = page.context["today"].whole
    return {
        "recognised": whole.cell.count,
        "courtyards": whole.cell.base,
        "villages": whole.models,
        "registered": whole.registered,
        "visits": whole.visits,
    }


def listed(client, address: str) -> int:
    return client.get(address).context["cl"].queryset.count()


NUMBERS = {
    "district": (6, 60, 2, 18, 6),
    "street": (3, 30, 1, 11, 4),
    "village": (1, 10, 0, 5, 2),
}


@pytest.mark.parametrize("who", NUMBERS)
def test_each_number_is_what_its_list_counts(as_user, register, who):
    client = as_user(who)
    page = client.get(PAGE)
    numbers = Links(page.text).found

    assert tuple(whole_of(page).values()) == NUMBERS[who]
    assert set(NUMBERS[who]) - {0, NUMBERS[who][1]} <= set(numbers.values())
    assert {address: listed(client, address) for address in numbers} == numbers


def test_so_does_whoever_has_two_parts_of_the_tree(
    client, register, community, sister_community, district
):
    user = staff(community, Role.CLERK, "of_two")
    GrantFactory(user=user, branch=sister_community, role=Role.CLERK)
    client.force_login(user)

    page = client.get(PAGE)
    numbers = Links(page.text).found

    assert whole_of(page)["registered"] == 5 + 7
    assert [top.pk for top in page.context["today"].tops] == [
        community.pk,
        sister_community.pk,
    ]
    # She may not list the streets, which hold other villages too.
    assert "合计" not in page.text
    assert len(page.context["today"].streets) == 2
    assert {address: listed(client, address) for address in numbers} == numbers


def test_what_counts_is_what_the_indicators_count(as_user, register):
    whole = as_user("district").get(PAGE).context["today"].whole
    in_force = Recognition.objects.in_force(local_today())

    assert whole.cell.count == in_force.of_households().count()
    assert whole.models == in_force.of_villages().count()


def test_a_star_leads_to_the_recognised_village(as_user, register, second_community):
    client = as_user("street")
    page = client.get(PAGE)
    villages = page.context["today"].streets[0].villages
    star = next(v for v in villages if v.code == second_community.code)

    assert star.models_list in page.text.replace("&amp;", "&")
    assert listed(client, star.models_list) == 1
    assert [v.model for v in villages] == [False, True]


def test_others_are_on_no_page_of_hers(as_user, register):
    page = as_user("street").get(PAGE).text

    assert "明二社区" in page
    assert "双山" not in page
    assert "赵家庄" not in page
    assert "明二" not in as_user("village").get(PAGE).text


def test_who_holds_nothing_here_sees_nothing(client, register, staff_without_grant):
    assert client.get(PAGE).headers["Location"] == f"/admin/login/?next={PAGE}"
    client.force_login(staff_without_grant)
    assert client.get(PAGE).status_code == 403


def test_a_superuser_sees_the_whole_tree(client, register, district):
    client.force_login(UserFactory(is_superuser=True))

    page = client.get(PAGE)

    assert page.context["today"].tops == [district]
    assert whole_of(page)["registered"] == 18


def test_its_answer_is_kept_by_no_shared_cache(as_user, register):
    answer = as_user("village").get(PAGE)

    assert "private" in answer.headers["Cache-Control"]


def test_after_a_merger_numbers_and_lists_still_agree(
    as_user, register, community, second_community
):
    # A look at the household that had left stays with the village that ends.
    gone = community.inspections.filter(household__left_on__isnull=False)
    gone.update(inspected_on=date(local_today().year, 1, 15))
    deed = successions.Deed(local_today().replace(day=1), "村庄合并", "1 号", None)
    successions.merge(deed, [community], into=second_community)
    client = as_user("street")

    page = client.get(PAGE)
    numbers = Links(page.text).found

    assert whole_of(page)["registered"] == 11
    assert whole_of(page)["visits"] == 4
    street = page.context["today"].streets[0]
    assert (street.registered, street.visits) == (11, 4)
    assert {address: listed(client, address) for address in numbers} == numbers


def test_without_courtyards_there_is_no_rate(office, register, second_community):
    BranchStat.objects.filter(branch=second_community).delete()

    found = today_of(office.street, local_today())

    assert found.whole.rate is None
    assert found.whole.cell.count == 3


def test_a_community_without_households_does_not_take_the_streets_base(
    as_user, register, street
):
    BranchFactory(code="370114001009", short_name="楼房社区", parent=street)

    streets = as_user("street").get(PAGE).context["today"].streets

    assert streets[0].rate == 10
    assert [v.takes_part for v in streets[0].villages] == [True, True, False]


def test_before_the_first_household_she_is_told_how_to_begin(
    client, village_clerk, community
):
    client.force_login(village_clerk)

    page = client.get(PAGE).text

    assert "还没有登记家庭户" in page
    assert "历年" not in page


def test_a_closed_half_year_leads_to_the_records_of_its_end(
    as_user, register, street, second_community
):
    june = Month(2026, 6)
    engine.recount_range(june, june)
    months = ReportingMonth.objects.filter(month=june.first_day)
    months.update(status=ReportingMonth.Status.CLOSED, revision=1)
    earlier = Month(2025, 12)
    engine.recount_range(earlier, earlier)
    ReportingMonth.objects.update(status=ReportingMonth.Status.CLOSED, revision=1)
    client = as_user("street")

    # Nobody was recognised anywhere in 2025: that is no zero.
    past = client.get(PAGE).context["today"].past

    assert [(one.month, one.line.cell.count) for one in past] == [(june, 3)]
    behind = client.get(past[0].records)
    assert behind.context["figure"] == "3"
    assert not behind.context["evidence"].differs


def test_the_page_costs_ten_queries_however_many_villages(
    as_user, register, django_assert_max_num_queries
):
    client = as_user("district")
    client.get(PAGE)
    with django_assert_max_num_queries(10):
        client.get(PAGE)
