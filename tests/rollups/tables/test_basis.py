"""当时口径 and 现口径: months before a change of the tree, read by either tree."""

from datetime import date
from html import unescape

import pytest

from federation import successions
from federation.models import Branch
from federation.months import Month
from federation.successions import Deed
from rollups import engine, registry
from rollups.records import evidence
from rollups.tables import REST, wide_table
from tests.factories import BranchFactory
from tests.rollups.reading import (
    ACTIVE,
    EXISTING,
    PER_SESSION,
    SESSIONS,
    ask,
    hold,
    long_rows,
    named,
)

FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)


def deed(day=date(2026, 3, 1)):
    return Deed(on=day, reason="区划调整", document_number="章妇〔2026〕3 号")


def then_and_now(branch, *codes, first=FEBRUARY, **options):
    return [
        named(
            wide_table(ask(branch, *codes, first=first, last=MARCH, **options, **how))
        )
        for how in ({}, {"basis": MARCH})
    ]


@pytest.fixture
def history(street, sister_street, community, second_community, sister_community):
    """Two lectures of the first community in February, one of each other village."""
    hold(community, date(2026, 2, 10))
    hold(community, date(2026, 2, 11))
    hold(second_community, date(2026, 2, 12))
    hold(sister_community, date(2026, 2, 13))
    engine.drain_marks()


