"""Ten rosters as they come, each with what must become of it to the last line."""

import io
from datetime import date, datetime

import pytest
import xlsxwriter

from federation.imports import runs
from federation.models import ImportRun
from members.models import Member, Post
from tests.factories import BranchFactory, MemberFactory, PostFactory, TermFactory
from tests.federation.imports import books
from tests.members.rosters.conftest import previewed, reasons

pytestmark = pytest.mark.django_db

ID = "370181198503120000"


def people():
    """Return (name, branch, birth month, title, since, until) of everybody in post."""
    rows = Post.objects.order_by("branch__path", "member__name", "started_on")
    return [
        (
            post.member.name,
            post.branch.short_name,
            post.member.birth_month and f"{post.member.birth_month:%Y-%m}",
            post.get_title_display(),
            str(post.started_on),
            post.ended_on and str(post.ended_on),
        )
        for post in rows.select_related("member", "branch")
    ]


def test_1_a_plain_table_of_one_village(take_in, community):
    content = books.xlsx(
        {
            "Sheet1": [
                [
                    "姓名",
                    "性别",
                    "出生年月",
                    "民族",
                    "学历",
                    "政治面貌",
                    "职务",
                    "手机",
                ],
                [
                    "王芳",
                    "女",
                    "1985.3",
                    "汉",
                    "本科",
                    "中共党员",
                    "主席",
                    "13800138001",
                ],
                ["李英", "女", "1990.12", "回", "大专", "群众", "执委", "13800138002"],
            ]
        }
    )

    run = take_in(content, branch=community)

    assert people() == [
        ("李英", "明一社区", "1990-12", "执委", "2024-01-01", None),
        ("王芳", "明一社区", "1985-03", "主席", "2024-01-01", None),
    ]
    chair = Member.objects.get(name="王芳")
    assert (chair.ethnicity, chair.education, chair.political_status) == (
        "汉族",
        "bachelor",
        "party",
    )
    assert (chair.phone, chair.initials) == ("13800138001", "wf")
    assert (run.create_count, run.refused_count) == (2, 0)


def test_2_title_lines_a_header_of_two_lines_and_merged_cells(take_in, community):
    rows = [
        ["明水街道明一社区妇联执委会成员名册", *[None] * 6],
        ["填报单位：明一社区", None, None, None, "2026年3月", None, None],
        ["序号", "姓名", "基本情况", None, "任职", None, "联系方式"],
        [None, None, "出生年月", "民族", "职务", "时间", "手机"],
        [1, "王芳", "85年3月", "汉族", "主席", "2021.3", "13800138001"],
        [2, "李英", "1990/12/05", "汉", "副主席（挂职）", "2021年3月", "无"],
        ["填表人：赵六", *[None] * 6],
    ]
    merged = ["A1:G1", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "A7:G7"]

    take_in(books.xlsx({"名册": rows}, {"名册": merged}))

    assert people() == [
        ("李英", "明一社区", "1990-12", "挂职副主席", "2021-03-01", None),
        ("王芳", "明一社区", "1985-03", "主席", "2021-03-01", None),
    ]


def test_3_a_sheet_for_each_village(take_in, community, second_community):
    header = ["名字", "妇联职务", "出生日期"]
    content = books.xlsx(
        {
            "明一社区": [header, ["王芳", "主席", "1985-3"]],
            "明二社区妇联": [header, ["李英", "主席", "１９９０.１２"]],
            "说明": [["每村一个工作表"]],
        }
    )

    run = take_in(content)

    assert people() == [
        ("王芳", "明一社区", "1985-03", "主席", "2024-01-01", None),
        ("李英", "明二社区", "1990-12", "主席", "2024-01-01", None),
    ]
    _, _, notes = runs.outcomes_of(run)
    assert notes == ["工作表“说明”没有找到表头，没有读取。"]


def test_4_old_excel_with_serials_full_width_digits_and_shortened_months(
    take_in, community
):
    content = books.xls(
        {
            "明一社区": [
                ["姓 名", "职 务", "出生年月", "联系电话"],
                ["王芳", "执委", 1985.03, "１３８００１３８００１"],
                ["李英", "执委", 1990.1, 13800138002.0],
                ["赵兰", "执委", 31118.0, ""],
            ]
        }
    )

    take_in(content)

    assert [row[:3] for row in people()] == [
        ("李英", "明一社区", "1990-10"),  # typed as 1990.10: the column says so
        ("王芳", "明一社区", "1985-03"),
        ("赵兰", "明一社区", "1985-03"),
    ]
    assert set(Member.objects.values_list("phone", flat=True)) == {
        "13800138001",
        "13800138002",
        "",
    }


