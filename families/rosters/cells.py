"""What the cells of a roster of households say, column by column."""

from __future__ import annotations

import re

from families.groups import door_of, group_of
from families.models import Household
from families.models.choices import Occupancy
from federation.imports import values
from federation.imports.values import UnreadableError, text_of
from federation.imports.workbook import Cell

COURTYARD_WORDS = {
    False: "没|无|不|否|^非|楼|公寓|×|✗|^[xXnN0/—-]",
    True: "有|是|院|平房|√|✓|✔|☑|^[1yY对]",
}
OCCUPANCY_WORDS = {
    Occupancy.EMPTY: "空|闲置|没|无|不|否|非|外出|在外|×|✗|^[xXnN0/—-]",
    Occupancy.LIVED_IN: "住|是|有|√|✓|✔|☑|^[1yY对]",
}
SEVERAL_DIGITS = re.compile("[0-9]{4}")


def _field(name: str):
    return Household._meta.get_field(name)


_read_name = values.name_reader(_field("contact_name"))
_read_number = values.count_reader("户号", "号")
_read_flag = values.flag_reader("空置", "空置|闲置")


def _contact_name(cell: Cell) -> str | None:
    # Not repeated: a phone written behind the name is not to be read in a preview.
    if SEVERAL_DIGITS.search(text_of(cell)):
        raise UnreadableError("户主一列里有数字，请只写姓名，电话另写一列。")
    name = _read_name(cell)
    if name and not any(character.isalpha() for character in name):
        raise UnreadableError(f"户主“{name[:20]}”不是姓名，请核对。")
    return name


def _number(cell: Cell) -> int | None:
    number = _read_number(cell)
    if number == 0:
        raise UnreadableError("户号从 1 开始，请核对。")
    return number


def _serial(cell: Cell) -> int | None:
    """Return the running number of a list; whatever else stands there says nothing."""
    text = text_of(cell)
    is_number = text.isascii() and text.isdecimal() and len(text) <= 6
    return int(text) or None if is_number else None


def _group(cell: Cell) -> str | None:
    text = group_of(text_of(cell))
    return values.accepted(_field("group"), text) or None


def _door(cell: Cell) -> str | None:
    return values.accepted(_field("door"), door_of(text_of(cell))) or None


def _is_empty(cell: Cell) -> Occupancy | None:
    text = text_of(cell)
    if "住" in text:
        return _read_occupancy(cell)
    is_empty = _read_flag(cell)
    if is_empty is None:
        return None
    return Occupancy.EMPTY if is_empty else Occupancy.LIVED_IN


_read_occupancy = values.word_reader("居住情况", OCCUPANCY_WORDS, "常住或空置")
READERS = {
    "number": _number,
    "serial": _serial,
    "contact_name": _contact_name,
    "group": _group,
    "door": _door,
    "phone": values.phone_reader(_field("phone")),
    "has_courtyard": values.word_reader("庭院", COURTYARD_WORDS, "有或无"),
    "occupancy": _read_occupancy,
    "is_empty": _is_empty,
}
