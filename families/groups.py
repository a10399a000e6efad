"""The groups and doors of a village (村组, 门牌), one way of writing each: 三组, 3组
and 第三村民小组 are the same place, as are 7 号 and 7号."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_NUMBERED = re.compile(
    r"第?([0-9]{1,3}|[零〇一二两三四五六七八九十]{1,3})"
    r"(?:村民小组|居民小组|村民组|居民组|小组|号组|组)?"
)


def group_of(text: str) -> str:
    """Return the group that *text* means, ``3组``; a name that holds no number of a
    group (东头, 3队) stays as it is, without spaces."""
    plain = door_of(text)
    if found := _NUMBERED.fullmatch(plain):
        number = number_of(found.group(1))
        if number:
            return f"{number}组"
    return plain


def door_of(text: str) -> str:
    """Return the door that *text* means, in ordinary width and without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def number_of(digits: str) -> int | None:
    """Return what *digits* count, written as 12, 十二 or 一二; None if they do not."""
    if digits.isdecimal():
        return int(digits)
    if "十" not in digits:
        return int("".join(str(_DIGITS[digit]) for digit in digits))
    tens, _, ones = digits.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return None
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
