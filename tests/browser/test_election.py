"""换届 as the office does it: a street's 33 villages at a desk from the start to the
structure report, and one village on a phone."""

import re

import pytest
from playwright.sync_api import expect

from federation.imports.branches import import_branches
from federation.models import Branch
from federation.roles import Role
from members.models import Candidate, Election, Post
from tests.browser.thumbs import DESKTOP, PHONE, TOO_SMALL
from tests.factories import GrantFactory, UserFactory
from tests.federation.imports import books
from tests.members.elections.conftest import committee_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STREET = "370114006"  # of the real tree: 33 villages
PROGRESS = "/admin/members/election/progress/"
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def street(transactional_db):
    import_branches("federation/data/zhangqiu_divisions.csv")
    return Branch.objects.get(code=STREET)


@pytest.fixture
def villages(street):
    """The street's villages, each with an old committee of three."""
    villages = list(Branch.objects.within(street).filter(level="village"))
    for number, village in enumerate(villages, 1):
        names = (f"{name}{number}" for name in ("李秀英", "王淑兰", "张桂芬"))
        committee_of(village, *names)
    return villages


@pytest.fixture
def reviewer(street):
    user = UserFactory(username="street", branch=street)
    GrantFactory(user=user, branch=street, role=Role.REVIEWER)
    return user


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def test_a_street_of_33_villages_from_start_to_structure_report(
    open_page, reviewer, street, villages
):
    assert len(villages) == 33
    page = open_page(reviewer, PROGRESS, DESKTOP)
    page.locator("summary", has_text=street.name).click()
    page.get_by_role("link", name="各村一起启动").click()
    page.fill("[name=elected_on]", "2026-11-20")
    press(page, "启动，去填候选人")
    expect(page.locator(".election-lines > li")).to_have_count(33)

    page.locator(".entry-chip", has_text="妇女代表大会").click()
    page.locator(".entry-chip", has_text="等额").click()
    press(page, "上届班子全部列为候选人")
    expect(page.get_by_text("上届班子 99 人已列为候选人。")).to_be_visible()

    # One village is different: a result of its own comes as a workbook.
    first = villages[0]
    book = books.xlsx(
        {
            first.short_name: [
                ["姓名", "妇联职务", "出生年月", "得票"],
                ["赵玉兰", "主席", "1985.3", 37],
                ["李秀英1", "执委", "", 33],
                ["王淑兰1", "执委", "", 31],
            ]
        }
    )
    page.get_by_role("link", name="从 Excel 名单读入").click()
    page.set_input_files(
        "[name=file]", {"name": "结果.xlsx", "mimeType": "", "buffer": book}
    )
    page.locator(".entry-tick", has_text="这是选举结果").click()
    press(page, "读入名单")
    expect(page.get_by_text("名单已读入：新列 1 人，更新 2 人。")).to_be_visible()

    page.locator("summary", has_text="一次办好").click()
    press(page, "候选人全部当选")
    expect(page.get_by_text("96 位候选人已记为当选")).to_be_visible()

    page.get_by_role("link", name=first.name).click()
    page.fill("[name=voters_expected]", "40")
    page.fill("[name=voters_present]", "38")
    press(page, "保存，下一个")
    expect(page.locator(".election h1")).to_contain_text(villages[1].name)
    page.get_by_role("link", name=re.compile("换届（2026-11-20）")).click()

    page.get_by_role("link", name="检查并确认").click()
    expect(page.get_by_text("32 个组织")).to_be_visible()  # have counted no voters
    expect(page.locator("details.deed")).to_have_count(33)
    press(page, "确认换届")
    expect(page.get_by_text("换届已确认").first).to_be_visible()
    expect(page.locator(".one-time-code")).to_have_count(33)
    election = Election.objects.get()
    assert Post.objects.filter(term__election=election).count() == 99
    assert Post.objects.chairs().get(term__branch=first, ended_on=None).member.name == (
        "赵玉兰"
    )

    page.get_by_role("link", name="看结构分析").click()
    expect(page.get_by_text("结构分析").first).to_be_visible()
    expect(page.get_by_text("99").first).to_be_visible()
    page.goto(PROGRESS)
    row = page.locator(".progress-table tbody tr", has_text=street.name)
    assert row.locator("td").all_inner_texts() == ["33", "33", "0", "0", "0"]


def test_one_village_on_a_phone(open_page, reviewer, villages):
    village = villages[3]
    page = open_page(reviewer, f"/admin/members/election/add/?branch={village.pk}")
    shown = []

    def look():
        shown.append((page.url, page.evaluate(WIDTH), page.evaluate(TOO_SMALL)))

    page.fill("[name=elected_on]", "2026-11-20")
    look()
    press(page, "启动，去填候选人")
    look()
    page.locator(".entry-chip", has_text="妇女大会").click()
    page.fill("[name=voters_expected]", "52")
    page.fill("[name=voters_present]", "47")
    look()
    press(page, "上届班子全部列入")
    page.locator("summary", has_text="添一位新提名的人").click()
    page.fill("[name=new-name]", "赵玉兰")
    page.fill("[name=new-birth_month]", "1988-06")
    look()
    press(page, "存好，再添一位")
    expect(page.locator(".candidate")).to_have_count(4)

    # The oldest leaves; the new one comes in for her.
    for name in ("李秀英4", "王淑兰4", "赵玉兰"):
        card = page.locator(".candidate", has_text=name)
        card.locator(".candidate-elected").click()
    card.locator("select").first.select_option(label="主席")
    card = page.locator(".candidate", has_text="李秀英4")
    card.locator("select").first.select_option(label="执委")
    look()
    press(page, "保存")
    page.get_by_role("link", name="看检查结果").click()
    look()
    expect(page.get_by_text("✓ 填好了")).to_be_visible()
    page.get_by_role("link", name="检查并确认").click()
    look()
    press(page, "确认换届")
    expect(page.locator(".one-time-code")).to_have_count(1)
    look()
    page.goto(PROGRESS)
    look()

    assert [one for one in shown if one[1] > PHONE["width"]] == []
    for address, _, wrong in shown:
        assert wrong == [], address
    chair = Post.objects.chairs().get(branch=village, ended_on=None)
    assert (chair.member.name, Candidate.objects.filter(is_elected=True).count()) == (
        "赵玉兰",
        3,
    )
