"""The month's page tells who was reminded, and the district has a switch."""

import pytest

from rollups.models import Expectation
from tests.factories import GrantFactory
from tests.rollups.reminders.conftest import AFTER

MONTH = "/rollups/months/2026-10/"
SWITCH = "/rollups/reminders/"


@pytest.fixture
def page(client, addressed):
    def read(user, address=MONTH) -> str:
        client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return read


def test_the_months_page_counts_what_went_out(page, remind, district_admin):
    assert "催报：还没有发" in page(district_admin)
    remind()
    remind(AFTER)

    found = page(district_admin)
    assert "11 月 2 日（截止前）邮件发出 3 条" in found
    assert "11 月 6 日（截止后）邮件发出 3 条" in found


def test_it_says_what_did_not_go_out(page, remind, district_admin, monkeypatch):
    def fail(*said):
        raise OSError

    monkeypatch.setattr("rollups.reminders.channels.Email.send", fail)
    remind()

    assert "没发出 3 条，下个工作日再发一次" in page(district_admin)


def test_it_names_whom_to_call(page, district_admin, village_clerk, second_community):
    village_clerk.email = ""
    village_clerk.save()

    found = page(district_admin)

    assert "有 4 个收不到催报" in found
    assert "没有能报送的账号（3 个）：明二社区、双山街道、赵家庄社区" in found
    assert "账号没有填邮箱（1 个）：明一社区" in found


def test_a_street_reads_of_its_own(page, remind, street_reviewer, village_clerk):
    remind()

    found = page(street_reviewer)

    assert "邮件发出 2 条" in found
    assert "赵家庄社区" not in found
    assert "催报" not in page(village_clerk)


def test_the_districts_switch(page, client, remind, district_admin):
    assert "关闭催报" in page(district_admin, "/rollups/months/")

    answer = client.post(SWITCH, {"on": "0"}, follow=True)
    assert "催报已关闭" in answer.content.decode()
    assert "打开催报" in answer.content.decode()
    assert "催报已关闭" in page(district_admin)
    assert remind() == 0

    client.post(SWITCH, {"on": "1"})
    assert Expectation.objects.get().sends_reminders
    assert remind() == 3


def test_a_district_role_at_a_street_switches_nothing(
    client, addressed, street, street_reviewer
):
    GrantFactory(user=street_reviewer, branch=street, role="district_admin")
    client.force_login(street_reviewer)

    assert client.post(SWITCH, {"on": "0"}).status_code == 403
    assert "关闭催报" not in client.get("/rollups/months/").content.decode()
    assert Expectation.objects.get().sends_reminders


def test_the_months_page_takes_few_queries(
    page, client, remind, district_admin, django_assert_max_num_queries
):
    remind()
    page(district_admin)
    with django_assert_max_num_queries(30):
        client.get(MONTH)
