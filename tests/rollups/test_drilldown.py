"""`/rollups/records/`: every number leads to the records that give it."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from federation import successions
from federation.models import Branch
from federation.months import Month
from federation.successions import Deed
from rollups import engine, registry
from rollups.records import evidence
from rollups.tables import REST, WHOLE, wide_table
from tests.factories import (
    BranchFactory,
    MemberFactory,
    PostFactory,
    ProgrammeFactory,
    ResultFactory,
)
from tests.rollups.reading import (
    ACTIVE,
    ATTENDANCE,
    EXISTING,
    FOUNDED,
    IN_POST,
    PER_SESSION,
    SESSIONS,
    ask,
    hold,
)

MARCH = Month(2026, 3)


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


@pytest.fixture
def history(lectures, street, sister_street, community, sister_community):
    """March's lectures, then a transfer in April, a founding in May, posts that begin
    and end, programmes with children."""
    parent = ProgrammeFactory(slug="talks", name="巾帼宣讲")
    child = ProgrammeFactory(slug="big-talks", name="巾帼大宣讲", parent=parent)
    deed = Deed(
        on=date(2026, 4, 1), reason="区划调整", document_number="章妇〔2026〕4 号"
    )
    successions.transfer(deed, community, parent=sister_street)
    hold(community, date(2026, 4, 30), programme=parent, attendance_online=12)
    hold(community, date(2026, 5, 1), programme=child)
    hold(sister_community, date(2026, 5, 2), programme=child, children_count=9)
    riders = BranchFactory(
        code="370114002U001",
        short_name="骑手",
        parent=sister_street,
        level=Branch.Level.UNIT,
        kind=Branch.Kind.NEW_JOBS,
        founded_on=date(2026, 5, 4),
    )
    hold(riders, date(2026, 5, 5))
    member = MemberFactory(branch=community)
    PostFactory(member=member, started_on=date(2026, 3, 10))
    PostFactory(member=member, started_on=date(2026, 3, 11), title="chair")
    PostFactory(
        member__branch=street,
        started_on=date(2026, 3, 1),
        ended_on=date(2026, 5, 31),
        ending="resigned",
    )
    engine.recount_range(MARCH, Month(2026, 5))
    engine.drain_marks()
    return parent


@pytest.mark.parametrize("level", ["", "town", "village", "unit"])
@pytest.mark.parametrize("months", [("03", "03"), ("04", "04"), ("03", "05")])
@pytest.mark.parametrize("programme", [False, True])
def test_every_number_is_what_its_records_give(
    district, history, level, months, programme
):
    first, last = (Month.parse(f"2026-{number}") for number in months)
    question = ask(
        district,
        *(one.code for one in registry.all_indicators()),
        first=first,
        last=last,
        level=level,
        programme=history if programme else None,
    )
    table = wide_table(question)
    checked = 0
    for row in table.rows:
        for column, figure in zip(table.columns, row.figures, strict=True):
            if column.indicator in question.asked:
                found = evidence(question, column.indicator, row.key)
                name = (row.name, column.indicator.code)
                assert (name, found.figure) == (name, figure)
                assert found.stored == figure
                checked += figure is not None and figure > 0
    assert checked > 3 or (programme and first == last == MARCH)


def test_following_a_number_shows_it_again(reader, lectures):
    url = f"/rollups/?from=2026-03&indicator={ATTENDANCE}&indicator={PER_SESSION}"
    for line in reader.get(url).context["wide"]["rows"]:
        for cell in line["cells"]:
            if cell["url"]:
                response = reader.get(cell["url"])
                assert response.context["figure"] == cell["text"]
                assert not response.context["evidence"].differs


def test_following_a_number_of_another_period_shows_it_again(reader, community):
    hold(community, date(2025, 3, 1))
    hold(community, date(2026, 1, 1))
    hold(community, date(2026, 2, 1))
    hold(community, date(2026, 3, 1))
    hold(community, date(2026, 3, 2))
    engine.drain_marks()
    url = f"/rollups/?from=2026-03&indicator={SESSIONS}&compare=1"
    cells = reader.get(url).context["wide"]["rows"][0]["cells"]
    shown = [reader.get(c["url"]).context["figure"] for c in cells if c["url"]]
    assert shown == ["2", "1", "1", "4"]


def test_following_a_number_of_the_long_page_shows_it_again(reader, history):
    for query in ("", "&programme=talks", "&level=village"):
        url = f"/rollups/?from=2026-05&layout=long{query}"
        rows = reader.get(url).context["long"]["rows"]
        assert len(rows) > 3
        for row in rows:
            assert reader.get(row["total_url"]).context["figure"] == row["total"]
            if row["own_url"]:
                assert reader.get(row["own_url"]).context["figure"] == row["own"]


def test_the_list_names_the_records_and_what_each_adds(reader, lectures):
    url = f"/rollups/records/?from=2026-03&indicator={ATTENDANCE}&row=370114001"
    response = reader.get(url)
    rows = response.context["records"]["rows"]
    assert [row["cells"][-1]["text"] for row in rows] == ["10", "100", "5", "30"]
    said = unescape(response.content.decode())
    assert "明水街道妇联" in said
    assert "共 4 条记录。" in said
    assert rows[0]["url"].startswith("/admin/activities/activity/")


def test_the_rest_is_what_no_listed_branch_covers(district, lectures):
    question = ask(district, SESSIONS, first=MARCH, level="village")
    found = evidence(question, registry.indicator(SESSIONS), REST)
    assert [record.branch.name for record in found.records] == ["明水街道妇联"]


def test_a_ratio_shows_both_its_sums(reader, lectures):
    url = f"/rollups/records/?from=2026-03&indicator={PER_SESSION}"
    response = reader.get(url)
    assert response.context["figure"] == "30.4"
    assert [value for _, value in response.context["parts"]] == ["152", "5"]


def test_a_person_with_two_posts_is_one(district, history):
    question = ask(district, IN_POST, first=Month(2026, 4))
    found = evidence(question, registry.indicator(IN_POST), WHOLE)
    assert found.records.count() == 3
    assert found.figure == found.stored == 2


def test_a_stock_of_months_to_come_has_no_records(community, monkeypatch):
    monkeypatch.setattr("federation.months.local_today", lambda: date(2026, 3, 15))
    PostFactory(member__branch=community, started_on=date(2026, 2, 10))
    question = ask(community, IN_POST, first=Month(2026, 4))
    found = evidence(question, registry.indicator(IN_POST), WHOLE)
    assert found.records.count() == 0


def test_branches_are_records_too(reader, history):
    for code, figure in ((EXISTING, "7"), (FOUNDED, "1")):
        url = f"/rollups/records/?from=2026-05&indicator={code}"
        assert reader.get(url).context["figure"] == figure


def test_a_change_that_is_not_counted_yet_is_told(reader, community, lectures):
    hold(community, date(2026, 3, 20))
    url = f"/rollups/records/?from=2026-03&indicator={SESSIONS}"
    response = reader.get(url)
    assert (response.context["figure"], response.context["stored"]) == ("6", "5")
    assert "汇总表上是 5" in response.content.decode()


def test_records_of_a_branch_out_of_sight_are_counted_and_not_listed(
    client, street_reviewer, sister_street, community, lectures
):
    deed = Deed(
        on=date(2026, 4, 1), reason="区划调整", document_number="章妇〔2026〕4 号"
    )
    successions.transfer(deed, community, parent=sister_street)
    engine.drain_marks()
    client.force_login(street_reviewer)
    url = f"/rollups/records/?from=2026-03&indicator={SESSIONS}"
    response = client.get(url)
    assert response.context["figure"] == "4"
    assert response.context["hidden"] == 2
    said = unescape(response.content.decode())
    assert "另有 2 条记录属于您现在授权范围以外的组织" in said
    assert "明一社区" not in said
    assert client.get(f"{url}&row=370114001001").status_code == 404


def test_a_number_that_is_not_there_is_not_found(reader, lectures):
    url = f"/rollups/records/?from=2026-03&indicator={SESSIONS}"
    assert reader.get(f"{url}&row=370114001001").status_code == 404
    assert reader.get(f"{url}&row=nothing").status_code == 404
    assert reader.get(f"{url}&row=370114001001&level=village").status_code == 200
    ProgrammeFactory(slug="talks", name="巾帼宣讲")
    stock = f"/rollups/records/?from=2026-03&indicator={IN_POST}&programme=talks"
    assert reader.get(stock).status_code == 404


@pytest.mark.parametrize(
    "query", ["", f"indicator={SESSIONS},{ATTENDANCE}", "indicator=x", "from=2026-99"]
)
def test_a_question_without_one_number_gets_a_sentence(reader, lectures, query):
    response = reader.get(f"/rollups/records/?{query}")
    assert response.status_code == 400
    assert "。" in unescape(response.content.decode())


def test_drafts_and_plans_are_not_behind_a_number(district, community, lectures):
    ResultFactory(branch=community, starts_on=date(2026, 3, 2), result_approved_at=None)
    engine.drain_marks()
    question = ask(district, SESSIONS, ACTIVE, first=MARCH)
    found = evidence(question, registry.indicator(SESSIONS), WHOLE)
    assert found.figure == Decimal(5)


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_the_same_queries_whatever_its_rows(
    reader, community, count, django_assert_num_queries
):
    for day in range(1, count + 1):
        hold(community, date(2026, 3, day))
    engine.drain_marks()
    url = f"/rollups/records/?from=2026-03&indicator={SESSIONS}&row=370114001"
    reader.get(url)
    with django_assert_num_queries(17):
        reader.get(url)
