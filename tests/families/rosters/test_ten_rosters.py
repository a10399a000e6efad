"""Ten rosters as villages send them, each with what must become of it to the last
line."""

from datetime import date

import pytest

from families.models import Household
from federation.imports import runs
from federation.models import ImportRun
from federation.months import local_today
from tests.factories import BranchFactory, HouseholdFactory
from tests.families.rosters.conftest import notes, previewed, reasons, registered
from tests.federation.imports import books

pytestmark = pytest.mark.django_db

ID, WIDE_ID = "370181198503120000", "３７０１８１１９９０１２０５１２３X"


def test_1_a_plain_table_of_one_village(take_in, community):
    content = books.xlsx(
        {
            "Sheet1": [
                [
                    "户号",
                    "户主姓名",
                    "小组",
                    "门牌号",
                    "联系电话",
                    "有无庭院",
                    "居住情况",
                    "备注",
                ],
                [1, "孟桂芳", "三组", "7号", 13800138001, "有", "常住", "独居"],
                [2, "李秀英", "3组", "9号", "无", "无", "空置", ""],
                [5, "王　芳", "第三村民小组", "11号", "", "√", "", ""],
            ]
        }
    )

    run = take_in(content, branch=community, entered_on="2022-01-01")

    assert registered() == [
        ("明一社区", 1, "孟桂芳", "3组", "7号"),
        ("明一社区", 2, "李秀英", "3组", "9号"),
        ("明一社区", 5, "王芳", "3组", "11号"),
    ]
    facts = ("phone", "has_courtyard", "occupancy", "initials", "entered_on")
    assert list(Household.objects.order_by("number").values_list(*facts)) == [
        ("13800138001", True, "lived_in", "mgf", date(2022, 1, 1)),
        ("", False, "empty", "lxy", date(2022, 1, 1)),
        ("", True, "lived_in", "wf", date(2022, 1, 1)),
    ]
    assert (run.create_count, run.refused_count) == (3, 0)
    assert notes(run) == []


def test_2_title_lines_merged_cells_headings_of_groups_and_totals(take_in, community):
    rows = [
        ["明水街道明一社区出彩人家户表", *[None] * 5],
        ["填报单位：明一社区", None, None, "2026年3月", None, None],
        ["序号", "户主", "住址", None, "庭院", "电话"],
        [None, None, "村组", "门牌", None, None],
        [1, "孟桂芳", "一组", "7号", "是", "138-0013-8001"],
        [2, "李秀英", None, "9号", "否", None],
        ["二组", *[None] * 5],
        [3, "王芳", None, "1号", "是", None],
        ["小计", "3户", None, None, 2, None],
        ["合　计", "3户", None, None, 2, None],
        ["填表人：赵六　审核人：孙七", *[None] * 5],
        [None, None, None, None, 2, None],
    ]
    merged = ["A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4"]
    merged += ["C5:C6", "A7:F7", "A11:F11"]

    run = take_in(books.xlsx({"户表": rows}, {"户表": merged}))

    assert registered() == [
        ("明一社区", 1, "孟桂芳", "1组", "7号"),
        ("明一社区", 2, "李秀英", "1组", "9号"),
        ("明一社区", 3, "王芳", "2组", "1号"),
    ]
    assert Household.objects.get(number=1).phone == "13800138001"
    assert (run.create_count, run.refused_count) == (3, 0)
    assert Household.objects.filter(entered_on=local_today()).count() == 3


def test_3_a_sheet_for_each_village(take_in, community, second_community):
    header = ["户号", "姓名", "门牌"]
    content = books.xlsx(
        {
            "明一社区": [header, [1, "孟桂芳", "7号"]],
            "明二社区户表": [header, [1, "李秀英", "１幢２单元３０１"]],
            "说明": [["每村一个工作表"]],
        }
    )

    run = take_in(content)

    assert registered() == [
        ("明一社区", 1, "孟桂芳", "", "7号"),
        ("明二社区", 1, "李秀英", "", "1幢2单元301"),
    ]
    assert notes(run) == ["工作表“说明”没有找到表头，没有读取。"]


def test_4_old_excel_with_full_width_digits(take_in, community):
    content = books.xls(
        {
            "明一社区": [
                ["编 号", "户 主", "组", "门 牌", "联系方式", "是否空置"],
                ["００１", "孟桂芳", "０３", "７号", "１３８００１３８００１", "否"],
                [2.0, "李秀英", 3.0, 9.0, 13800138002.0, "是"],
                ["3号", "王芳", "东头", "", "", ""],
            ]
        }
    )

    take_in(content)

    assert registered() == [
        ("明一社区", 1, "孟桂芳", "3组", "7号"),
        ("明一社区", 2, "李秀英", "3组", "9"),
        ("明一社区", 3, "王芳", "东头", ""),
    ]
    facts = Household.objects.order_by("number").values_list("phone", "occupancy")
    assert list(facts) == [
        ("13800138001", "lived_in"),
        ("13800138002", "empty"),
        ("", "lived_in"),
    ]