def test_5_csv_of_excel_with_the_branch_by_code(take_in, community, second_community):
    content = books.csv(
        [
            ["组织编码", "姓名", "职务"],
            ["370114001001", "王䶮", "主席"],
            ["370114001002", "李英", "主席"],
        ],
        "gb18030",
    )

    take_in(content)

    assert [row[:2] for row in people()] == [("王䶮", "明一社区"), ("李英", "明二社区")]


def test_6_id_numbers_in_three_columns_are_left_out(take_in, community):
    content = books.xlsx(
        {
            "明一社区": [
                ["姓名", "身份证号码", "职务", "工资卡", "工作单位", "手机"],
                ["王芳", ID, "主席", "", "农民", "13800138001"],
                [
                    "李英",
                    "",
                    "执委",
                    "３７０１８１１９９０１２０５１２３X",
                    f"教师 {ID}",
                    "",
                ],
            ]
        }
    )

    run = take_in(content)

    _, _, notes = runs.outcomes_of(run)
    assert notes == [
        "工作表“明一社区”的“身份证号码”一列是身份证号或像身份证号，没有读取。",
        "工作表“明一社区”的“工资卡”一列是身份证号或像身份证号，没有读取。",
        "工作表“明一社区”的“工作单位”里像身份证号的内容没有读取。",
    ]
    kept = ImportRun.objects.get()
    stored = str(runs.tables_of(kept)) + str(runs.outcomes_of(kept))
    assert ID[:14] not in stored
    assert list(
        Member.objects.order_by("name").values_list("work_unit", flat=True)
    ) == [
        "",
        "农民",
    ]


def test_7_names_that_mean_several_branches_are_asked(
    hand_in, district, street, sister_street, district_admin, villages
):
    BranchFactory(code="370114002101", short_name="官庄村", parent=sister_street)
    content = books.csv(
        [
            ["村", "姓名", "职务"],
            ["官庄村", "王芳", "主席"],
            ["明水街道官庄村", "李英", "执委"],
            ["东官庄村委会", "赵兰", "主席"],
            ["西官庄村", "孙丽", "主席"],
        ]
    )

    run = hand_in(content, branch=district, user=district_admin)

    assert previewed(run) == [
        ("refused", 2, "官庄村", "王芳 主席"),
        ("create", 3, "明水街道官庄村妇联", "李英 执委"),
        ("create", 4, "东官庄村妇联", "赵兰 主席"),
        ("refused", 5, "西官庄村", "孙丽 主席"),
    ]
    _, questions, _ = runs.outcomes_of(run)
    assert [(q.word, q.rows, len(q.choices)) for q in questions] == [
        ("官庄村", 1, 2),
        ("西官庄村", 1, 6),
    ]

    runs.answer(run, district_admin, {"官庄村": "370114002101", "西官庄村": "-"})

    run.refresh_from_db()
    assert previewed(run)[0] == ("create", 2, "双山街道官庄村妇联", "王芳 主席")
    assert reasons(run) == {5: "“西官庄村”的行按您的选择没有导入。"}
    assert run.question_count == 0


def test_8_the_same_roster_again_with_changes(take_in, hand_in, community):
    header = ["姓名", "职务", "出生年月", "学历", "手机"]
    first = [
        ["王芳", "主席", "1985.3", "高中", "13800138001"],
        ["李英", "执委", "1990.12", "大专", "13800138002"],
        ["赵兰", "执委", "1992.5", "大专", ""],
    ]
    take_in(books.xlsx({"明一社区": [header, *first]}))
    second = [
        ["王芳", "主席", "1985.3", "本科", "13900139001"],
        ["李英", "执委", "1990.12", "", ""],
        ["赵兰", "副主席", "1992.5", "大专", ""],
    ]

    run = hand_in(books.xlsx({"明一社区": [header, *second]}))

    outcomes, _, _ = runs.outcomes_of(run)
    assert [(str(o.kind), o.what, o.detail) for o in outcomes] == [
        (
            "change",
            "王芳 主席",
            "学历：高中中专 → 本科；手机号：138****8001 → 139****9001",
        ),
        ("unchanged", "李英 执委", ""),
        ("create", "赵兰 兼职副主席", "已在名册，新任职；2024-01-01 起"),
    ]


