"""Take the pictures of docs/pictures from a running demo."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

SITE = os.environ["SITE"].rstrip("/")
FOLDER = Path(__file__).parent.parent / "docs/pictures"
PASSWORD = os.environ.get("DEMO_PASSWORD", "mingshui-baimai-quan")
HEIGHTS = {1280: 900, 390: 844}


class Picture(NamedTuple):
    name: str
    width: int
    address: str
    account: str = ""
    follow: tuple[str, ...] = ()  # of each kind the first link is opened, in turn


# The election that the demo leaves half done.
HALF_DONE = "/admin/members/election/?status__exact=draft"
FIRST, VILLAGE = "#result_list tbody th a", ".election-lines .place a"
CHECK = "a[href$='/confirm/']"
REPORTS = "/rollups/reports/"
DESIGNS = "/admin/rollups/reporttemplate/?period_kind__exact=quarter"
MORE = "#columns-group a:has-text('添加另一个')"
# 出彩人家: rounds of a street, what is done about one household.
BATCHES = "/admin/families/batch/?subject__exact="
GRANTED = "/admin/families/batch/?q=上半年示范户"
APPLY, PLATES = "a[href*='/apply/']", "a[href*='/plates/']"
DUE, ACT = "/admin/families/recognition/?todo=due", "summary:has-text('复核')"
INSPECTIONS = "/admin/families/inspection/?of=household"
CORRECT = "summary:has-text('更正')"
# The newest month that is over.
SECOND_MONTH = ".figures-table tbody tr:nth-child(2) th a"

# The month of the demo that was closed twice: three before today's.
_year, _month = divmod(date.today().year * 12 + date.today().month - 4, 12)
TWICE_CLOSED = f"{_year}-{_month + 1:02}"

PICTURES = (
    Picture("home", 1280, "/"),
    Picture("home", 390, "/"),
    Picture("calendar", 1280, "/calendar/"),
    Picture("calendar", 390, "/calendar/"),
    Picture("activity", 390, "/calendar/", follow=(".days .ev",)),
    Picture("entry", 390, "/admin/activities/activity/add/", "village"),
    Picture("staff", 390, "/admin/", "village"),
    Picture("queue", 390, "/admin/activities/activity/queue/", "street"),
    Picture("review", 1280, "/admin/activities/activity/", "street"),
    Picture("rollups", 1280, "/rollups/", "district"),
    Picture("rollups", 390, "/rollups/", "district"),
    Picture("report-progress", 1280, "/rollups/progress/", "street"),
    Picture("report-table", 1280, REPORTS + "monthly-activities/", "district"),
    Picture("report-table", 390, REPORTS + "monthly-activities/", "village"),
    Picture("report-design", 1280, DESIGNS, "district", follow=(FIRST, MORE)),
    Picture("months", 1280, "/rollups/months/", "district"),
    Picture("month", 390, "/rollups/months/", "district", follow=(SECOND_MONTH,)),
    Picture(
        "report", 390, "/admin/", "village", follow=("a[href^='/rollups/report/']",)
    ),
    Picture("corrections", 390, "/rollups/corrections/", "street"),
    Picture("revision", 1280, f"/rollups/revisions/{TWICE_CLOSED}/2/", "auditor"),
    Picture("families", 1280, "/families/"),
    Picture("families", 390, "/families/"),
    Picture("families-today", 390, "/families/today/", "street"),
    Picture("families-today", 1280, "/families/today/", "district"),
    Picture("walk", 390, "/families/walk/", "street", follow=(".places a",)),
    Picture("inspection", 390, INSPECTIONS, "street", follow=(FIRST, CORRECT)),
    Picture("batch", 390, BATCHES + "household", "street", follow=(FIRST,)),
    Picture("batch-apply", 390, BATCHES + "village", "district", follow=(FIRST, APPLY)),
    Picture("recognition", 390, DUE, "street", follow=(FIRST, ACT)),
    Picture("plates", 1280, GRANTED, "street", follow=(FIRST, PLATES)),
    Picture("people", 390, "/admin/members/member/", "street"),
    Picture("honours", 390, "/honours/"),
    Picture("election-progress", 1280, "/admin/members/election/progress/", "district"),
    Picture("election-start", 390, "/admin/members/election/add/", "street"),
    Picture("election-board", 1280, HALF_DONE, "street", follow=(FIRST,)),
    Picture("election-term", 390, HALF_DONE, "street", follow=(FIRST, VILLAGE)),
    Picture("election-check", 390, HALF_DONE, "street", follow=(FIRST, CHECK)),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    # Chromium refuses its sandbox to root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        # Of the interface only the pickers of dates are seen: in Chinese, where the
        # package chromium-l10n is installed.
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[*arguments, "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        for picture in PICTURES:
            take(browser, picture)
        browser.close()


def take(browser: Browser, picture: Picture) -> None:
    """Write one picture; raises RuntimeError if the page is not served."""
    height = HEIGHTS[picture.width]
    context = browser.new_context(
        viewport={"width": picture.width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    if picture.account:
        page.goto(f"{SITE}/admin/login/")
        page.fill("[name=username]", picture.account)
        page.fill("[name=password]", PASSWORD)
        page.click("[type=submit]")
        page.wait_for_load_state("networkidle")
    response = page.goto(SITE + picture.address, wait_until="networkidle")
    if response is None or not response.ok:
        raise RuntimeError(f"{picture.address} answered {response and response.status}")
    for kind in picture.follow:
        page.click(f"{kind}:visible >> nth=0")
        page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{picture.name}-{picture.width}.png")
    print(f"docs/pictures/{picture.name}-{picture.width}.png")
    context.close()


if __name__ == "__main__":
    main()
