"""A report on a phone, at a desk and on paper: the header on each sheet, 草稿 across it
while a month is open, on its side when it is wide."""

import io
import unicodedata

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from federation.months import Month
from rollups import closings, engine
from rollups.models import ReportTemplate
from tests.browser.thumbs import DESKTOP, PHONE
from tests.factories import BranchFactory, ResultFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("revisions_go"),
]

LAST = Month.current().previous()
ASPECTS = ("now", "before", "change", "year_ago", "year_change", "year_to_date")
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def villages(street, programme):
    """More villages than one sheet holds, and what they did last month."""
    villages = [
        BranchFactory(
            code=f"370114001{number:03d}",
            short_name=f"第{number}社区",
            parent=street,
        )
        for number in range(1, 71)
    ]
    engine.open_month(LAST)
    for village in villages[:3]:
        ResultFactory(branch=village, starts_on=LAST.first_day, programme=programme)
    engine.drain_marks()
    return villages


def designed(slug, *aspects, **fields) -> str:
    """Make a table of these columns and return its address."""
    template = ReportTemplate.objects.create(
        slug=slug, title="活动情况月报表", listing="village", **fields
    )
    for position, aspect in enumerate(aspects):
        template.columns.create(
            position=position,
            group="活动",
            indicator="activities.sessions",
            aspect=aspect,
        )
    return f"{template.get_absolute_url()}?period={LAST}"


def printed(page) -> list:
    """Return the sheets that come out of the printer."""
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages


def plain(text: str) -> str:
    """Return *text* without spaces; a PDF spells some characters as their radicals."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def says(sheet, words: str) -> bool:
    return plain(words) in plain(sheet.extract_text())


def is_on_its_side(sheet) -> bool:
    return float(sheet.mediabox.width) > float(sheet.mediabox.height)


def test_a_draft_says_so_on_every_sheet_until_the_month_is_closed(
    open_page, district_admin, villages
):
    page = open_page(district_admin, designed("narrow", "now", "before"), DESKTOP)
    sheets = printed(page)
    assert len(sheets) >= 2
    for sheet in sheets[:-1]:
        # The last one may hold the lines to sign on alone.
        assert says(sheet, "活动场次上期数")
        assert says(sheet, "妇联组织")
    for sheet in sheets:
        assert says(sheet, "草稿")
        assert not is_on_its_side(sheet)
        assert sheet.mediabox.height == pytest.approx(842, abs=2)  # A4
    assert says(sheets[0], "填报单位（盖章）：章丘区妇联")
    assert says(sheets[0], "单位：场次")
    for words in ("单位负责人：", "审核人：", "填表人：", "联系电话：", "报出日期："):
        assert says(sheets[-1], words)
    assert says(sheets[-1], f"{LAST} 未结账")
    # What is for the screen is left there.
    assert not any(says(sheet, "导出") for sheet in sheets)

    revision = closings.close(LAST, None)
    page.reload()
    sheets = printed(page)
    assert not any(says(sheet, "草稿") for sheet in sheets)
    assert says(sheets[-1], f"{LAST}/1 {revision.sha256[:8]}")
    assert says(sheets[-1], revision.head)


def test_a_wide_table_lies_on_its_side(open_page, district_admin, villages):
    url = designed("wide", *ASPECTS, "share", "target")
    page = open_page(district_admin, url, DESKTOP)
    sheets = printed(page)

    assert all(is_on_its_side(sheet) for sheet in sheets)
    assert all(says(sheet, "草稿") for sheet in sheets)
    assert says(sheets[1], "活动场次同比增减")


def test_on_a_phone_only_the_table_is_pushed_sideways(
    open_page, street_reviewer, villages
):
    page = open_page(street_reviewer, designed("phone", *ASPECTS), PHONE)
    assert page.evaluate(WIDTH) == PHONE["width"]

    name = page.locator("tbody tr:nth-child(2) th")
    before = name.bounding_box()["x"]
    page.locator(".table-box").evaluate("box => box.scrollLeft = 300")
    assert page.locator(".table-box").evaluate("box => box.scrollLeft") > 100
    assert name.bounding_box()["x"] == pytest.approx(before, abs=1)

    # Another period by one choice, and the village behind its name.
    page.select_option("#period", str(LAST.previous()))
    page.wait_for_url(f"**period={LAST.previous()}*")
    page.get_by_role("link", name="下一期").click()
    page.get_by_role("link", name="第1社区妇联").click()
    expect(page.get_by_text("填报单位（盖章）：第1社区妇联")).to_be_visible()
    page.get_by_role("link", name="上一级").click()
    expect(page.get_by_text("填报单位（盖章）：明水街道妇联")).to_be_visible()


def test_a_table_is_designed_and_opened_at_a_desk(open_page, district_admin, villages):
    page = open_page(district_admin, "/rollups/reports/", DESKTOP)
    page.get_by_role("link", name="设计新报表").click()
    page.fill("[name=title]", "活动季报表")
    page.fill("[name=slug]", "quarterly")
    expect(page.locator("[name=term_first]")).to_be_hidden()
    page.select_option("[name=period_kind]", "quarter")
    page.select_option("[name=columns-0-indicator]", "activities.sessions")
    page.select_option("[name=columns-1-indicator]", "branches.existing")
    page.select_option("[name=columns-1-aspect]", "year_to_date")
    page.click("[name=_continue]")
    refusal = page.get_by_text("“妇联组织”是月末的数，不能累计，请选“本期数”。")
    expect(refusal).to_be_visible()

    page.select_option("[name=columns-1-aspect]", "now")
    page.click("[name=_continue]")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="打开", exact=True).click()
    report = popup.value
    expect(report.get_by_role("heading", name="活动季报表")).to_be_visible()
    heads = report.locator("thead th").all_inner_texts()
    assert ["".join(head.split()) for head in heads] == [
        "妇联组织",
        "活动场次",
        "妇联组织个",
    ]
