"""The page `/rollups/`: who sees what of it, and what it says."""

import re
from datetime import date, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from federation.models import Heartbeat, Mark, ReportingMonth
from federation.months import Month
from rollups import engine, registry
from tests.factories import BranchFactory, GrantFactory, ProgrammeFactory
from tests.rollups.reading import hold

MARCH = "/rollups/?from=2026-03&to=2026-03"


def read(client, user, url):
    client.force_login(user)
    return client.get(url)


def text_of(response) -> str:
    return unescape(response.content.decode())


def rows_of(response) -> dict:
    """Return ``{row name: [cells]}`` as they are printed."""
    return {
        line["row"].name: [cell["text"] for cell in line["cells"]]
        for line in response.context["wide"]["rows"]
    }


def test_a_stranger_is_led_to_the_login(client, district):
    response = client.get(MARCH)
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


def test_an_account_without_grant_is_told_whom_to_ask(client, staff_without_grant):
    response = read(client, staff_without_grant, MARCH)
    assert response.status_code == 403
    assert "没有查看汇总的授权" in text_of(response)


def test_everybody_begins_at_the_top_of_her_own_tree(
    client, district_admin, street_reviewer, village_clerk, lectures
):
    titles = [
        read(client, user, MARCH).context["branch"].name
        for user in (district_admin, street_reviewer, village_clerk)
    ]
    assert titles == ["章丘区妇联", "明水街道妇联", "明一社区妇联"]


@pytest.mark.parametrize("path", ["", "monthly.csv", "monthly.xlsx", "records/"])
def test_a_foreign_branch_is_not_found(client, street_reviewer, lectures, path):
    client.force_login(street_reviewer)
    query = "?from=2026-03&indicator=activities.sessions&branch="
    assert client.get(f"/rollups/{path}{query}370114001001").status_code == 200
    for code in ("370114", "370114002", "370114002001", "no-such", "\x00"):
        assert client.get(f"/rollups/{path}{query}{code}").status_code == 404


def test_who_has_two_places_goes_from_one_to_the_other(
    client, village_clerk, sister_street, lectures
):
    assert list(read(client, village_clerk, MARCH).context["tops"]) == []
    GrantFactory(user=village_clerk, branch=sister_street, role="auditor")
    response = read(client, village_clerk, MARCH)
    assert response.context["branch"] == sister_street
    tops = [branch.code for branch in response.context["tops"]]
    assert tops == ["370114001001", "370114002"]
    assert "branch=370114001001" in text_of(response)


def test_the_page_lists_the_streets_and_what_they_leave(
    client, district_admin, lectures
):
    response = read(client, district_admin, f"{MARCH}&indicator=activities.attendance")
    assert rows_of(response) == {
        "章丘区妇联": ["152"],
        "明水街道妇联": ["145"],
        "双山街道妇联": ["7"],
        "本级及直属": ["0"],
    }


def test_a_row_opens_to_what_is_below_it_and_keeps_what_was_asked(
    client, district_admin, lectures
):
    url = f"{MARCH}&level=town&indicator=activities.sessions&compare=1"
    rows = read(client, district_admin, url).context["wide"]["rows"]
    street = next(line for line in rows if line["row"].name == "明水街道妇联")
    below = client.get(street["url"])
    assert list(rows_of(below)) == [
        "明水街道妇联",
        "明一社区妇联",
        "明二社区妇联",
        "本级及直属",
    ]
    assert rows_of(below)["明一社区妇联"][0] == "2"
    assert len(rows_of(below)["明一社区妇联"]) == 6


def test_large_numbers_are_grouped_and_zeros_lead_nowhere(
    client, district_admin, community
):
    hold(community, date(2026, 3, 1), people=12345)
    engine.drain_marks()
    response = read(client, district_admin, f"{MARCH}&indicator=activities.attendance")
    assert rows_of(response)["明水街道妇联"] == ["12,345"]
    zero = response.context["wide"]["rows"][-1]["cells"][0]
    assert (zero["text"], zero["url"]) == ("0", "")


