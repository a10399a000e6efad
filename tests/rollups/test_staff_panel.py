"""The staff's first page leads to the figures, and shows this month's."""

from federation.months import Month
from rollups import engine
from tests.factories import ResultFactory


def first_page(client, user):
    client.force_login(user)
    return client.get("/admin/").content.decode()


def test_the_first_page_shows_her_month_and_leads_to_the_table(
    client, village_clerk, community, sister_community
):
    today = Month.current().first_day
    ResultFactory(branch=community, starts_on=today, attendance_offline=41)
    ResultFactory(branch=sister_community, starts_on=today, attendance_offline=7)
    engine.drain_marks()

    page = first_page(client, village_clerk)

    assert "1 场 · 41 人次" in page
    assert 'href="/rollups/"' in page


def test_a_street_sees_the_sum_of_its_villages(
    client, street_reviewer, community, second_community
):
    today = Month.current().first_day
    ResultFactory(branch=community, starts_on=today, attendance_offline=41)
    ResultFactory(branch=second_community, starts_on=today, attendance_offline=9)
    engine.drain_marks()

    assert "2 场 · 50 人次" in first_page(client, street_reviewer)
