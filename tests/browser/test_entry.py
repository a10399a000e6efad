"""An activity entered as a chairwoman does it: on a phone, at 390 px, with a thumb, a
weak signal and sometimes without JavaScript."""

import random
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from activities.models import Activity, ActivityPhoto
from federation.months import local_today
from tests.browser.thumbs import DESKTOP, PHONE, TOO_SMALL, log_in
from tests.factories import ActivityFactory, ProgrammeFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = "/admin/activities/activity/add/"
LIST = "/admin/activities/activity/"


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def programme(db):
    return ProgrammeFactory()


def enter(page, title="国家宪法日普法宣讲", people="36"):
    page.fill("[name=title]", title)
    page.fill("[name=starts_on]", (local_today() - timedelta(days=1)).isoformat())
    page.fill("[name=place]", "文化广场")
    page.fill("[name=attendance_offline]", people)


def photograph(side=2400):
    """Return a photo that is large for its size, as a phone's is."""
    pixels = random.Random(7).randbytes(side * side * 3 // 64)
    small = Image.frombytes(
        "RGB", (side // 8, side // 8), pixels[: (side // 8) ** 2 * 3]
    )
    written = BytesIO()
    small.resize((side, side), Image.Resampling.BICUBIC).save(
        written, "JPEG", quality=97
    )
    return written.getvalue()


def test_from_the_first_page_to_the_public_calendar(
    open_page, village_clerk, street_reviewer, programme, community
):
    ActivityFactory(branch=community, recorded_by=village_clerk, programme=programme)
    page = open_page(village_clerk, "/admin/")
    page.get_by_role("link", name="登记活动").click()
    # Programme, kind and branch are there; she types four things.
    enter(page)
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核，通过后公开并计数")).to_be_visible()

    activity = Activity.objects.get(title="国家宪法日普法宣讲")
    assert activity.review == Activity.Review.SUBMITTED
    assert activity.happening == Activity.Happening.HELD
    assert (activity.branch, activity.programme) == (community, programme)
    assert activity.kind == "law"

    page.set_input_files("[name=image]", files=[a_file(photograph(400))])
    expect(page.locator(".photo-card")).to_have_count(1)
    assert page.locator(".photo-card img").evaluate("i => i.decode().then(() => true)")

    desk = open_page(street_reviewer, "/admin/", DESKTOP)
    desk.get_by_role("link", name="国家宪法日普法宣讲").click()
    desk.get_by_role("button", name="通过", exact=True).click()
    expect(desk.get_by_text("已通过《国家宪法日普法宣讲》。")).to_be_visible()

    page.goto(f"/activities/{activity.pk}/")
    expect(page.get_by_role("heading", name="国家宪法日普法宣讲")).to_be_visible()
    assert ActivityPhoto.objects.public().exists()


def a_file(content, name="合影.jpg"):
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_is_large_enough_and_nothing_runs_over(
    open_page, village_clerk, programme, community, viewport
):
    draft = ActivityFactory(
        branch=community,
        recorded_by=village_clerk,
        programme=programme,
        title="很长很长的活动名称" * 8,
        place="很长很长的地点名称" * 8,
    )
    page = open_page(village_clerk, "/admin/", viewport)
    pages = (
        "/admin/",
        ADD,
        f"{LIST}{draft.pk}/change/?saved=1",
        f"{LIST}{draft.pk}/repeat/",
        f"{LIST}joined/",
        LIST,
    )
    for path in pages:
        page.goto(path)
        page.evaluate(
            "for (const d of document.querySelectorAll('.entry details')) d.open = true"
        )
        assert page.evaluate(TOO_SMALL) == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], path


def test_it_works_without_javascript(open_page, village_clerk, programme, community):
    page = open_page(village_clerk, ADD, java_script_enabled=False)
    expect(page.locator("[name=title]")).to_be_visible()
    enter(page)
    page.locator(".entry-chip", has_text="基层日常活动").click()
    page.locator("summary", has_text="类型与时间").click()
    page.select_option("[name=kind]", "law")
    page.locator("summary", has_text="合作单位").click()
    page.fill("[name=partners-0-name]", "文化站")
    page.get_by_role("button", name="提交审核").click()
    activity = Activity.objects.get()
    assert activity.review == Activity.Review.SUBMITTED
    assert activity.partners.get().organisation == "文化站"
    page.set_input_files("[name=image]", files=[a_file(photograph(400))])
    page.get_by_role("button", name="上传这张照片").click()
    expect(page.locator(".photo-card")).to_have_count(1)


def test_tapped_twice_it_is_sent_once(open_page, village_clerk, programme, community):
    page = open_page(village_clerk, ADD)
    page.locator(".entry-chip", has_text="基层日常活动").click()
    enter(page)
    page.get_by_role("button", name="提交审核").dblclick()
    expect(page.get_by_text("已提交审核")).to_be_visible()
    assert Activity.objects.get().rounds.count() == 1


def test_a_lost_session_returns_to_the_filled_in_form(
    open_page, village_clerk, programme, community
):
    page = open_page(village_clerk, ADD)
    page.locator(".entry-chip", has_text="基层日常活动").click()
    enter(page, title="写到一半登录过期")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("您刚才填的内容已经留好")).to_be_visible()
    log_in(page, village_clerk)
    expect(page.locator("[name=title]")).to_have_value("写到一半登录过期")
    expect(page.locator("[name=attendance_offline]")).to_have_value("36")
    expect(page.get_by_text("还没有保存")).to_be_visible()
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核")).to_be_visible()
    assert Activity.objects.get().title == "写到一半登录过期"