def test_comparisons_print_signs_and_dashes(client, district_admin, community):
    hold(community, date(2026, 2, 1))
    hold(community, date(2026, 2, 2))
    hold(community, date(2026, 3, 1))
    engine.drain_marks()
    url = f"{MARCH}&indicator=activities.sessions&compare=1"
    response = read(client, district_admin, url)
    assert rows_of(response)["章丘区妇联"] == ["1", "2", "−50.0%", "0", "—", "3"]
    assert "去年同月" in text_of(response)


def test_a_single_month_may_be_named_by_either_end(client, district_admin, lectures):
    for url in ("/rollups/?from=2026-03", "/rollups/?to=2026-03"):
        question = read(client, district_admin, url).context["question"]
        assert (str(question.first), str(question.last)) == ("2026-03", "2026-03")


def test_without_parameters_it_is_the_month_of_today(
    client, district_admin, monkeypatch
):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 3, 31))
    question = read(client, district_admin, "/rollups/").context["question"]
    assert (question.first, question.last) == (Month(2026, 3), Month(2026, 3))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-13", "从：月份请写成 2026-03 的样子。"),
        ("from=x", "从：月份请写成 2026-03 的样子。"),
        ("from=1899-01", "从：月份请"),
        ("from=2026-03&to=2026-02", "到：截止月份不能早于起始月份。"),
        ("from=2000-01&to=2099-12", "到：一次最多查看 240 个月，请缩短起止月份。"),
        ("level=planet", "列出：没有这个层级，请从列表中选择。"),
        ("programme=nothing", "项目：没有这个项目，请从列表中选择。"),
        ("programme=none", "项目：没有这个项目，请从列表中选择。"),
        ("indicator=a.b", "指标：没有“a.b”这个指标，请从列表中选择。"),
        ("layout=round", "版式只有"),
        ("header=en", "表头只有"),
        ("from=\x00", "从："),
    ],
)
@pytest.mark.parametrize("path", ["", "monthly.csv", "monthly.xlsx"])
def test_a_wrong_parameter_gets_a_sentence(
    client, district_admin, path, query, sentence
):
    response = read(client, district_admin, f"/rollups/{path}?{query}")
    assert response.status_code == 400
    assert sentence in text_of(response)


def test_a_page_beyond_the_last_shows_the_last(client, district_admin, lectures):
    url = f"{MARCH}&layout=long&page=999"
    assert read(client, district_admin, url).status_code == 200
    assert (
        read(client, district_admin, f"{MARCH}&layout=long&page=x").status_code == 200
    )


def test_the_long_page_prints_the_rows_of_the_file(client, district_admin, lectures):
    url = f"{MARCH}&layout=long&indicator=activities.sessions"
    rows = read(client, district_admin, url).context["long"]["rows"]
    assert [(row["branch"], row["own"], row["total"]) for row in rows] == [
        ("明水街道妇联", "1", "4"),
        ("双山街道妇联", "0", "1"),
    ]


def test_an_empty_long_page_says_what_to_do(client, district_admin):
    url = "/rollups/?from=2020-01&layout=long&indicator=activities.sessions"
    assert "这段时间没有数" in text_of(read(client, district_admin, url))


def test_a_programme_is_asked_with_its_children(client, district_admin, community):
    parent = ProgrammeFactory(slug="talks", name="巾帼宣讲")
    child = ProgrammeFactory(slug="big-talks", name="巾帼大宣讲", parent=parent)
    hold(community, date(2026, 3, 1), programme=child)
    hold(community, date(2026, 3, 2))
    engine.drain_marks()
    url = f"{MARCH}&programme=talks&indicator=activities.sessions,members.in_post"
    response = read(client, district_admin, url)
    assert rows_of(response)["章丘区妇联"] == ["1", "—"]
    assert "巾帼宣讲" in text_of(response)


