"""A roster as it comes, read into people and posts."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members.models.choices import Education, Gender, PoliticalStatus, Title
from members.rosters.reading import read_roster
from tests.federation.imports import books


def read(*rows):
    return read_roster(books.csv([list(row) for row in rows]))


def one(**cells):
    """Return the line of one person with *cells* by title."""
    titles = {"姓名": "王芳", "职务": "执委"} | cells
    return read(titles, titles.values()).lines[0]


def test_a_whole_line_is_read():
    line = one(
        姓名="王　芳",
        性别="女",
        出生年月="1985.3",
        民族="汉",
        文化程度="在职大学",
        政治面貌="中共预备党员",
        职业="教师",
        工作单位及职务="明水中学 教师",
        联系方式="１３８ ００１３ ８００１",
        是否两委成员="是",
        是否网格员="否",
        特长="剪纸",
        职务="妇联副主席（专职）",
        任职时间="2021年3月",
        得票="25票",
    )

    assert line.values == {
        "name": "王芳",
        "gender": Gender.FEMALE,
        "birth_month": date(1985, 3, 1),
        "ethnicity": "汉族",
        "education": Education.BACHELOR,
        "political_status": PoliticalStatus.PARTY,
        "occupation": "教师",
        "work_unit": "明水中学 教师",
        "phone": "13800138001",
        "is_village_cadre": True,
        "is_grid_worker": False,
        "skills": "剪纸",
    }
    assert (line.title, line.votes) == (Title.VICE_FULL, 25)
    assert line.post == {"started_on": date(2021, 3, 1)}
    assert line.faults == []


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("主席", Title.CHAIR),
        ("明一社区妇联主席", Title.CHAIR),
        ("主席、执委", Title.CHAIR),
        ("副主席", Title.VICE_PART),
        ("兼职副主席", Title.VICE_PART),
        ("挂职副主席", Title.VICE_SECONDED),
        ("常务委员", Title.STANDING),
        ("妇联执委会委员", Title.COMMITTEE),
        ("执委", Title.COMMITTEE),
    ],
)
def test_titles_are_read(words, title):
    assert one(职务=words).title == title


@pytest.mark.parametrize(
    ("words", "education"),
    [
        ("小学", Education.JUNIOR),
        ("职高", Education.SECONDARY),
        ("大学专科", Education.COLLEGE),
        ("大学本科", Education.BACHELOR),
        ("硕士研究生", Education.GRADUATE),
    ],
)
def test_education_is_read(words, education):
    assert one(学历=words).values["education"] == education


@pytest.mark.parametrize(
    ("title", "cell", "sentence"),
    [
        ("姓名", "", "姓名是空的"),
        ("出生年月", "1899.3", "早于 1900 年"),
        ("民族", "火星", "不在 56 个民族之内"),
        ("学历", "博学", "学历“博学”认不出"),
        ("政治面貌", "热心", "政治面貌“热心”认不出"),
        ("联系方式", "1380013", "手机号应为 11 位数字"),
        ("职务", "", "职务是空的"),
        ("职务", "村长", "职务“村长”认不出"),
        ("得票", "多数", "应为整数"),
        ("单位", "单" * 101, "工作单位及职务"),
    ],
)
def test_what_cannot_be_read_is_said(title, cell, sentence):
    line = one(**{"性别": "女", title: cell})

    assert len(line.faults) == 1
    assert sentence in line.faults[0]


def test_the_foot_of_the_page_is_no_person():
    roster = read(
        ["序号", "姓名", "职务"],
        ["1", "王芳", "主席"],
        ["2", "", ""],
        ["填表人：赵六", "", ""],
        ["", "合计 1 人", ""],
        ["注：以上属实"] * 3,
    )

    assert [line.name for line in roster.lines] == ["王芳"]


def test_a_plain_vice_chair_and_a_missing_column_are_said():
    assert "兼职副主席" in read(["姓名", "职务"], ["王芳", "副主席"]).notes[0]
    assert "都按执委登记" in read(["姓名", "电话"], ["王芳", ""]).notes[0]


def test_a_file_without_a_roster_is_refused():
    with pytest.raises(ValidationError, match="没有找到名册"):
        read(["通知"], ["请于周五前上报"])
