"""The pages of reports, and their API: who opens what, and what she is told."""

import re
from datetime import date
from html import unescape

import pytest

from rollups import engine
from tests.factories import GrantFactory
from tests.rollups.reading import ATTENDANCE, SESSIONS, hold

URL = "/rollups/reports/table/"
MARCH = f"{URL}?period=2026-03"
API = "/api/v1/reports/table/"


@pytest.fixture
def template(design):
    return design(
        (SESSIONS, "now", None, "活动"),
        (SESSIONS, "share", None, "活动"),
        (ATTENDANCE,),
        table_number="章妇统 1 表",
        issued_by="章丘区妇联",
        document_number="章妇〔2026〕3 号",
        notes="活动以审核通过的为准。",
    )


def read(client, user, url):
    client.force_login(user)
    return client.get(url)


def text_of(response) -> str:
    return unescape(response.content.decode())


def rows_of(response) -> dict:
    return {
        line["row"].name: [cell["text"] for cell in line["cells"]]
        for line in response.context["filled"]["rows"]
    }


def test_the_page_prints_the_report(client, district_admin, template, lectures):
    page = read(client, district_admin, MARCH)

    assert rows_of(page) == {
        "合计": ["5", "100.0%", "152"],
        "明水街道妇联": ["4", "80.0%", "145"],
        "双山街道妇联": ["1", "20.0%", "7"],
    }
    said = text_of(page)
    for words in (
        "活动情况表",
        "2026 年 3 月",
        "填报单位（盖章）：章丘区妇联",
        "单位：场次、人次",
        "章妇统 1 表",
        "章妇〔2026〕3 号",
        "单位负责人：",
        "报出日期：",
        "活动以审核通过的为准。",
        "草稿",
        "2026-03 未结账",
    ):
        assert words in said, words


def test_only_the_chosen_lines_are_there_to_sign_on(
    client, district_admin, template, lectures
):
    template.signatures = ["filled", "head"]
    template.save()

    said = text_of(read(client, district_admin, MARCH))
    assert re.findall(r"<span>(.{2,5})：</span>", said) == ["单位负责人", "填表人"]


def test_others_see_their_own_part(client, village_clerk, street_reviewer, template):
    page = read(client, street_reviewer, MARCH)
    assert page.context["branch"].name == "明水街道妇联"
    page = read(client, village_clerk, MARCH)
    assert list(rows_of(page)) == ["明一社区妇联"]


@pytest.mark.parametrize(
    "url", [URL, "/rollups/reports/table.csv", "/rollups/reports/table.xlsx", API]
)
def test_a_foreign_branch_is_not_found(
    client, street_reviewer, template, url, lectures
):
    client.force_login(street_reviewer)
    asked = f"{url}?period=2026-03&branch="
    assert client.get(f"{asked}370114001001").status_code == 200
    for code in ("370114", "370114002", "no-such", "%00"):
        assert client.get(f"{asked}{code}").status_code == 404


@pytest.mark.parametrize(
    "url", [URL, "/rollups/reports/table.csv", "/rollups/reports/table.xlsx"]
)
@pytest.mark.parametrize(
    "period", ["2026Q3", "x", "%00", "2026-13", "1999-12", "9" * 99]
)
def test_a_wrong_period_gets_a_sentence(client, district_admin, template, url, period):
    response = read(client, district_admin, f"{url}?period={period}")

    assert response.status_code == 400
    said = text_of(response)
    assert "期间请" in said
    assert 'name="period"' in said  # and a choice of those there are


def test_without_a_period_the_due_one_is_shown(
    client, district_admin, template, monkeypatch
):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 4, 5))
    page = read(client, district_admin, URL)

    assert "2026 年 3 月" in text_of(page)
    assert page.context["picker"]["later"].endswith("period=2026-04&branch=370114")


def test_one_goes_down_and_up_again(
    client, district_admin, street_reviewer, template, lectures
):
    page = read(client, district_admin, MARCH)
    down = [line["url"] for line in page.context["filled"]["rows"] if line["url"]]
    assert down == [
        f"{URL}?period=2026-03&branch=370114001",
        f"{URL}?period=2026-03&branch=370114002",
    ]
    page = client.get(down[0])
    assert page.context["above"] == "370114"
    # Where her sight ends there is no way up.
    assert read(client, street_reviewer, down[0]).context["above"] == ""


