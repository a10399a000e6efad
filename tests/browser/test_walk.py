"""Along the lane with a phone whose network comes and goes."""

from datetime import date

import pytest
from playwright.sync_api import expect

from families import standards
from families.models import Inspection, InspectionPhoto
from federation.months import local_today
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


def test_a_thumb_can_use_it(open_page, village_clerk, community, lane):
    page = open_page(village_clerk, address(community))

    expect(page.locator(".walk-name")).to_have_text("孟桂芳")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator(".walk :is(.walk-mark, button, summary, select)").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.offsetHeight < 44)"
        ".map(e => e.outerHTML)"
    )
    assert small == []
