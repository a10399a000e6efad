"""The structure report: one committee beside another, and what each line counts."""

from collections import Counter
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from members import structure
from members.models import Election, Member
from members.structure.lines import LINES
from tests.factories import MemberFactory, PostFactory, TermFactory
from tests.members.recount import recounted

pytestmark = pytest.mark.django_db

ELECTED = date(2026, 3, 10)
EVE = date(2026, 3, 9)
PAGE = "/admin/members/post/structure/"


def post(member, term, **fields):
    return PostFactory(
        member=member,
        branch=term.branch,
        term=term,
        **({"started_on": term.elected_on} | fields),
    )


@pytest.fixture
def election(street, community, second_community, district_admin):
    """Two villages elect on two days; one chair stays and takes a second post."""
    election = Election.objects.create(
        branch=street,
        covers_below=True,
        elected_on=ELECTED,
        status=Election.Status.CONFIRMED,
        started_by=district_admin,
    )
    for branch, day in ((community, ELECTED), (second_community, date(2026, 3, 12))):
        old = TermFactory(branch=branch, number=12, elected_on=date(2021, 3, 1))
        new = TermFactory(
            branch=branch,
            number=13,
            elected_on=day,
            due_on=date(2031, 3, 1),
            seats_planned=1,
            election=election,
        )
        over = {"ended_on": day, "ending": "term_over"}
        chair = MemberFactory(
            branch=branch,
            birth_month=date(1985, 3, 1),
            education="bachelor",
            political_status="party",
            is_village_cadre=True,
        )
        post(chair, old, title="chair", **over)
        post(chair, new, title="chair", concurrent_office="village")
        post(chair, new, title="committee")
        leaving = MemberFactory(branch=branch, birth_month=date(1960, 1, 1))
        post(leaving, old, title="vice_part", **over)
        young = MemberFactory(
            branch=branch, birth_month=date(2000, 1, 1), is_new_employment=True
        )
        post(young, new)
    return election


def cells_of(comparison) -> dict:
    return {
        cells.line.code: (cells.before, cells.after)
        for _, lines in comparison.groups()
        for cells in lines
    }


def test_an_election_compares_the_eve_with_the_day(election):
    report = structure.of_election(election)

    assert report.title == "明水街道妇联所属 2 个村（社区）妇联换届前后"
    assert [row.name for row in report.rows] == ["明一社区妇联", "明二社区妇联"]
    cells = cells_of(report)
    assert cells["people"] == (4, 4)
    assert cells["chairs"] == (2, 2)
    assert cells["age_30"] == (0, 2)
    assert cells["age_40"] == (0, 0)
    assert cells["age_50"] == (2, 2)  # 41 in this very month
    assert cells["age_61"] == (2, 0)
    assert cells["education_bachelor"] == (2, 2)
    assert cells["education_unknown"] == (2, 2)
    assert cells["politics_party"] == (2, 2)
    assert cells["part_time"] == (2, 2)
    assert cells["village_cadres"] == (2, 2)
    assert cells["new_employment"] == (0, 2)
    assert "deputy_chairs" not in cells  # no street elects here


def test_each_village_is_looked_at_on_its_own_day(election):
    first, second = structure.of_election(election).rows

    assert (first.before["people"], first.after["people"]) == (2, 2)
    assert (second.before["people"], second.after["people"]) == (2, 2)
    assert second.after["age_30"] == 1
    eleventh = structure.totals_on(
        election.terms.values_list("branch", flat=True), date(2026, 3, 11)
    )
    assert eleventh["age_30"] == 1


def test_shares_are_of_the_people_and_averages_of_known_ages(election):
    report = structure.of_election(election)
    (_, ages) = next(pair for pair in report.groups() if pair[0].title == "年龄")
    young = next(cells for cells in ages if cells.line.code == "age_30")

    assert (young.share_before, young.share_after, young.change) == (
        Decimal("0.0"),
        Decimal("50.0"),
        2,
    )
    assert report.average_ages() == (Decimal("53.5"), Decimal("33.5"))
    assert ("班子配齐的组织", 0, 2, 2) in report.committees


@pytest.mark.parametrize(
    ("gender", "office", "counted"),
    [
        ("female", "deputy", 1),
        ("male", "deputy", 0),
        ("female", "deputy_rank", 0),
        ("female", "", 0),
    ],
)
def test_a_street_is_chaired_by_a_woman_who_is_its_deputy(
    street, community, gender, office, counted
):
    chair = MemberFactory(branch=street, gender=gender)
    PostFactory(member=chair, title="chair", concurrent_office=office)
    village_chair = MemberFactory(branch=community)
    PostFactory(member=village_chair, title="chair", concurrent_office="deputy")

    cells = cells_of(structure.of_branch(street, EVE, ELECTED))

    assert cells["street_chairs"] == (1, 1)
    assert cells["deputy_chairs"] == (counted, counted)


def test_what_stands_below_counts_only_when_asked(election, street):
    whole = structure.of_branch(street, EVE, ELECTED)
    alone = structure.of_branch(street, EVE, ELECTED, below=False)

    assert [row.name for row in whole.rows] == ["本级", "明一社区妇联", "明二社区妇联"]
    assert whole.whole.after["people"] == 4
    assert alone.whole.after["people"] == 0
    assert alone.groups()[0][1][0].share_after is None


