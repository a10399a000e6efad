"""The calendar as a browser shows it: grid and agenda from one page, with and
without JavaScript, under the strict policy, and on paper."""

import re
from datetime import time, timedelta

import pytest

from activities.models import Activity
from federation.months import local_today
from tests.browser.chromium import chromium
from tests.factories import BranchFactory, PlanFactory, ProgrammeFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PATHS = ("/", "/calendar/", "/calendar/?view=list", "/branches/", "/search/?q=课")


@pytest.fixture
def site(live_server):
    """A street with two villages and something on today and in five weeks."""
    district = BranchFactory(code="370114", short_name="章丘区", level="district")
    street = BranchFactory(
        code="370114001", short_name="明水街道", level="town", parent=district
    )
    villages = [
        BranchFactory(code=f"37011400100{n}", short_name=f"明{n}社区", parent=street)
        for n in (1, 2)
    ]
    programme = ProgrammeFactory()
    today = local_today()
    for hour in range(8, 13):
        PlanFactory(
            branch=villages[0],
            programme=programme,
            starts_on=today,
            starts_at=time(hour),
            title=f"{hour}点的课",
            place="很长很长的地点名称社区党群服务中心二楼多功能活动厅东侧",
        )
    PlanFactory(
        branch=villages[1],
        programme=programme,
        starts_on=today + timedelta(days=35),
        title="以后的课",
        happening=Activity.Happening.CANCELLED,
    )
    return live_server.url


@pytest.fixture
def visit(site, monkeypatch):
    """Open a page in Chromium; fails the test for any complaint of the console."""
    # Playwright's loop runs in this thread; the database is asked between its steps.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    complaints = []
    with chromium() as browser:

        def open_page(path, viewport=DESKTOP, **options):
            page = browser.new_context(viewport=viewport, **options).new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(site + path)
            return page

        yield open_page
    assert complaints == []


def test_one_page_is_a_grid_on_the_desktop_and_an_agenda_on_a_phone(visit):
    page = visit("/calendar/")
    days = page.locator(".month .day")
    assert days.count() % 7 == 0
    tops = {days.nth(n).bounding_box()["y"] for n in range(7)}
    assert len(tops) == 1
    page = visit("/calendar/", PHONE)
    shown = [day for day in page.locator(".month .day").all() if day.is_visible()]
    assert len(shown) == 1
    assert "8点的课" in shown[0].inner_text()
    assert "还有 2 场" in shown[0].inner_text()


SMALL_TARGETS = """() =>
  [...document.querySelectorAll("a, button, select, input, summary")]
    .filter((e) => e.offsetParent && !e.closest(".sr-only, p, dd, .crumbs"))
    .filter((e) => !e.matches("[type=checkbox]"))
    .map((e) => [e.textContent.trim(), e.getBoundingClientRect().height])
    .filter(([, height]) => height < 43.5)
"""


def test_nothing_is_wider_than_a_phone_and_every_target_is_large(visit):
    for path in PATHS:
        page = visit(path, PHONE, has_touch=True)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (path, width) == (path, PHONE["width"])
        assert (path, page.evaluate(SMALL_TARGETS)) == (path, [])


def test_next_month_comes_without_a_new_page_and_keeps_the_focus(visit):
    page = visit("/calendar/")
    before = page.inner_text("h1")
    page.evaluate("window.isSamePage = true")
    page.click("#later")
    page.wait_for_function(
        "before => document.querySelector('h1').innerText !== before", arg=before
    )
    assert page.evaluate("window.isSamePage")
    assert page.evaluate("document.activeElement.id") == "later"
    assert page.inner_text("h1") in page.title()
    page.go_back()
    page.wait_for_function(
        "before => document.querySelector('h1').innerText === before", arg=before
    )


def test_a_choice_filters_at_once_and_the_address_names_it_alone(visit):
    page = visit("/calendar/")
    page.select_option("#filter-branch", "370114001")
    page.wait_for_url("**/?branch=370114001")
    page.select_option("#filter-branch", "370114001002")
    page.wait_for_url("**/?branch=370114001002")
    assert "没有符合条件的活动" in page.inner_text("main")
    page.click("text=清除筛选")
    page.wait_for_url(re.compile(r"/calendar/\d{4}/\d{2}/$"))


def test_the_whole_cell_opens_the_day_and_a_line_its_activity(visit):
    page = visit("/calendar/")
    cell = page.locator(".day.has.today")
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 4)
    page.wait_for_url(f"**/calendar/{local_today():%Y/%m/%d}/")
    assert page.locator(".ev").count() == 5
    page.click("text=8点的课")
    page.wait_for_url("**/activities/*/")
    assert page.inner_text("h1") == "8点的课"


def test_everything_works_without_javascript(visit):
    page = visit("/calendar/", java_script_enabled=False)
    before = page.url
    page.click("#later")
    assert page.url != before
    page.select_option("#filter-branch", "370114001")
    page.click("form.filters button")
    assert "branch=370114001" in page.url
    page.click(".subscribe summary")
    assert page.locator("#feed-address").is_visible()
    assert not page.locator("[data-copy]").is_visible()


def test_the_subscription_names_the_filtered_feed_and_closes_on_escape(visit):
    page = visit("/calendar/?branch=370114001")
    page.click(".subscribe summary")
    assert page.input_value("#feed-address").endswith("/calendar.ics?branch=370114001")
    link = page.get_attribute(".subscribe-box a", "href")
    assert link.startswith("webcal://")
    page.keyboard.press("Escape")
    assert not page.locator(".subscribe-box").is_visible()


def test_the_past_of_the_month_is_one_tap_away_on_a_phone(visit):
    """Today's session is made past in the page: whether there is a past depends on
    the day on which the test runs."""
    page = visit("/calendar/", PHONE)
    page.evaluate(
        """() => {
          const grid = document.querySelector(".month");
          document.querySelector(".day.has").classList.add("past");
          grid.insertAdjacentHTML("beforebegin",
            '<input class="past-switch" type="checkbox" id="past-switch">');
        }"""
    )
    assert not page.locator(".day.has").first.is_visible()
    page.check("#past-switch")
    assert page.locator(".day.has").first.is_visible()


def test_the_month_prints_on_one_sheet(visit):
    page = visit("/calendar/")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
