"""What the cells of a roster say, column by column: the words of the register for the
words people write."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from federation.imports import values
from federation.imports.values import NOTHING, UnreadableError, text_of
from federation.imports.workbook import Cell
from members.ethnicities import ethnicity_of
from members.models import Member
from members.models.choices import (
    ConcurrentOffice,
    Education,
    Ending,
    Gender,
    PoliticalStatus,
    Title,
)

EDUCATION_WORDS = {
    Education.GRADUATE: "研究生|硕士|博士",
    Education.COLLEGE: "大专|专科|高职|^专$",
    Education.BACHELOR: "本科|大学|学士",
    Education.SECONDARY: "高中|中专|中技|技校|职高|职中|中师|中等",
    Education.JUNIOR: "初中|小学|文盲|初等",
}
POLITICAL_WORDS = {
    PoliticalStatus.DEMOCRATIC: ("民主党派|民革|民盟|民建|民进|农工|致公|九三|台盟"),
    PoliticalStatus.MASSES: "群众|无党派|非党员|^否$",
    PoliticalStatus.PARTY: "党员|中共|^是$",
    PoliticalStatus.LEAGUE: "团员|共青团|^团$",
}
TITLE_WORDS = {
    Title.VICE_FULL: "专职.*副主席|副主席.*专职",
    Title.VICE_SECONDED: "挂职.*副主席|副主席.*挂职",
    Title.VICE_PART: "副主席",
    Title.CHAIR: "主席",
    Title.STANDING: "常委|常务委员|常务执委|常执委",
    Title.COMMITTEE: "执委|执行委员|委员",
}
OFFICE_WORDS = {
    ConcurrentOffice.VILLAGE_COMMITTEES: "村|社区|两委|支部|居委",
    ConcurrentOffice.DEPUTY_RANK: "副职级|副科",
    ConcurrentOffice.PARTY_GOVERNMENT_DEPUTY: "党政副职|副镇长|副主任|副书记|党委委员",
    ConcurrentOffice.OTHER: ".",
}
ENDING_WORDS = {
    Ending.TERM_OVER: "届满|换届|到届",
    Ending.RESIGNED: "辞",
    Ending.TRANSFERRED: "调离|调动|调出|调任|转任",
    Ending.DISMISSED: "罢免|撤职",
    Ending.DIED: "去世|病故|死亡|逝世",
    Ending.REPLACED: "替补|替换|更换",
}
DATES = {"birth_month": "出生年月", "started_on": "任职时间", "ended_on": "卸任日期"}


def _field(name: str):
    return Member._meta.get_field(name)


def date_reader(column: str, cells: Iterable[Cell]):
    """Return what reads *column*, which holds *cells*; see ``values.date_reader``."""
    read = values.date_reader(DATES[column], cells)
    return _first_of_month(read) if column == "birth_month" else read


def _first_of_month(read):
    def first(cell: Cell):
        day = read(cell)
        return day and day.replace(day=1)

    return first


def _ethnicity(cell: Cell) -> str | None:
    text = text_of(cell).replace(" ", "")
    if not text:
        return None
    field_of = _field("ethnicity")
    try:
        return field_of.clean(ethnicity_of(text), None)
    except ValidationError as error:
        raise UnreadableError("".join(error.messages)) from None


def _title(cell: Cell) -> Title | None:
    """Return the highest title that is named: 主席、执委 is a chair."""
    text = text_of(cell).replace(" ", "")
    if not text:
        return None
    parts = [part for part in re.split("[、,，;；/和]", text) if part]
    found = [
        title
        for part in parts
        if (title := _title_words(re.sub(r".*(妇联|妇女联合会)", "", part) or part))
    ]
    return min(found, key=list(Title).index, default=None)


def _office(cell: Cell) -> ConcurrentOffice | None:
    text = text_of(cell)
    return None if NOTHING.fullmatch(text) else _office_words(cell)


def _gender(cell: Cell) -> Gender | None:
    text = text_of(cell).lower()
    if not text:
        return None
    for gender, words in {Gender.FEMALE: ("女", "f"), Gender.MALE: ("男", "m")}.items():
        if text.startswith(words):
            return gender
    raise UnreadableError(f"性别“{text[:20]}”认不出，请写女或男。")


_title_words = values.word_reader("职务", TITLE_WORDS, "主席、副主席、常委或执委")
_office_words = values.word_reader("兼任", OFFICE_WORDS, "党政副职、副职级干部等")


READERS = {
    "name": values.name_reader(_field("name")),
    "gender": _gender,
    "ethnicity": _ethnicity,
    "education": values.word_reader(
        "学历", EDUCATION_WORDS, "初中及以下、高中中专、大专、本科或研究生"
    ),
    "political_status": values.word_reader(
        "政治面貌", POLITICAL_WORDS, "中共党员、民主党派、共青团员或群众"
    ),
    "work_unit": values.text_reader(_field("work_unit")),
    "occupation": values.text_reader(_field("occupation")),
    "phone": values.phone_reader(_field("phone")),
    "is_village_cadre": values.flag_reader("两委成员", "书记|主任|委员|支委|两委"),
    "is_grid_worker": values.flag_reader("网格员", "网格"),
    "is_new_employment": values.flag_reader("新就业群体"),
    "skills": values.text_reader(_field("skills")),
    "title": _title,
    "concurrent_office": _office,
    "ending": values.word_reader(
        "卸任原因", ENDING_WORDS, "届满、辞职、调离、罢免、去世或替补"
    ),
    "votes": values.count_reader("得票", "票"),
}