def test_a_transferred_branch_takes_its_history_along(
    district, street, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    hold(community, date(2026, 3, 5))
    engine.recount_range(FEBRUARY, MARCH)
    then, now = then_and_now(district, SESSIONS)
    assert then == {
        "章丘区妇联": 5,
        "明水街道妇联": 3,
        "双山街道妇联": 2,
        "本级及直属": 0,
    }
    assert now == {
        "章丘区妇联": 5,
        "明水街道妇联": 1,
        "双山街道妇联": 4,
        "本级及直属": 0,
    }
    sister_street.refresh_from_db()
    assert then_and_now(sister_street, SESSIONS)[1]["明一社区妇联"] == 3


def test_a_merged_branchs_history_counts_with_its_successor(
    district, street, community, second_community, history
):
    successions.merge(deed(), [community], into=second_community)
    engine.recount_range(FEBRUARY, MARCH)
    then, now = then_and_now(street, SESSIONS)
    assert (then["明一社区妇联"], then["明二社区妇联"]) == (2, 1)
    assert "明一社区妇联" not in now
    assert now["明二社区妇联"] == 3
    assert now["明水街道妇联"] == then["明水街道妇联"] == 3


def test_a_merger_into_another_town_leaves_the_old_one(
    district, community, sister_community, history
):
    successions.merge(deed(), [community], into=sister_community)
    engine.recount_range(FEBRUARY, MARCH)
    _, now = then_and_now(district, SESSIONS)
    assert (now["明水街道妇联"], now["双山街道妇联"]) == (1, 3)


@pytest.mark.parametrize("closes", [True, False])
def test_a_split_branchs_history_counts_with_itself_or_the_place_above(
    district, street, community, history, closes
):
    parts = [{"name": "新一村妇联", "short_name": "新一村", "code": "370114001011"}]
    parts += [{"name": "新二村妇联", "short_name": "新二村", "code": "370114001012"}]
    successions.split(deed(), community, parts=parts, closes=closes)
    engine.recount_range(FEBRUARY, MARCH)
    street.refresh_from_db()
    _, now = then_and_now(street, SESSIONS)
    villages = then_and_now(district, SESSIONS, level="village")[1]
    if closes:
        assert now["本级及直属"] == villages["本级及直属"] == 2
        assert now["新一村妇联"] == now["新二村妇联"] == 0
    else:
        assert now["明一社区妇联"] == villages["明一社区妇联"] == 2
        assert now["本级及直属"] == 0
    assert then_and_now(district, SESSIONS)[1]["明水街道妇联"] == 3


def test_a_branch_that_closed_for_good_counts_with_the_place_above(
    street, community, history
):
    successions.close(deed(date(2026, 2, 28)), community)
    engine.recount_range(FEBRUARY, MARCH)
    _, now = then_and_now(street, SESSIONS)
    assert now == {"明水街道妇联": 3, "明二社区妇联": 1, "本级及直属": 2}


def test_a_renamed_branch_goes_on(street, community, history):
    successions.rename(deed(), community, name="新明妇联", short_name="新明")
    _, now = then_and_now(street, SESSIONS)
    assert now["新明妇联"] == 2
    table = wide_table(ask(street, SESSIONS, first=FEBRUARY, last=MARCH))
    assert table.changes == []


def test_the_heir_of_an_heir_keeps_the_history(
    district, street, community, second_community, sister_street, history
):
    successions.merge(deed(), [community], into=second_community)
    second_community.refresh_from_db()
    april = date(2026, 4, 1)
    successions.transfer(deed(april), second_community, parent=sister_street)
    engine.recount_range(FEBRUARY, Month(2026, 4))
    options = {"first": FEBRUARY, "last": FEBRUARY, "basis": Month(2026, 4)}
    now = named(wide_table(ask(district, SESSIONS, **options)))
    assert (now["明水街道妇联"], now["双山街道妇联"]) == (0, 4)


def test_distincts_are_recounted_and_ratios_made_anew(
    district, street, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    hold(community, date(2026, 3, 5), people=90)
    engine.recount_range(FEBRUARY, MARCH)
    _, active = then_and_now(district, ACTIVE)
    _, per_session = then_and_now(district, PER_SESSION)
    assert active == {
        "章丘区妇联": 3,
        "明水街道妇联": 1,
        "双山街道妇联": 2,
        "本级及直属": 0,
    }
    assert per_session["双山街道妇联"] == 45  # (3 × 30 + 90) / 4


def test_a_stock_of_an_earlier_month_stands_where_its_branches_stand_now(
    district, street, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    engine.recount_range(FEBRUARY, MARCH)
    question = ask(district, EXISTING, first=MARCH, basis=MARCH)
    table = wide_table(question, compare=True)
    before = [column.aspect.value for column in table.columns].index("before")
    assert named(table)["双山街道妇联"] == 3
    assert named(table, before)["双山街道妇联"] == 3
    assert named(table, before)["明水街道妇联"] == 2
    then = wide_table(ask(district, EXISTING, first=MARCH), compare=True)
    assert named(then, before)["双山街道妇联"] == 2


def test_the_long_table_says_the_same(
    district, street, sister_street, community, second_community, history
):
    hold(street, date(2026, 2, 14))
    successions.merge(deed(), [second_community], into=community)
    community.refresh_from_db()
    engine.recount_range(FEBRUARY, MARCH)
    question = ask(street, SESSIONS, ACTIVE, first=FEBRUARY, last=MARCH, basis=MARCH)
    rows = {
        (row["month"], row["branch_code"], row["level"], row["indicator"]): (
            row["own"],
            row["total"],
        )
        for row in long_rows(question)
    }
    february = "2026-02"
    # What the merged village did itself, its successor did.
    assert rows == {
        (february, "370114001001", "village", SESSIONS): ("3", "3"),
        (february, "370114001001", "village", ACTIVE): ("2", "2"),
        (february, "370114001", "rest", SESSIONS): ("1", "1"),
        (february, "370114001", "rest", ACTIVE): ("1", "1"),
    }


def test_a_branch_that_is_gone_has_no_listing_by_todays_tree(
    community, second_community, history
):
    successions.merge(deed(), [community], into=second_community)
    then, now = then_and_now(community, SESSIONS)
    assert then["明一社区妇联"] == 2
    assert now["明一社区妇联"] == 0
    question = ask(community, SESSIONS, first=FEBRUARY, last=MARCH, basis=MARCH)
    assert wide_table(question).tree_notes == [
        "明一社区妇联在 2026-03 不在组织树里，现口径下它以前的数计入承接它的组织。"
        "要看它自己的数，请选当时口径。"
    ]


def test_a_branch_out_of_sight_is_not_listed_by_name(
    district, street, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    engine.recount_range(FEBRUARY, MARCH)
    options = {"first": FEBRUARY, "last": MARCH, "basis": MARCH}
    question = ask(district, SESSIONS, level="village", paths=(street.path,), **options)
    assert named(wide_table(question)) == {
        "章丘区妇联": 4,
        "明二社区妇联": 1,
        "本级及直属": 3,
    }


# The choice on the page


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


def test_the_choice_is_offered_where_the_tree_changed_and_silent_elsewhere(
    reader, district, street, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    engine.recount_range(FEBRUARY, MARCH)

    def tree(query):
        return reader.get(f"/rollups/?{query}&indicator={SESSIONS}").context["tree"]

    offered = tree("from=2026-02&to=2026-03")
    assert [label for label, _, _ in offered["choices"]] == ["当时口径", "现口径"]
    assert offered["notes"] == [
        "当时口径：各月按当月的隶属统计。"
        "2026-03 明一社区妇联由明水街道妇联划转到双山街道妇联。"
    ]
    assert tree("from=2026-02&to=2026-03&layout=long") == offered | {
        "choices": tree("from=2026-02&to=2026-03&layout=long")["choices"]
    }
    assert tree("from=2026-03&to=2026-03&compare=1") != {}
    for quiet in (
        "from=2026-02&to=2026-02",
        "from=2026-03&to=2026-03",
        "from=2026-02&to=2026-03&branch=370114001002",
        "from=2026-02&to=2026-03&branch=370114001001",
    ):
        assert tree(quiet) == {}
    for street_of_either in ("370114001", "370114002"):
        assert tree(f"from=2026-02&to=2026-03&branch={street_of_either}") != {}


def test_following_the_choice_keeps_it_until_it_is_changed_back(
    reader, district, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    engine.recount_range(FEBRUARY, MARCH)
    url = f"/rollups/?from=2026-02&to=2026-03&indicator={SESSIONS}"
    choices = reader.get(url).context["tree"]["choices"]
    response = reader.get(choices[1][1])
    wide = response.context["wide"]
    figures = {line["row"].name: line["cells"][0]["text"] for line in wide["rows"]}
    assert (figures["明水街道妇联"], figures["双山街道妇联"]) == ("1", "3")
    assert [is_this for _, _, is_this in response.context["tree"]["choices"]] == [
        False,
        True,
    ]
    said = unescape(response.content.decode())
    assert "现口径：各月都按 2026-03 的隶属统计，" in said
    assert '<input type="hidden" name="basis" value="now">' in said
    assert "basis=now" in response.context["links"]["csv"]
    assert "basis=now" in wide["rows"][1]["url"]
    back = reader.get(response.context["tree"]["choices"][0][1]).context["question"]
    assert back.basis is None


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_a_number_by_todays_tree_leads_to_its_records(
    reader, district, sister_street, community, second_community, history, layout
):
    successions.transfer(deed(), community, parent=sister_street)
    successions.merge(
        deed(), [second_community], into=Branch.objects.get(code="370114002001")
    )
    hold(community, date(2026, 3, 5))
    engine.recount_range(FEBRUARY, MARCH)
    url = f"/rollups/?from=2026-02&to=2026-03&basis=now&layout={layout}&compare=1"
    context = reader.get(f"{url}&indicator={SESSIONS},{ACTIVE},{EXISTING}").context
    followed = 0
    if layout == "wide":
        for line in context["wide"]["rows"]:
            for cell in line["cells"]:
                if cell["url"]:
                    answer = reader.get(cell["url"])
                    assert answer.context["figure"] == cell["text"]
                    assert not answer.context["evidence"].differs
                    followed += 1
    else:
        for row in context["long"]["rows"]:
            for which in ("own", "total"):
                if row[f"{which}_url"]:
                    answer = reader.get(row[f"{which}_url"])
                    assert answer.context["figure"] == row[which]
                    followed += 1
    assert followed > 8


def test_the_records_of_the_rest_are_those_of_who_closed(street, community, history):
    successions.close(deed(date(2026, 2, 28)), community)
    engine.recount_range(FEBRUARY, MARCH)
    options = {"first": FEBRUARY, "last": MARCH, "basis": MARCH}
    question = ask(street, SESSIONS, **options)
    found = evidence(question, registry.indicator(SESSIONS), REST)
    assert (found.figure, found.stored) == (2, 2)


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [
        ("x", "口径：口径只有 then（当时口径）、now（现口径），或一个月份。"),
        ("2026-13", "口径：口径只有 then（当时口径）、now（现口径），或一个月份。"),
        ("\x00", "口径：口径只有 then（当时口径）、now（现口径），或一个月份。"),
        ("2026-02", "口径：口径的月份不能早于截止月份。"),
    ],
)
def test_a_wrong_basis_gets_a_sentence(reader, district, basis, sentence):
    query = {"from": "2026-03", "to": "2026-03", "basis": basis}
    for path in ("", "monthly.csv", "records/"):
        response = reader.get(f"/rollups/{path}", query)
        assert response.status_code == 400
        assert sentence in unescape(response.content.decode())
    assert reader.get("/api/v1/rollups/", query).status_code == 400


def test_the_api_reads_by_either_tree(
    reader, district, sister_street, community, history
):
    successions.transfer(deed(), community, parent=sister_street)
    engine.recount_range(FEBRUARY, MARCH)
    query = {"from": "2026-02", "to": "2026-03", "indicator": SESSIONS}

    def totals(**more):
        rows = reader.get("/api/v1/rollups/", query | more).json()["results"]
        return {row["branch_code"]: row["total"] for row in rows}

    assert totals() == totals(basis="then") == {"370114001": 3, "370114002": 1}
    assert totals(basis="now") == {"370114001": 1, "370114002": 3}
    assert totals(basis="2026-05") == {"370114001": 1, "370114002": 3}


@pytest.mark.parametrize("villages", [2, 20])
def test_todays_tree_costs_the_same_queries_whatever_its_branches(
    district, street, sister_street, villages, django_assert_num_queries
):
    branches = [
        BranchFactory(code=f"37011400100{number:03d}", parent=street)
        for number in range(villages)
    ]
    for number, branch in enumerate(branches):
        hold(branch, date(2026, 2, 1 + number))
    for branch in branches[1::2]:
        successions.transfer(deed(), branch, parent=sister_street)
    successions.close(deed(date(2026, 2, 28)), branches[0])
    engine.drain_marks()
    options = {"first": FEBRUARY, "last": MARCH, "basis": MARCH}
    question = ask(district, SESSIONS, ACTIVE, **options)
    with django_assert_num_queries(7):
        wide_table(question)
