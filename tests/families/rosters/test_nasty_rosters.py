"""Rosters that were made to be taken for something else."""

import pytest
from django.core.exceptions import ValidationError

from tests.families.rosters.conftest import reasons, registered
from tests.federation.imports import books

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "foot",
    [
        ["全村合计", "", "120"],
        ["", "本页小计", ""],
        ["", "总户数：120户", ""],
        ["1组", "小计", "12"],
        ["", "本村共计 120 户", ""],
        ["明一社区合计", "120", ""],
    ],
    ids=" ".join,
)
def test_a_total_is_no_household_however_it_is_put(take_in, community, foot):
    rows = [["村组", "户主", "门牌"], ["1组", "孟桂芳", "7号"], foot]

    take_in(books.csv([*rows, ["1组", "李秀英", "9号"]]), branch=community)

    assert [row[2] for row in registered()] == ["孟桂芳", "李秀英"]


def test_a_number_is_nobodys_name(hand_in, community):
    run = hand_in(books.csv([["户主", "门牌"], ["25", "7号"]]), branch=community)

    assert reasons(run) == {2: "户主“25”不是姓名，请核对。"}


def test_villages_one_below_the_other_each_under_its_name(
    take_in, community, second_community, sister_community
):
    rows = [
        ["户主", "组", "门牌"],
        ["明一社区", None, None],
        ["三组", None, None],
        ["孟桂芳", None, "7号"],
        ["明二社区：", None, None],
        ["李秀英", None, "9号"],
        ["赵家庄社区居委会", None, None],
        ["张桂兰", None, "1号"],
    ]

    run = take_in(books.xlsx({"户表": rows}, {"户表": ["A2:C2", "A5:C5"]}))

    assert registered() == [
        ("明一社区", 1, "孟桂芳", "3组", "7号"),
        ("明二社区", 1, "李秀英", "", "9号"),
    ]
    assert "“赵家庄社区”" in reasons(run)[8]


def test_whoever_is_called_like_a_village_is_a_household(take_in, community):
    rows = [["户主", "门牌"], ["李新村", ""], ["孟桂芳", "7号"]]

    take_in(books.csv(rows), branch=community)

    assert [row[2] for row in registered()] == ["李新村", "孟桂芳"]


def test_the_same_household_twice_written_with_and_without_spaces(take_in, community):
    rows = [
        ["户主", "组", "门牌"],
        ["孟桂芳", "三组", "7号"],
        ["孟 桂芳", "3 组", "7 号"],
    ]

    run = take_in(books.csv(rows), branch=community)

    assert len(registered()) == 1
    assert reasons(run) == {3: "与第 2 行是同一户，请只留一行。"}


def test_numbers_that_went_through_a_program(take_in, community):
    header = ["户号", "户主", "组", "门牌", "电话"]
    rows = [["3.0", "孟桂芳", "2.0", "12.0", "13800138001.0"]]

    run = take_in(books.csv([header, *rows]), branch=community)

    assert registered() == [("明一社区", 3, "孟桂芳", "2组", "12")]
    assert run.refused_count == 0


def test_a_web_page_that_calls_itself_excel_is_named_so(hand_in, community):
    page = "\n<html><table><tr><td>户主</td><td>门牌</td></tr></table></html>"

    with pytest.raises(ValidationError, match="其实是网页"):
        hand_in(page.encode(), branch=community)
