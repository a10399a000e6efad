"""待补数 stands beside the month's figures: never counted as zero, never silent."""

from datetime import date

from tests.factories import PlanFactory, ResultFactory

SENTENCE = "场活动日期已过、还没补人次"


def table(client, query="from=2026-03&to=2026-03"):
    return client.get(f"/rollups/?{query}").content.decode()


def test_a_month_names_the_plans_that_still_lack_their_figures(
    client, street_reviewer, community, sister_community
):
    PlanFactory(branch=community, starts_on=date(2026, 3, 31))
    PlanFactory(branch=community, starts_on=date(2026, 4, 1))
    PlanFactory(branch=sister_community, starts_on=date(2026, 3, 9))
    client.force_login(street_reviewer)

    assert f"1 {SENTENCE}" in table(client)
    assert f"2 {SENTENCE}" in table(client, "from=2026-03&to=2026-04")


def test_a_month_that_is_complete_says_nothing(client, street_reviewer, community):
    ResultFactory(branch=community, starts_on=date(2026, 3, 31))
    client.force_login(street_reviewer)

    assert SENTENCE not in table(client)