def test_the_page_says_how_fresh_it_is(client, district_admin, community, lectures):
    moment = datetime(2026, 4, 1, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    Heartbeat.objects.update_or_create(name="rollup", defaults={"beat_at": moment})
    Mark.objects.all().delete()
    said = text_of(read(client, district_admin, MARCH))
    assert "数据截至 2026-04-01 09:30，没有待汇总的改动。" in said
    hold(community, date(2026, 3, 20))
    said = text_of(read(client, district_admin, MARCH))
    assert "数据截至 2026-04-01 09:30，还有 1 处改动待汇总" in said


def test_what_waits_elsewhere_is_not_counted_here(
    client, street_reviewer, community, sister_community, lectures
):
    Mark.objects.all().delete()
    hold(sister_community, date(2026, 3, 20))
    hold(community, date(2026, 5, 20))
    freshness = read(client, street_reviewer, MARCH).context["freshness"]
    assert freshness.waiting == 0


def test_a_closed_month_says_so(client, district_admin, lectures):
    assert "未结账" in text_of(read(client, district_admin, MARCH))
    ReportingMonth.objects.update_or_create(
        month=date(2026, 3, 1), defaults={"status": "closed", "revision": 2}
    )
    assert "已结账（第 2 版）" in text_of(read(client, district_admin, MARCH))
    year = read(client, district_admin, "/rollups/?from=2026-01&to=2026-12")
    said = text_of(year)
    assert (
        "2026-01、2026-02 未结账，2026-03 已结账（第 2 版），2026-04 至 2026-12 未结账"
        in said
    )
    assert '<a href="/rollups/months/2026-03/">2026-03 第 2 版</a>' in said


def test_the_crumbs_end_where_sight_ends(client, street_reviewer, lectures):
    response = read(client, street_reviewer, f"{MARCH}&branch=370114001001")
    assert [above.name for above in response.context["ancestors"]] == ["明水街道妇联"]


def test_no_script_or_style_stands_in_the_page(client, district_admin, lectures):
    said = text_of(read(client, district_admin, f"{MARCH}&compare=1"))
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", said)


@pytest.mark.parametrize("villages", [1, 15])
def test_a_page_costs_the_same_queries_whatever_its_rows(
    client, street, district_admin, villages, django_assert_num_queries
):
    for number in range(villages):
        branch = BranchFactory(code=f"37011400100{number:03d}", parent=street)
        hold(branch, date(2026, 3, 1 + number))
    engine.drain_marks()
    url = f"{MARCH}&branch=370114001"
    read(client, district_admin, url)  # the site's name is remembered from here on
    # one of them counts what still lacks its figures
    with django_assert_num_queries(18):
        client.get(url)
    with django_assert_num_queries(21):
        client.get(f"{url}&compare=1")
    # one asks on which days the denominators were counted
    with django_assert_num_queries(19):
        client.get(f"{url}&layout=long")


def test_whoever_chooses_none_sees_the_usual_indicators(client, district_admin):
    page = read(client, district_admin, MARCH)
    usual = [one.code for one in registry.usual_indicators()]

    shown = [indicator.code for indicator, _ in page.context["wide"]["groups"]]
    assert shown == usual
    assert len(usual) <= 16 < 30 < len(registry.all_indicators())
    said = page.content.decode()
    assert "指标（常用）" in said
    for one in registry.all_indicators():
        assert f'value="{one.code}"' in said


def test_a_file_has_the_columns_of_its_page(client, district_admin):
    page = read(client, district_admin, MARCH)
    titles = b"".join(client.get(page.context["links"]["csv"])).decode().splitlines()[0]
    assert titles.count(",") == 2 + len(registry.usual_indicators())


def test_all_indicators_can_be_ticked(client, district_admin):
    codes = [one.code for one in registry.all_indicators()]
    page = read(client, district_admin, f"{MARCH}&indicator={','.join(codes)}")

    assert len(page.context["wide"]["groups"]) == len(codes)
    assert f"已选 {len(codes)} 项" in page.content.decode()
    assert page.context["links"]["earlier"].count("indicator=") == len(codes)


def test_the_long_page_gives_a_script_every_indicator(client, district_admin):
    page = read(client, district_admin, f"{MARCH}&layout=long")

    assert list(page.context["question"].indicators) == registry.all_indicators()
    assert "指标（全部）" in page.content.decode()
