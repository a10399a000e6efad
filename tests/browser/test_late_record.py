"""A lecture that a village finds missing after the closing, from its phone to the next
revision."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from activities.models import Activity
from federation.months import Month, local_today
from rollups import closings, engine
from rollups.models import Correction, Revision
from tests.browser.test_month import press
from tests.browser.thumbs import DESKTOP, TOO_SMALL
from tests.factories import ResultFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("revisions_go"),
]

LAST = Month.current().previous()
DAY = LAST.first_day + timedelta(days=9)
ADD = "/admin/activities/activity/add/"


def is_narrow(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_missing_lecture_gets_into_the_next_revision(
    open_page,
    community,
    village_clerk,
    street_reviewer,
    district_admin,
    programme,
):
    held = {"starts_on": DAY, "programme": programme, "attendance_offline": 30}
    ResultFactory(branch=community, title="反家暴法宣讲", **held)
    engine.drain_marks()
    closings.close(LAST, district_admin)

    # The village types it in, is told why not, and keeps it with a reason.
    page = open_page(village_clerk, ADD)
    page.fill("[name=title]", "“敬老助老”志愿服务")
    page.fill("[name=starts_on]", DAY.isoformat())
    page.fill("[name=attendance_offline]", "32")
    press(page, "提交审核")
    expect(page.get_by_text("结账（第 1 版）").first).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("“敬老助老”志愿服务")
    assert is_narrow(page)
    assert page.evaluate(TOO_SMALL) == []
    press(page, "作为补录留下")  # without a reason, nothing is lost
    expect(page.get_by_text("请写明为什么要补录或更正")).to_be_visible()
    expect(page.locator("[name=attendance_offline]")).to_have_value("32")
    page.fill("[name=correction_reason]", "当时漏报，签到表 32 人")
    press(page, "作为补录留下")
    expect(
        page.get_by_role("heading", name="补录《“敬老助老”志愿服务》")
    ).to_be_visible()
    expect(page.get_by_text("待镇街审")).to_be_visible()
    assert is_narrow(page)
    assert Activity.objects.count() == 1
    late = Correction.objects.get()

    # The street finds it on its first page, and approves.
    page = open_page(street_reviewer, "/admin/")
    page.get_by_text("补录／更正待审").click()
    page.get_by_text("补录《“敬老助老”志愿服务》").click()
    press(page, "通过")
    expect(page.get_by_text("待区审").first).to_be_visible()
    assert is_narrow(page)

    # The district approves, opens the month for that village, and closes it again.
    page = open_page(district_admin, late.get_absolute_url(), DESKTOP)
    press(page, "通过")
    expect(page.get_by_text("等区里对").first).to_be_visible()
    page.goto(f"/rollups/months/{LAST}/")
    expect(page.get_by_text("有 1 条补录／更正等着入账")).to_be_visible()
    page.select_option("[name=branch]", label=community.name)
    page.fill("[name=until]", (local_today() + timedelta(days=3)).isoformat())
    page.fill("#reopen-reason", "补录入账")
    press(page, "重新开账")
    expect(page.get_by_text("入账了 1 条补录／更正")).to_be_visible()
    expect(page.get_by_text(f"现在对{community.name}重新开账")).to_be_visible()
    press(page, "结账")
    expect(page.get_by_text("第 2 版已结账")).to_be_visible()
    revision = Revision.objects.get(number=2)
    page.goto(f"/rollups/revisions/{LAST}/2/")
    expect(page.get_by_text("改动了哪些记录")).to_be_visible()
    expect(page.get_by_text("当时漏报，签到表 32 人")).to_be_visible()

    # The village sees where it went.
    page = open_page(village_clerk, late.get_absolute_url())
    expect(page.get_by_text("已入第 2 版").first).to_be_visible()
    late.refresh_from_db()
    assert late.revision == revision
    assert Activity.objects.get(pk=late.object_id).attendance == 32
