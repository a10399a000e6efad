"""The public pages made of several parts: home, branches, search, and errors."""

from datetime import date, time

import pytest
from django.test import Client
from django.urls import path

from federation.models import Branch
from federation.site import site_title
from tests.factories import BranchFactory, PlanFactory

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    for module in ("activities.panels", "federation.views", "federation.querysets"):
        monkeypatch.setattr(f"{module}.local_today", lambda: TODAY)


@pytest.fixture(autouse=True)
def forgotten_site(settings):
    """The root's name is remembered for a minute; each test has a root of its own."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    }


def html_of(client, address, **query):
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("章丘区", "章丘数智妇联"),
        ("章丘区妇联", "章丘数智妇联"),
        ("济南市", "济南数智妇联"),
        ("吴县", "吴县数智妇联"),
        ("新市区", "新市数智妇联"),
    ],
)
def test_the_site_is_named_after_its_roots_place(place, title):
    assert site_title(place) == title


def test_the_site_bears_another_federations_name_without_code(client, db):
    BranchFactory(code="330106", short_name="西湖区", level=Branch.Level.DISTRICT)
    html = html_of(client, "/")
    assert "西湖数智妇联" in html
    assert "章丘" not in html


def test_an_empty_site_opens_all_the_same(client, db):
    for address in ("/", "/branches/", "/search/?q=课", "/calendar/2026/11/"):
        assert client.get(address).status_code == 200


def test_home_shows_the_next_seven_days(client, community):
    PlanFactory(branch=community, starts_on=date(2026, 11, 23), title="昨天的课")
    PlanFactory(branch=community, starts_on=TODAY, title="今天的课")
    PlanFactory(branch=community, starts_on=date(2026, 11, 30), title="第七天的课")
    PlanFactory(branch=community, starts_on=date(2026, 12, 1), title="第八天的课")
    html = html_of(client, "/")
    shown = [d for d in ("昨天", "今天", "第七天", "第八天") if f"{d}的课" in html]
    assert shown == ["今天", "第七天"]
    assert "11 月 24 日至 30 日 · 2 场" in html


def test_home_says_when_nothing_is_on(client, district):
    assert "接下来七天没有公开的活动。" in html_of(client, "/")


def test_one_finds_ones_branch_from_home_in_two_steps(client, street, community):
    assert f'href="/branches/{street.code}/"' in html_of(client, "/")
    html = html_of(client, f"/branches/{street.code}/")
    assert f'href="/branches/{community.code}/"' in html


def test_the_branch_list_counts_what_stands_below(
    client, street, community, second_community, sister_street
):
    html = html_of(client, "/branches/")
    assert "明水街道" in html
    assert "2 个" in html
    assert "明一社区" not in html


@pytest.mark.parametrize("words", ["明一", "myys", "mysq", "370114001001"])
def test_a_branch_is_found_by_name_initials_and_code(client, community, words):
    found = "明一社区妇联" in html_of(client, "/branches/", q=words)
    assert found is (words != "myys")


def test_namesakes_are_told_apart_by_their_streets(client, street, sister_street):
    for code, parent in (("370114001009", street), ("370114002009", sister_street)):
        BranchFactory(code=code, short_name="官庄村", parent=parent)
    html = html_of(client, "/branches/", q="官庄村")
    assert "“官庄村”：2 个组织" in html
    assert "<small>明水街道妇联</small>" in html
    assert "<small>双山街道妇联</small>" in html


def test_a_branch_page_names_its_place_and_its_activities(
    client, district, street, community, sister_community
):
    PlanFactory(branch=community, starts_on=date(2026, 12, 1), title="下一场")
    PlanFactory(branch=community, starts_on=date(2026, 11, 1), title="上一场")
    PlanFactory(branch=sister_community, starts_on=TODAY, title="别家的一场")
    html = html_of(client, f"/branches/{street.code}/")
    for words in ("章丘区妇联", "明水街道妇联", "明一社区", "下一场", "上一场"):
        assert words in html
    assert html.index("下一场") < html.index("上一场")
    assert "别家的一场" not in html


def test_an_ongoing_activity_is_among_the_coming_ones(client, community):
    PlanFactory(
        branch=community,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 11, 25),
        title="巡回展",
    )
    html = html_of(client, f"/branches/{community.code}/")
    assert "<h2>办过的活动</h2>" not in html
    assert "第 5 天" in html


def test_a_closed_branch_says_so_and_is_listed_no_more(client, street, community):
    Branch.objects.filter(pk=community.pk).update(closed_on=date(2026, 5, 1))
    assert "2026 年 5 月 1 日撤销" in html_of(client, f"/branches/{community.code}/")
    assert community.code not in html_of(client, f"/branches/{street.code}/")
    assert "没有找到" in html_of(client, "/branches/", q="明一社区")


def test_search_finds_branches_and_activities(client, community):
    PlanFactory(
        branch=community, starts_on=TODAY, starts_at=time(9), title="民法典进明一"
    )
    PlanFactory(branch=community, starts_on=date(2026, 1, 5), title="明一去年的课")
    html = html_of(client, "/search/", q="明一")
    assert "明一社区妇联" in html
    assert html.index("民法典进明一") < html.index("明一去年的课")
    html = html_of(client, "/search/", q="没有这个词")
    assert "没有名称含“没有这个词”的妇联组织。" in html


def test_the_searched_words_are_escaped(client, district):
    html = html_of(client, "/search/", q='"><script>alert(1)</script>')
    assert "<script>alert" not in html


@pytest.mark.parametrize("address", ["/branches/999/", "/branches/37%00/", "/nowhere/"])
def test_what_is_not_there_is_a_friendly_404(client, district, address):
    response = client.get(address)
    assert response.status_code == 404
    html = response.content.decode()
    assert "没有找到这一页" in html
    assert "看活动日历" in html


@pytest.mark.parametrize(
    "address", ["/", "/branches/", "/branches/370114001/", "/search/?q=明"]
)
def test_a_page_costs_a_handful_of_queries(
    client, community, sister_community, django_assert_max_num_queries, address
):
    for number in range(20):
        PlanFactory(branch=community, starts_on=TODAY, title=f"明一第{number}课")
    with django_assert_max_num_queries(8):
        client.get(address)


@pytest.mark.parametrize(
    "address",
    ["/", "/branches/", "/branches/370114001/", "/search/?q=明", "/calendar/2026/13/"],
)
def test_public_pages_run_under_the_strict_policy(client, community, address):
    response = client.get(address)
    html = response.content.decode()
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "<style" not in html
    assert " style=" not in html
    assert html.count("<script") == html.count("<script src=")
    assert "https://" not in html.replace("https://testserver", "")


def fail(request):
    raise RuntimeError("something broke")


urlpatterns = [path("broken/", fail)]


@pytest.mark.urls("tests.federation.test_public_pages")
def test_a_fault_shows_a_page_that_needs_neither_database_nor_base():
    """No database fixture: a query would fail the test."""
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "网站出了点问题" in response.content.decode()


def test_a_forged_post_gets_a_chinese_answer(community):
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert response.status_code == 403
    assert "这一页打开得太久了" in response.content.decode()