def test_5_one_csv_for_several_villages_and_some_of_another_street(
    hand_in, street_reviewer, community, second_community, sister_community
):
    content = books.csv(
        [
            ["所在村", "户号", "联系人", "门牌"],
            ["明一社区", "1", "孟䶮", "7号"],
            ["370114001002", "1", "李秀英", "1号"],
            ["赵家庄", "1", "张桂兰", "2号"],
            ["370114002001", "2", "张桂英", "2号"],
            ["某村", "1", "刘敏", "3号"],
            ["明水街道", "1", "周敏", "3号"],
        ],
        "gb18030",
    )

    run = hand_in(content)

    outside = "不在明水街道妇联范围内，没有导入；请由它所属的妇联导入。"
    assert [line[:4] for line in previewed(run)] == [
        ("create", 2, "明一社区妇联", "1 号 孟䶮"),
        ("create", 3, "明二社区妇联", "1 号 李秀英"),
        ("refused", 4, "赵家庄", "1 号 张桂兰"),
        ("refused", 5, "370114002001", "2 号 张桂英"),
        ("refused", 6, "某村", "1 号 刘敏"),
        ("refused", 7, "明水街道", "1 号 周敏"),
    ]
    assert reasons(run)[4] == f"“赵家庄”{outside}"
    assert reasons(run)[5] == f"“370114002001”{outside}"
    _, questions, _ = runs.outcomes_of(run)
    assert [(q.word, q.rows, len(q.choices)) for q in questions] == [
        ("某村", 1, 2),
        ("明水街道", 1, 2),
    ]
    runs.answer(run, street_reviewer, {"某村": "-", "明水街道": "370114001002"})
    run.refresh_from_db()
    assert reasons(run)[6] == "“某村”的行按您的选择没有导入。"
    # The second household of that number in that village.
    assert reasons(run)[7] == "与第 3 行是同一户，请只留一行。"


def test_6_id_numbers_in_three_columns_are_left_out(take_in, community):
    content = books.xlsx(
        {
            "明一社区": [
                ["户号", "户主", "身份证号码", "社保卡", "住址", "电话"],
                [1, "孟桂芳", ID, "", "7号", "13800138001"],
                [
                    2,
                    "李秀英",
                    "",
                    WIDE_ID,
                    f"9号 {ID}",
                    "",
                ],
            ]
        }
    )

    run = take_in(content)

    assert notes(run) == [
        "工作表“明一社区”的“身份证号码”一列是身份证号或像身份证号，没有读取。",
        "工作表“明一社区”的“社保卡”一列是身份证号或像身份证号，没有读取。",
        "工作表“明一社区”的“住址”里像身份证号的内容没有读取。",
    ]
    kept = ImportRun.objects.get()
    stored = str(runs.tables_of(kept)) + str(runs.outcomes_of(kept))
    assert ID[:14] not in stored
    assert [row[1:] for row in registered()] == [
        (1, "孟桂芳", "", "7号"),
        (2, "李秀英", "", ""),
    ]


def test_7_the_same_household_twice(hand_in, community):
    content = books.csv(
        [
            ["户号", "户主", "组", "门牌"],
            ["1", "孟桂芳", "三组", "7号"],
            ["1", "孟桂芳", "3组", "7号"],
            ["1", "李秀英", "3组", "9号"],
            ["", "王芳", "第三小组", "11号"],
            ["", "王芳", "3", "11号"],
            ["", "王芳", "4组", "11号"],
        ]
    )

    run = hand_in(content, branch=community)

    assert [line[:2] for line in previewed(run) if line[0] == "create"] == [
        ("create", 2),
        ("create", 5),
        ("create", 7),
    ]
    assert reasons(run) == {
        3: "与第 2 行是同一户，请只留一行。",
        4: "与第 2 行是同一户，请只留一行。",
        6: "与第 5 行是同一户，请只留一行。",
    }


