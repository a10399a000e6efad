"""The table in a sheet as it comes, without ID numbers."""

import json

import pytest

from federation.id_numbers import looks_like_id_number
from federation.imports.layout import Table, Titles, find_tables
from federation.imports.workbook import Sheet

TITLES = Titles(
    {
        "name": ["姓名", "名字"],
        "title": ["妇联职务", "职务"],
        "phone": ["手机", "联系方式"],
        "started_on": ["任职时间"],
    }
)
ID = "370181198503120000"  # the checksum does not fit: left out all the same


def table_of(*rows, name=""):
    sheet = Sheet(name, [(n, list(row)) for n, row in enumerate(rows, 1) if any(row)])
    [table] = find_tables([sheet], TITLES, "name")
    return table


def test_the_header_is_found_below_title_lines():
    table = table_of(
        ["明一社区妇联执委名册"] * 3,
        ["2026 年 3 月"],
        ["姓名", "职务"],
        ["王芳", "主席"],
    )

    assert table.above == "明一社区妇联执委名册 2026 年 3 月"
    assert table.places == {"name": 0, "title": 1}
    assert table.rows == [(4, ["王芳", "主席"])]


@pytest.mark.parametrize(
    "title", ["姓 名", "姓\n名", "＊姓名", "名字（必填）", "姓名:"]
)
def test_titles_vary(title):
    assert table_of([title, "职务"], ["王芳", "主席"]).places["name"] == 0


def test_a_header_of_two_lines_is_read_as_one():
    table = table_of(
        ["姓名", "任职", "任职", "联系"],
        ["姓名", "职务", "时间", "手机"],
        ["王芳", "主席", "2021.3", "138"],
    )

    assert table.places == {"name": 0, "title": 1, "started_on": 2, "phone": 3}
    assert len(table.rows) == 1


def test_the_better_title_is_the_post():
    table = table_of(["姓名", "职务", "妇联职务"], ["王芳", "会计", "主席"])

    assert table.places["title"] == 2
    assert table.notes == ["未识别的列：“职务”，没有导入。"]


def test_a_header_repeated_on_each_page_is_no_line():
    table = table_of(
        ["姓名", "职务"], ["王芳", "主席"], ["姓名", "职务"], ["李英", "执委"]
    )

    assert [number for number, _ in table.rows] == [2, 4]


@pytest.mark.parametrize(
    "number",
    [
        ID,
        "370181850312000",
        "3701 8119 8503 1200 0X",
        "３７０１８１１９８５０３１２００００",
        "37018119850312000x",
    ],
)
def test_what_looks_like_an_id_number_is_left_out_and_said(number):
    assert looks_like_id_number(number)
    table = table_of(
        ["姓名", "职务", "证件号码", "卡号", "手机"],
        ["王芳", "主席", "无", "", "138"],
        ["李英", "执委", "", number, f"139 {number}"],
    )

    assert table.header == ["姓名", "职务", "手机"]
    assert table.rows[1] == (3, ["李英", "执委", ""])
    assert "".join(table.notes).count("没有读取") == 3
    assert number not in json.dumps(table.as_json(), ensure_ascii=False)


def test_a_phone_number_and_a_date_are_no_id_number():
    assert not looks_like_id_number("13800138001")
    assert not looks_like_id_number("13800138001 13900139002")
    assert not looks_like_id_number("2021.03.01-2026.03.01")


def test_an_id_number_among_the_titles_is_not_kept():
    table = table_of(
        [f"填表人 {ID}", "甲"], ["姓名", "职务"], ["王芳", "主席"], name=ID
    )

    assert ID not in json.dumps(table.as_json(), ensure_ascii=False)


def test_a_sheet_without_a_header_is_said():
    [table] = find_tables([Sheet("说明", [(1, ["请填写"])])], TITLES, "name")

    assert table.rows == []
    assert table.notes == ["工作表“说明”没有找到表头，没有读取。"]


def test_a_table_is_kept_as_json():
    table = table_of(["姓名", "职务"], ["王芳", 1985.1])
    stored = Table.of_json(json.loads(json.dumps(table.as_json())))

    assert stored.cell(list(stored.rows[0])[1], "title") == 1985.1