@given(
    born=st.dates(date(1950, 1, 1), date(2010, 1, 1)).map(lambda d: d.replace(day=1)),
    on=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_everybody_is_in_one_band_that_fits_her_age(born, on):
    bands = {
        "age_30": range(0, 31),
        "age_40": range(31, 41),
        "age_50": range(41, 51),
        "age_60": range(51, 61),
        "age_61": range(61, 200),
    }
    member = Member(birth_month=born)
    matching = [
        line.code
        for line in LINES
        if line.code in bands and _holds(line.condition(on), born)
    ]
    assert matching == [
        code for code, ages in bands.items() if member.age_on(on) in ages
    ]


def _holds(condition, born) -> bool:
    """Evaluate a band's condition on one month of birth."""
    for child in condition.children:
        lookup, value = child
        if lookup.endswith("__lte") and not born <= value:
            return False
        if lookup.endswith("__gt") and not born > value:
            return False
    return True


def test_counts_equal_a_recount(election, street):
    for on in (date(2021, 2, 28), EVE, ELECTED, date(2026, 3, 12)):
        pks = [street.pk, *election.terms.values_list("branch", flat=True)]
        assert structure.totals_on(pks, on) == Counter(recounted(pks, on))


@pytest.mark.parametrize("villages", [1, 12])
def test_the_queries_do_not_grow_with_the_villages(
    election, street, villages, django_assert_num_queries
):
    for number in range(villages):
        PostFactory(
            member__branch__code=f"37011400109{number}", member__branch__parent=street
        )
    with django_assert_num_queries(9):
        structure.of_branch(street, EVE, ELECTED)


# Workbook and pages ------------------------------------------------------------------


def test_the_workbook_holds_counts_charts_and_the_line_to_sign_on(election):
    Member.objects.update(name="不该出现")
    file = BytesIO()
    structure.write_workbook(file, structure.of_election(election))

    sheet, by_branch = load_workbook(file).worksheets
    rows = {row[1]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert rows["执委人数"][2:7:2] == (4, 4, 0)
    assert rows["30 岁及以下"][2:][:5] == (0, 0, 2, 50, 2)
    texts = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any("填表人：" in str(cell) and "盖章" in str(cell) for cell in texts)
    branches = list(by_branch.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in branches] == ["明一社区妇联", "明二社区妇联", "合计"]
    assert branches[-1][1:3] == (4, 4)
    with ZipFile(file) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/c")]
        written = b"".join(parts.read(name) for name in parts.namelist())
    assert len(charts) == 3
    assert "不该出现" not in written.decode(errors="ignore")


def test_the_page_shows_a_branch_on_two_days(client, street_reviewer, election, street):
    client.force_login(street_reviewer)
    asked = {"branch": street.pk, "before": "2026-03-09", "after": "2026-03-12"}

    page = client.get(PAGE, asked)

    said = page.content.decode()
    assert page.context["comparison"].whole.before["people"] == 4
    assert "明一社区妇联" in said
    assert "兼职：兼职副主席，以及任职里填了“兼任”的其他成员。" in said
    printed = client.get(PAGE, asked | {"as": "print"}).content.decode()
    for word in ("填表人", "审核人", "负责人", "单位（盖章）"):
        assert word in printed
    sheet = client.get(PAGE, asked | {"as": "xlsx"})
    assert sheet["Content-Type"].endswith("sheet")
    assert b"".join(sheet.streaming_content)[:2] == b"PK"


def test_without_a_question_the_page_shows_ones_own_year(client, street_reviewer):
    client.force_login(street_reviewer)

    page = client.get(PAGE)

    assert page.status_code == 200
    assert page.context["comparison"].title == "明水街道妇联及下级组织"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"before": "2026-03-09", "after": "2026-03-09"}, "对比日期要早于截止日期。"),
        ({"before": "0202-03-09"}, "对比日期太早，请核对年份。"),
        ({"before": "昨天"}, "输入一个有效的日期。"),
        ({"branch": "99999"}, "选择一个有效的选项"),
        ({"branch": "x"}, "选择一个有效的选项"),
    ],
)
def test_a_wrong_question_gets_a_sentence(client, street_reviewer, asked, sentence):
    client.force_login(street_reviewer)

    page = client.get(PAGE, asked | {"as": "xlsx"})

    assert page.status_code == 200
    assert page.context["comparison"] is None
    assert sentence in page.content.decode()


def test_a_foreign_branch_is_no_choice(client, sister_reviewer, election, street):
    client.force_login(sister_reviewer)

    page = client.get(PAGE, {"branch": street.pk})

    assert page.context["comparison"] is None


def test_the_list_of_posts_leads_to_the_report(client, street_reviewer):
    client.force_login(street_reviewer)
    listed = client.get(reverse("admin:members_post_changelist")).content.decode()

    button = reverse("admin:members_post_see_structure")
    assert button in listed
    assert client.get(button).url == PAGE


def test_an_election_has_its_report(client, street_reviewer, election):
    client.force_login(street_reviewer)
    report = reverse("admin:members_election_structure", args=[election.pk])

    page = client.get(report)

    assert page.context["comparison"].whole.after["people"] == 4
    assert report in client.get(f"/admin/members/election/{election.pk}/change/").text
    sheet = client.get(report, {"as": "xlsx"})
    assert b"".join(sheet.streaming_content)[:2] == b"PK"


def test_before_it_is_confirmed_it_says_so(client, street_reviewer, election):
    client.force_login(street_reviewer)
    Election.objects.update(status=Election.Status.DRAFT)

    page = client.get(f"/admin/members/election/{election.pk}/structure/?as=xlsx")

    assert page.context["comparison"] is None
    assert "还没有确认结果" in page.text


def test_a_foreign_election_is_not_found(client, sister_reviewer, election):
    client.force_login(sister_reviewer)

    report = reverse("admin:members_election_structure", args=[election.pk])

    assert client.get(report).status_code == 404
