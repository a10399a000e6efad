"""Along the lane with a phone whose network comes and goes."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from families import standards, walk
from families.models import Inspection, InspectionPhoto
from federation.months import local_today
from federation.roles import Role
from tests.browser.thumbs import log_in
from tests.conftest import staff
from tests.factories import HouseholdFactory
from tests.permissions.typed import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lane(community):
    standards.load_first(date(2022, 1, 1))
    return [
        HouseholdFactory(branch=community, number=number, contact_name=name)
        for number, name in enumerate(("孟桂芳", "秦素梅", "史春兰", "葛秀云"), start=1)
    ]


def tap(page, marks=("好", "好", "较好", "好", "一般")):
    """Five taps and next."""
    for group, word in zip(page.locator(".walk fieldset").all(), marks, strict=True):
        group.locator(".walk-mark", has=page.get_by_text(word, exact=True)).click()
    page.get_by_role("button", name="记下，下一户").click()


def address(community):
    return f"/families/walk/{community.code}/"


def test_the_network_is_cut_in_the_middle_and_nothing_is_lost_or_twice(
    open_page, village_clerk, community, lane
):
    page = open_page(village_clerk, address(community))
    tap(page)
    expect(page.locator(".walk-status")).to_contain_text("1 / 4 户 · 都已发出")
    assert Inspection.objects.count() == 1

    page.context.set_offline(True)
    tap(page)
    tap(page, ("差", "差", "差", "差", "差"))
    expect(page.locator(".walk-status")).to_contain_text("还有 2 条没发出")
    assert Inspection.objects.count() == 1

    page.context.set_offline(False)
    expect(page.locator(".walk-status")).to_contain_text("3 / 4 户 · 都已发出")
    tap(page)
    expect(page.locator(".walk-status")).to_contain_text("4 / 4 户 · 走完了 · 都已发出")

    rows = Inspection.objects.order_by("household__number")
    assert [row.household for row in rows] == lane
    assert [row.points for row in rows] == [88, 88, 0, 88]


def test_an_answer_that_is_lost_makes_no_second_inspection(
    open_page, village_clerk, community, lane
):
    page = open_page(village_clerk, address(community))
    lost = []

    def arrives_but_nobody_hears(route):
        route.fetch()
        lost.append(route.request.post_data)
        route.abort()

    page.route("**/send/", arrives_but_nobody_hears)
    with page.expect_event("requestfailed"):
        tap(page)
    expect(page.locator(".walk-status")).to_contain_text("还有 1 条没发出")
    assert Inspection.objects.count() == 1
    page.unroute("**/send/")
    page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(page.locator(".walk-status")).to_contain_text("都已发出")
    assert lost
    assert Inspection.objects.count() == 1


def test_what_waits_is_sent_when_the_page_is_opened_again(
    open_page, village_clerk, community, lane
):
    page = open_page(village_clerk, address(community))
    page.locator("summary", has_text="照片").click()
    page.set_input_files(
        "[data-walk-photo]",
        files=[
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo().read()},
        ],
    )
    page.context.set_offline(True)
    tap(page)
    expect(page.locator(".walk-status")).to_contain_text("还有 1 条没发出")
    page.goto("about:blank")
    page.context.set_offline(False)

    page.goto(address(community))

    expect(page.locator(".walk-status")).to_contain_text("都已发出")
    expect(page.locator(".walk-name")).to_have_text("秦素梅")
    assert Inspection.objects.get().household == lane[0]
    assert InspectionPhoto.objects.count() == 1


def test_what_is_refused_is_shown_and_can_be_done_again(
    open_page, village_clerk, community, lane
):
    page = open_page(village_clerk, address(community))
    page.context.set_offline(True)
    tap(page)
    lane[0].left_on = local_today()
    lane[0].save()
    page.context.set_offline(False)

    expect(page.locator("[data-walk-refused]")).to_contain_text("1 号户：这一户在")
    page.get_by_role("button", name="重新评这一户").click()
    expect(page.locator(".walk-name")).to_have_text("孟桂芳")
    expect(page.locator(".walk-status")).to_contain_text("都已发出")
    assert not Inspection.objects.exists()


def test_what_another_account_kept_on_the_phone_is_told_and_not_sent(
    open_page, village_clerk, community, lane
):
    other = staff(community, Role.CLERK, "other_clerk")
    page = open_page(village_clerk, address(community))
    page.context.set_offline(True)
    tap(page)
    expect(page.locator(".walk-status")).to_contain_text("还有 1 条没发出")
    other_window = page.context.new_page()
    page.route("**/send/", lambda route: route.abort())
    page.context.set_offline(False)
    other_window.context.clear_cookies()
    other_window.goto(address(community))
    log_in(other_window, other)

    expect(other_window.locator(".walk-status")).to_contain_text("另一个账号记的 1 条")
    # Nor does the page that is still open send it in the name of the other one.
    page.unroute("**/send/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".walk-status")).to_contain_text("登录过期了")
    assert not Inspection.objects.exists()


def test_one_that_the_site_fails_at_does_not_hold_up_the_others(
    open_page, village_clerk, community, lane
):
    page = open_page(village_clerk, address(community))
    poisoned = f'"household":{lane[0].pk},'

    def fails_at_one(route):
        if poisoned in route.request.post_data:
            route.fulfill(status=500, body="<h1>出错了</h1>")
        else:
            route.continue_()

    page.route("**/send/", fails_at_one)
    tap(page)
    expect(page.locator(".walk-status")).to_contain_text("还有 1 条没发出")
    tap(page)

    expect(page.locator(".walk-status")).to_contain_text("2 / 4 户 · 还有 1 条没发出")
    wait_until(lambda: Inspection.objects.count() == 1, page)
    assert Inspection.objects.get().household == lane[1]


def test_a_photo_that_is_not_taken_is_told(open_page, village_clerk, community, lane):
    page = open_page(village_clerk, address(community))
    page.locator("summary", has_text="照片").click()
    broken = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    page.set_input_files("[data-walk-photo]", files=[broken])
    tap(page)

    told = page.locator("[data-walk-refused]")
    expect(told).to_contain_text("1 号户的照片没有收下：只能上传 JPEG")
    page.get_by_role("button", name="知道了").click()
    expect(told).to_be_hidden()
    assert Inspection.objects.count() == 1


def test_a_page_that_stays_open_over_night_enters_the_new_day(
    open_page, village_clerk, community, lane, monkeypatch
):
    yesterday = local_today() - timedelta(days=1)
    with monkeypatch.context() as last_night:
        last_night.setattr(walk, "local_today", lambda: yesterday)
        last_night.setattr(walk, "milliseconds_left", lambda: 0)
        page = open_page(village_clerk, address(community))
    tap(page)

    expect(page.locator(".walk-status")).to_contain_text("1 / 4 户 · 都已发出")
    assert Inspection.objects.get().inspected_on == local_today()


def wait_until(is_so, page):
    for _ in range(50):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


def test_a_thumb_can_use_it(open_page, village_clerk, community, lane):
    page = open_page(village_clerk, address(community))

    expect(page.locator(".walk-name")).to_have_text("孟桂芳")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator(".walk :is(.walk-mark, button, summary, select)").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.offsetHeight < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []
