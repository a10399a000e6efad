"""A month from the village to the auditor: reported on phones, looked over by the
street, closed by the district, proved by the auditor."""

import hashlib
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from federation.months import Month
from federation.roles import Role
from rollups import engine
from rollups.closings import paper
from rollups.models import Expectation, Revision
from tests.browser.thumbs import DESKTOP
from tests.conftest import staff
from tests.factories import ActivityFactory, ResultFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("revisions_go"),
]

LAST = Month.current().previous()


@pytest.fixture
def auditor(district):
    return staff(district, Role.AUDITOR, "auditor")


@pytest.fixture
def second_clerk(second_community):
    return staff(second_community, Role.CLERK, "second_clerk")


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def test_a_month_is_reported_closed_and_proved(
    open_page,
    community,
    second_community,
    village_clerk,
    second_clerk,
    street_reviewer,
    district_admin,
    auditor,
    programme,
):
    Expectation.objects.update_or_create(
        pk=Expectation.THE_ONE, defaults={"since": LAST.first_day}
    )
    engine.open_month(LAST)
    day = LAST.first_day + timedelta(days=9)
    held = {"starts_on": day, "programme": programme, "attendance_offline": 128}
    ResultFactory(branch=community, title="反家暴法宣讲", **held)
    draft = ActivityFactory(
        branch=community, title="没写完的讲座", starts_on=day, programme=programme
    )
    engine.drain_marks()
    report = f"/rollups/report/{LAST}/"

    # The village: what is unfinished is named, then one tap confirms what was counted.
    page = open_page(village_clerk, f"{report}{community.code}/")
    expect(page.get_by_text("没写完的讲座")).to_be_visible()
    draft.delete()
    engine.drain_marks()
    page.reload()
    press(page, "确认 1 场 · 128 人次")
    expect(page.get_by_text("确认 1 场 · 128 人次").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    # Another one had nothing, which is not the same as saying nothing.
    page = open_page(second_clerk, f"{report}{second_community.code}/")
    press(page, "零报告")
    expect(page.get_by_text("零报告").first).to_be_visible()

    # The street sees who has reported, and what is left.
    page = open_page(street_reviewer, f"/rollups/progress/?month={LAST}", DESKTOP)
    tallies = page.locator(".tallies dd").all_inner_texts()
    assert [text.strip() for text in tallies[:4]] == ["3", "1", "1", "1"]
    page.goto(f"/rollups/months/{LAST}/")
    expect(page.get_by_role("button", name="结账")).to_have_count(0)

    # The district closes, and the month cannot be written any more.
    page = open_page(district_admin, f"/rollups/months/{LAST}/", DESKTOP)
    page.fill("[name=reason]", "按期结账")
    press(page, "结账")
    expect(page.get_by_text("第 1 版已结账")).to_be_visible()
    revision = Revision.objects.get()
    assert revision.closed_by == district_admin

    page = open_page(village_clerk, f"{report}{community.code}/")
    expect(page.get_by_text("结账（第 1 版）")).to_be_visible()

    # The auditor takes the file and the line that proves it.
    page = open_page(auditor, f"/rollups/revisions/{LAST}/1/", DESKTOP)
    expect(page.get_by_text(revision.head, exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    content = download.value.path().read_bytes()
    text = content.decode("utf-8-sig")
    assert f"{community.code},{community.name}" in text
    covered = b"\n".join([b"", revision.facts.encode(), content])
    assert hashlib.sha256(covered).hexdigest() == revision.sha256
    assert paper.digest("", revision.facts, content) == revision.sha256