def test_a_large_photo_is_shrunk_before_it_is_sent(
    open_page, village_clerk, programme, community
):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    page = open_page(village_clerk, f"{LIST}{draft.pk}/change/?saved=1")
    content = photograph()
    sent = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    page.set_input_files("[name=image]", files=[a_file(content)])
    expect(page.locator(".photo-card")).to_have_count(1)
    assert max(len(body) for body in sent) < len(content) / 2
    with draft.photos.get().image.open("rb") as file:
        assert Image.open(file).size == (1600, 1600)


def test_without_a_signal_the_photo_waits_and_is_sent_once(
    open_page, village_clerk, programme, community
):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    page = open_page(village_clerk, f"{LIST}{draft.pk}/change/?saved=1")
    page.context.set_offline(True)
    page.set_input_files("[name=image]", files=[a_file(photograph(400))])
    expect(page.get_by_text("信号不好，照片没有传上去")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="重试这张照片").click()
    expect(page.locator(".photo-card")).to_have_count(1)
    assert draft.photos.count() == 1


def test_a_photo_is_described_and_removed_without_leaving_the_page(
    open_page, village_clerk, programme, community
):
    draft = ActivityFactory(branch=community, recorded_by=village_clerk)
    page = open_page(village_clerk, f"{LIST}{draft.pk}/change/?saved=1")
    page.set_input_files("[name=image]", files=[a_file(photograph(400))])
    page.fill("[name=title]", "还没保存的名称")
    page.locator(".photo-more summary").click()
    page.locator(".photo-card").get_by_text("有可辨认未成年人").click()
    page.get_by_role("button", name="保存说明").click()
    expect(page.get_by_text("还没有登记监护人同意")).to_be_visible()
    page.locator(".photo-more summary").click()
    page.get_by_role("button", name="删除照片").click()
    expect(page.locator(".photo-card")).to_have_count(0)
    # What she was typing beside it is still there.
    expect(page.locator("[name=title]")).to_have_value("还没保存的名称")


def test_names_of_partners_are_offered_while_typing(
    open_page, village_clerk, programme, community, second_community
):
    page = open_page(village_clerk, ADD)
    page.locator(".entry-chip", has_text="基层日常活动").click()
    enter(page)
    page.locator("summary", has_text="合作单位").click()
    page.locator("[name=partners-0-name]").press_sequentially("meys")
    page.fill("[name=partners-0-name]", "明二")
    option = page.locator("#branches-found option")
    expect(option).to_have_attribute("value", "明二社区妇联（明水街道）")
    page.fill("[name=partners-0-name]", option.get_attribute("value"))
    # There is always one more row.
    page.fill("[name=partners-1-name]", "文化站")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    partners = Activity.objects.get().partners.all()
    assert [p.branch or p.organisation for p in partners] == [
        second_community,
        "文化站",
    ]


def test_the_kind_follows_the_programme_until_she_chooses(
    open_page, village_clerk, programme, community
):
    skills = ProgrammeFactory(slug="jobs", name="就业创业")
    for chosen, kind in ((skills, "skill_pastry"), (programme, "law")):
        ActivityFactory(
            branch=community, recorded_by=village_clerk, programme=chosen, kind=kind
        )
    page = open_page(village_clerk, ADD)
    kind = page.locator("[name=kind]")
    expect(kind).to_have_value("law")
    page.locator(".entry-chip", has_text="就业创业").click()
    expect(kind).to_have_value("skill_pastry")
    expect(page.get_by_text("技能培训·面点 · 线下")).to_be_visible()
    page.locator("summary", has_text="类型与时间").click()
    page.select_option("[name=kind]", "health")
    page.locator(".entry-chip", has_text="基层日常活动").click()
    expect(kind).to_have_value("health")
