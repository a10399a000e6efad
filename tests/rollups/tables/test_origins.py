"""原属: a successor shows whose history it took over, and leads to it."""

import csv
import io
from datetime import date
from html import unescape

import pytest

from federation import successions
from federation.models import Branch
from federation.months import Month
from federation.successions import Deed
from rollups import engine
from rollups.tables import wide_table
from tests.rollups.reading import SESSIONS, ask, hold, named

FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)
ASKED = f"from=2026-02&to=2026-03&indicator={SESSIONS}"


def deed():
    return Deed(
        on=date(2026, 3, 1), reason="区划调整", document_number="章妇〔2026〕3 号"
    )


def origins(branch, first=FEBRUARY, **options):
    table = wide_table(ask(branch, SESSIONS, first=first, last=MARCH, **options))
    return {
        row.name: [str(origin) for origin in row.origins]
        for row in table.rows
        if row.origins
    }


@pytest.fixture
def reader(client, district_admin):
    client.force_login(district_admin)
    return client


@pytest.fixture
def merged(street, community, second_community):
    """The first community, with two lectures in February, merged into the second."""
    hold(community, date(2026, 2, 10))
    hold(community, date(2026, 2, 11))
    engine.drain_marks()
    successions.merge(deed(), [community], into=second_community)
    engine.recount_range(FEBRUARY, MARCH)


def test_a_successor_names_its_predecessors(street, second_community, merged):
    merger = "明一社区妇联（2026-03 并入）"
    assert origins(street) == {"明二社区妇联": [merger]}
    assert origins(street, basis=MARCH) == {"明二社区妇联": [merger]}
    assert origins(second_community) == {"明二社区妇联": [merger]}
    assert origins(street, first=MARCH) == {"明二社区妇联": [merger]}
    table = wide_table(ask(street, SESSIONS, first=FEBRUARY))
    assert [row.origins for row in table.rows] == [[]] * len(table.rows)


def test_parts_name_what_they_were_parted_from(street, community):
    part = {"name": "新村妇联", "short_name": "新村", "code": "370114001011"}
    successions.split(deed(), community, parts=[part], closes=False)
    assert origins(street) == {"新村妇联": ["明一社区妇联（2026-03 分设）"]}


def test_who_was_transferred_names_where_she_came_from(
    street, sister_street, community
):
    successions.transfer(deed(), community, parent=sister_street)
    sister_street.refresh_from_db()
    assert origins(sister_street) == {"明一社区妇联": ["明水街道妇联（2026-03 划转）"]}


def test_the_name_leads_to_the_predecessors_own_table(reader, street, merged):
    rows = reader.get(f"/rollups/?{ASKED}&branch=370114001&basis=now").context["wide"]
    row = next(line for line in rows["rows"] if line["origins"])
    (origin, url) = row["origins"][0]
    context = reader.get(url).context
    assert context["branch"].name == origin.name == "明一社区妇联"
    figures = [line["cells"][0]["text"] for line in context["wide"]["rows"]]
    assert figures[0] == "2"


def test_a_predecessor_out_of_sight_is_named_without_a_way(
    client, street_reviewer, community, sister_community
):
    successions.merge(deed(), [sister_community], into=community)
    client.force_login(street_reviewer)
    response = client.get(f"/rollups/?{ASKED}")
    row = next(r for r in response.context["wide"]["rows"] if r["origins"])
    assert [url for _, url in row["origins"]] == [""]
    assert "原属：赵家庄社区妇联" in " ".join(
        unescape(response.content.decode()).split()
    )


def test_the_file_has_it_below_the_figures(reader, street, merged):
    response = reader.get(f"/rollups/monthly.csv?{ASKED}&branch=370114001&layout=wide")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert ["原属", "明二社区妇联：明一社区妇联（2026-03 并入）"] in lines
    tree = "当时口径：各月按当月的隶属统计。2026-03 明一社区妇联并入明二社区妇联。"
    assert ["口径", tree] in lines


# The branch's own page


def lines_of(client, branch) -> list[tuple]:
    panels = client.get(f"/branches/{branch.code}/").context["panels"]
    for template, parts in panels:
        if template == "rollups/_panel_history.html":
            return [(one.label, one.name, one.what, one.url) for one in parts["lines"]]
    return []


def test_staff_see_on_a_branchs_page_where_its_history_is(
    reader, community, second_community, merged
):
    (line,) = lines_of(reader, second_community)
    assert line[:3] == ("原属", "明一社区妇联", "2026-03 并入")
    page = reader.get(line[3])
    table = page.context["wide"]["rows"]
    assert table[0]["row"].name == "明一社区妇联"
    assert str(page.context["question"].last) == "2026-02"
    (line,) = lines_of(reader, community)
    assert line[:3] == ("并入", "明二社区妇联", "2026-03")


def test_a_transfer_stands_on_the_page_too(reader, street, sister_street, community):
    successions.transfer(deed(), community, parent=sister_street)
    assert lines_of(reader, community) == [("原属", "明水街道妇联", "2026-03 划转", "")]


def test_the_public_and_other_streets_see_nothing_of_it(
    client, sister_reviewer, second_community, merged
):
    assert lines_of(client, second_community) == []
    client.force_login(sister_reviewer)
    assert lines_of(client, second_community) == []


def test_a_sister_streets_figures_have_no_way_in(
    client, street_reviewer, community, sister_community
):
    successions.merge(deed(), [sister_community], into=community)
    client.force_login(street_reviewer)
    assert [line[3] for line in lines_of(client, community)] == [""]


def test_a_merged_branch_stays_what_it_was(street, community, merged):
    community = Branch.objects.get(pk=community.pk)
    table = wide_table(ask(community, SESSIONS, first=FEBRUARY, last=MARCH))
    assert named(table)["明一社区妇联"] == 2