def test_8_the_same_roster_again_with_changes(take_in, hand_in, community):
    header = ["户号", "户主", "村组", "门牌", "手机", "庭院"]
    first = [
        [1, "孟桂芳", "1组", "7号", "13800138001", "有"],
        [2, "李秀英", "1组", "9号", "13800138002", "有"],
        [3, "王芳", "2组", "1号", "", "有"],
    ]
    take_in(books.xlsx({"明一社区": [header, *first]}))
    second = [
        [1, "孟庆国", "一组", "7号", "13900139001", "无"],
        [2, "李秀英", "", "", "", ""],
        [3, "赵兰", "5组", "8号", "", ""],
        [4, "孙丽", "2组", "3号", "", ""],
    ]

    run = hand_in(books.xlsx({"明一社区": [header, *second]}))

    assert [(kind, what, detail) for kind, _, _, what, detail in previewed(run)] == [
        (
            "change",
            "1 号 孟庆国",
            "户主或联系人：孟桂芳 → 孟庆国；手机号：138****8001 → 139****9001；"
            "有庭院：是 → 否",
        ),
        ("unchanged", "2 号 李秀英", ""),
        (
            "refused",
            "3 号 赵兰",
            "3 号户登记的是“王芳”，户主和门牌都和这一行不同，请核对户号。",
        ),
        ("create", "4 号 孙丽", "2组 3号"),
    ]


def test_9_a_second_roster_without_numbers(take_in, community):
    header = ["序号", "户主", "村组", "门牌", "电话"]
    first = [
        [1, "孟桂芳", "1组", "7号", ""],
        [2, "李秀英", "1组", "9号", ""],
        [3, "王芳", "2组", "1号", ""],
        [4, "刘敏", "", "", ""],
    ]
    take_in(books.xlsx({"明一社区": [header, *first]}))
    # Sorted anew, one household more in between, one contact and one place changed.
    second = [
        [1, "王芳", "二组", "1号", "13800138003"],
        [2, "赵兰", "2组", "3号", ""],
        [3, "李秀英", "1组", "9号", ""],
        [4, "孟庆国", "1组", "7号", ""],
        [5, "刘敏", "2组", "5号", ""],
    ]

    run = take_in(books.xlsx({"明一社区": [header, *second]}))

    assert registered() == [
        ("明一社区", 1, "孟庆国", "1组", "7号"),
        ("明一社区", 2, "李秀英", "1组", "9号"),
        ("明一社区", 3, "王芳", "2组", "1号"),
        ("明一社区", 4, "刘敏", "2组", "5号"),
        ("明一社区", 5, "赵兰", "2组", "3号"),
    ]
    assert (run.create_count, run.change_count, run.unchanged_count) == (1, 3, 1)
    assert "“序号”只当作顺序" in notes(run)[0]


def test_10_a_roster_with_a_fault_in_every_line(hand_in, street, community):
    BranchFactory(code="370114001101", short_name="官庄村", parent=street)
    HouseholdFactory(
        branch=community, number=8, contact_name="周敏", left_on=date(2025, 3, 1)
    )
    for _ in range(2):
        HouseholdFactory(branch=community, contact_name="吴霞")
    content = books.csv(
        [
            ["户号", "户主", "村组", "门牌", "手机", "庭院", "居住情况"],
            ["1", "", "1组", "7号", "", "", ""],
            ["2", "孟桂芳13800138001", "1组", "7号", "", "", ""],
            ["0", "李秀英", "1组", "7号", "", "", ""],
            ["12-3", "李秀英", "1组", "7号", "", "", ""],
            ["99999999999", "李秀英", "1组", "7号", "", "", ""],
            ["3", "王芳", "1组", "7号", "1380013", "大概", "偶尔回来"],
            ["4", "姓" * 51, "1组", "7号", "", "", ""],
            ["5", "王芳", "组" * 21, "门" * 51, "", "", ""],
            ["8", "周敏", "", "", "", "", ""],
            ["", "吴霞", "", "", "", "", ""],
        ]
    )

    run = hand_in(content, branch=community)

    assert run.create_count == 0
    assert reasons(run) == {
        2: "户主是空的，请填写。",
        3: "户主一列里有数字，请只写姓名，电话另写一列。",
        4: "户号从 1 开始，请核对。",
        5: "户号“12-3”应为整数，请核对。",
        6: "户号“99999999999”应为整数，请核对。",
        7: "手机号应为 11 位数字。庭院“大概”认不出，请写有或无。"
        "居住情况“偶尔回来”认不出，请写常住或空置。",
        8: f"户主或联系人“{'姓' * 20}”：确保该变量包含不超过 50 字符 (目前字符数 51)。",
        9: f"村组“{'组' * 20}”：确保该变量包含不超过 20 字符 (目前字符数 21)。"
        f"门牌“{'门' * 20}”：确保该变量包含不超过 50 字符 (目前字符数 51)。",
        10: "8 号户已在 2025-03-01 注销；搬回来的，请先在这一户的页面上删去注销日期。",
        11: "名册里有 2 户“吴霞”都对得上，请在表中补上户号或门牌。",
    }