def test_each_number_leads_to_its_records(client, district_admin, template, lectures):
    page = read(client, district_admin, MARCH)
    cells = page.context["filled"]["rows"][1]["cells"]
    assert cells[1]["url"] == ""  # a share has no records of its own
    records = client.get(cells[0]["url"])

    assert records.status_code == 200
    assert records.context["figure"] == "4"


def test_a_table_out_of_use_is_tried_by_who_designs_alone(
    client, district_admin, village_clerk, template
):
    template.is_active = False
    template.save()

    for url in (URL, "/rollups/reports/table.csv", API):
        assert read(client, village_clerk, url).status_code == 404
        assert read(client, district_admin, url).status_code == 200
    assert "活动情况表" not in text_of(read(client, village_clerk, "/rollups/reports/"))
    assert "已停用" in text_of(read(client, district_admin, "/rollups/reports/"))


def test_no_such_table(client, district_admin):
    for url in ("/rollups/reports/none/", "/rollups/reports/none.csv"):
        assert read(client, district_admin, url).status_code == 404
    assert read(client, district_admin, "/api/v1/reports/none/").status_code == 404


def test_a_table_without_columns_is_no_fault(client, district_admin, design):
    design(slug="empty")
    for url in ("/rollups/reports/empty/", "/rollups/reports/empty.xlsx"):
        assert read(client, district_admin, url).status_code == 200


def test_a_stranger_is_led_to_the_login(client, template):
    for url in ("/rollups/reports/", URL, "/rollups/reports/table.xlsx"):
        assert client.get(url).url.startswith("/admin/login/")


def test_the_list_says_what_to_do(client, district_admin, village_clerk):
    said = text_of(read(client, district_admin, "/rollups/reports/"))
    assert "点上面的“设计新报表”" in said
    said = text_of(read(client, village_clerk, "/rollups/reports/"))
    assert "区妇联设计好以后会出现在这里" in said


def test_who_has_two_places_goes_from_one_to_the_other(
    client, village_clerk, sister_street, template
):
    GrantFactory(user=village_clerk, branch=sister_street, role="auditor")
    page = read(client, village_clerk, MARCH)

    assert [branch.code for branch in page.context["tops"]] == [
        "370114001001",
        "370114002",
    ]


def test_no_script_or_style_stands_in_the_page(
    client, district_admin, template, lectures
):
    said = text_of(read(client, district_admin, MARCH))
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", said)


@pytest.mark.parametrize("villages", [1, 15])
def test_the_page_costs_the_same_whatever_its_rows(
    client,
    district_admin,
    community,
    second_community,
    sister_community,
    design,
    villages,
    django_assert_num_queries,
):
    template = design((SESSIONS,), (ATTENDANCE,), listing="village")
    for number in range(villages):
        hold(
            (community, second_community, sister_community)[number % 3],
            date(2026, 3, 1 + number),
        )
    engine.drain_marks()
    url = f"{template.get_absolute_url()}?period=2026-03"
    read(client, district_admin, url)  # the site's name is remembered from here on
    with django_assert_num_queries(10):
        client.get(url)


# The API


def test_the_api_lists_the_tables(client, village_clerk, template):
    found = read(client, village_clerk, "/api/v1/reports/").json()["results"]

    assert [(one["slug"], one["period_kind"]) for one in found] == [("table", "month")]


def test_the_api_says_what_the_page_says(client, district_admin, template, lectures):
    found = read(client, district_admin, f"{API}?period=2026-03").json()
    page = client.get(MARCH)

    assert {
        row["branch"]: [cell["text"] for cell in row["cells"]] for row in found["rows"]
    } == rows_of(page)
    assert [cell["value"] for cell in found["rows"][1]["cells"]] == [4, 0.8, 145]
    assert found["columns"][1] == {
        "group": "活动",
        "title": "活动场次占比",
        "indicator": SESSIONS,
        "programme": "",
        "aspect": "share",
        "unit": "%",
    }
    assert found["is_draft"] is True
    assert found["months"] == [{"month": "2026-03", "revision": None, "sha256": ""}]


def test_the_api_refuses_a_wrong_period_with_the_same_sentence(
    client, district_admin, template
):
    response = read(client, district_admin, f"{API}?period=2026Q1")

    assert response.status_code == 400
    assert response.json() == {
        "period": ["这张报表每月一份，期间请写成 2026-10 的样子。"]
    }


def test_strangers_are_refused_by_the_api(client, template):
    assert client.get(API).status_code in (401, 403)
    assert client.get("/api/v1/reports/").status_code in (401, 403)
