"""Candidates and results from an Excel roster: by sheet or column, never guessed."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members import elections
from members.models import Candidate, Member
from tests.factories import BranchFactory, MemberFactory
from tests.federation.imports import books
from tests.members.elections.conftest import begun, committee_of

pytestmark = pytest.mark.django_db

HEAD = ["姓名", "妇联职务", "出生年月", "得票"]


@pytest.fixture
def whole(street, community, second_community, street_reviewer):
    """The election of a street of two villages."""
    committee_of(community, "李秀英", "王淑兰")
    committee_of(second_community, "周玉珍")
    return begun(street, street_reviewer, covers_below=True)


def take(election, by, content, *, elected=False):
    return elections.take_roster(election, content, by, elected=elected)


def standing(election):
    rows = Candidate.objects.filter(term__election=election).order_by("pk")
    return [
        (one.term.branch.short_name, one.person_name, one.title, one.votes)
        for one in rows.select_related("term__branch", "member")
    ]


def test_a_sheet_for_each_village_fills_them_all(whole, street_reviewer):
    book = books.xlsx(
        {
            "明一社区": [
                ["明一社区妇联换届候选人"],
                HEAD,
                ["李秀英", "主席", "", 36],
                ["赵玉兰", "执委", "1985.3", 30],
            ],
            "明二社区": [HEAD, ["周玉珍", "主席", "", 28]],
        }
    )

    taken = take(whole, street_reviewer, book, elected=True)

    assert (taken.added, taken.changed, taken.refused) == (3, 0, [])
    assert standing(whole) == [
        ("明一社区", "李秀英", "chair", 36),
        ("明一社区", "赵玉兰", "committee", 30),
        ("明二社区", "周玉珍", "chair", 28),
    ]
    assert Candidate.objects.filter(is_elected=True).count() == 3
    new = Candidate.objects.get(name="赵玉兰")
    assert (new.member, new.birth_month) == (None, date(1985, 3, 1))
    known = Candidate.objects.get(member__name="李秀英")
    assert known.member == Member.objects.get(name="李秀英")


def test_a_column_names_the_village(whole, street_reviewer):
    content = books.csv([["村(社区)", "姓名", "职务"], ["明二社区", "周玉珍", "主席"]])

    take(whole, street_reviewer, content)

    assert standing(whole) == [("明二社区", "周玉珍", "chair", None)]
    assert not Candidate.objects.filter(is_elected=True).exists()


def test_the_same_roster_again_adds_nobody_and_tells_the_votes_anew(
    whole, street_reviewer
):
    rows = [
        ["村(社区)", *HEAD],
        ["明一社区", "李秀英", "主席", "", "30"],
        ["明一社区", "赵玉兰", "执委", "1985.3", "20"],
    ]
    take(whole, street_reviewer, books.csv(rows))
    rows[1][-1] = "31"

    taken = take(whole, street_reviewer, books.csv(rows), elected=True)

    assert (taken.added, taken.changed) == (0, 2)
    assert standing(whole) == [
        ("明一社区", "李秀英", "chair", 31),
        ("明一社区", "赵玉兰", "committee", 20),
    ]


def test_lines_that_cannot_be_told_are_given_back_with_their_reason(
    whole, street, sister_community, street_reviewer
):
    BranchFactory(code="370114001003", parent=street, short_name="明三社区")
    MemberFactory(name="孙丽华", branch=whole.terms.first().branch)
    MemberFactory(name="孙丽华", branch=whole.terms.first().branch)
    content = books.csv(
        [
            ["村(社区)", "姓名", "职务"],
            ["赵家庄社区", "吴凤英", "执委"],
            ["明三社区", "吴凤英", "执委"],
            ["明一社区", "孙丽华", "执委"],
            ["明一社区", "赵玉兰", "会计"],
            ["明一社区", "李秀英", "主席"],
            ["明一社区", "李秀英", "主席"],
        ]
    )

    taken = take(whole, street_reviewer, content)

    assert [line.row for line, _ in taken.refused] == [2, 3, 4, 5, 7]
    reasons = [reason for _, reason in taken.refused]
    assert "“赵家庄社区”不在明水街道妇联范围内" in reasons[0]
    assert reasons[1] == "明三社区妇联不在这次换届里。"
    assert "名册里有两位“孙丽华”都对得上" in reasons[2]
    assert reasons[4] == "与第 6 行重复，请只留一行。"
    assert [row[1] for row in standing(whole)] == ["李秀英"]


def test_of_one_village_no_place_need_be_named(community, old_term, street_reviewer):
    election = begun(community, street_reviewer)

    take(election, street_reviewer, books.csv([HEAD, ["赵玉兰", "执委", "", ""]]))

    assert standing(election) == [("明一社区", "赵玉兰", "committee", None)]


def test_an_id_number_is_not_read(whole, street_reviewer):
    content = books.csv(
        [
            ["村(社区)", "姓名", "职务", "身份证号"],
            ["明一社区", "赵玉兰", "执委", "11010519491231002X"],
        ]
    )

    taken = take(whole, street_reviewer, content)

    assert any("身份证号" in note for note in taken.notes)
    assert "11010519491231002X" not in str(list(Candidate.objects.values()))


def test_a_file_that_is_no_roster_is_refused(whole, street_reviewer):
    with pytest.raises(ValidationError, match="没有找到名册"):
        take(whole, street_reviewer, books.csv([["项目", "金额"], ["茶水", "30"]]))


def test_a_confirmed_election_takes_no_roster(election, street_reviewer):
    elections.confirm(election, street_reviewer)

    with pytest.raises(ValidationError, match="请先撤销确认"):
        take(election, street_reviewer, books.csv([HEAD, ["赵玉兰", "执委", "", ""]]))