def test_9_a_complete_roster_after_somebody_left(take_in, community):
    TermFactory(branch=community, number=3)
    chair = MemberFactory(name="王芳", branch=community, birth_month=date(1985, 3, 1))
    PostFactory(member=chair, branch=community, title="chair")
    left = MemberFactory(name="李英", branch=community)
    PostFactory(member=left, branch=community)
    content = books.xlsx(
        {
            "明一社区": [
                ["姓名", "职务", "出生年月", "卸任日期", "卸任原因"],
                ["王芳", "主席", "1985.3", "2025.6.30", "工作调动"],
                ["赵兰", "主席", "1992.5", "", ""],
            ]
        }
    )

    run = take_in(
        content,
        starts_on="2025-07-01",
        is_complete=True,
        ends_on="2025-07-01",
        ending="resigned",
    )

    assert people() == [
        ("李英", "明一社区", None, "执委", "2021-03-01", "2025-07-01"),
        ("王芳", "明一社区", "1985-03", "主席", "2021-03-01", "2025-06-30"),
        ("赵兰", "明一社区", "1992-05", "主席", "2025-07-01", None),
    ]
    assert dict(Post.objects.values_list("member__name", "ending")) == {
        "李英": "resigned",
        "王芳": "transferred",
        "赵兰": "",
    }
    assert (run.create_count, run.end_count) == (1, 2)
    assert Post.objects.get(member__name="赵兰").term.number == 3


def test_10_a_roster_with_a_fault_in_every_line(hand_in, community):
    chair = MemberFactory(name="王芳", branch=community)
    PostFactory(member=chair, branch=community, title="chair")
    for _ in range(2):
        MemberFactory(name="李英", branch=community)
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet("明一社区")
        sheet.set_column(0, 5, 12)
        day = book.add_format({"num_format": "yyyy/m/d"})
        for number, row in enumerate(
            [
                ["姓名", "职务", "出生年月", "民族", "手机", "任职时间"],
                ["", "执委", "1985.3", "汉", "", "2024.1"],
                ["张甲", "主席", "1985.3", "汉", "", "2024.1"],
                ["李英", "执委", "", "汉", "", "2024.1"],
                ["张乙", "村长", "1985.3", "汉", "", "2024.1"],
                ["张丙", "执委", "1899.1", "火星", "123", "2024.1"],
                ["张丁", "执委", 1985.1, "汉", "", "2024.1"],
                ["张戊", "执委", "1985.3", "汉", "", "2024.1"],
                ["张戊", "执委", "1985.3", "汉", "", "2024.1"],
                ["张己", "执委", datetime(2099, 1, 1), "汉", "", "2024.1"],
                ["姓" * 51, "执委", "", "", "", "2024.1"],
            ]
        ):
            for place, cell in enumerate(row):
                style = day if isinstance(cell, datetime) else None
                sheet.write(number, place, cell, style)

    run = hand_in(written.getvalue())

    assert [line[0] for line in previewed(run)].count("create") == 1
    assert reasons(run) == {
        2: "姓名是空的，请填写。",
        3: "明一社区妇联已有主席王芳（2021-03-01 至今），"
        "同一天只能有一位主席，请先填写前任的卸任日期。",
        4: "名册里有两位“李英”都对得上，请先在“查重合并”里合并，"
        "或在表中补上出生年月和手机号。",
        5: "职务“村长”认不出，请写主席、副主席、常委或执委。",
        6: "出生年月“1899.1”早于 1900 年，请核对年份。"
        "民族“火星”不在 56 个民族之内，请写全称，如汉族。手机号应为 11 位数字。",
        7: "出生年月“1985.1”分不清是 1 月还是 10 月，请写成 1985-01 或 1985-10。",
        9: "与第 8 行重复，请只留一行。",
        10: "出生年月“2099-01-01”在今天之后，请核对。",
        11: f"姓名“{'姓' * 20}”：确保该变量包含不超过 50 字符 (目前字符数 51)。",
    }
