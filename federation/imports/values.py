"""Read what stands in a cell: dates, flags and numbers as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Field

from federation.imports.workbook import Cell
from federation.months import local_today

EARLIEST = date(1900, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_PARTS = re.compile(
    r"(\d{4}|\d{2})\s*[年./\-]\s*(\d{1,2})\s*(?:月|(?:[月./\-]\s*(\d{1,2})\s*[日号]?))?"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})?")
# A number that went through a program: 3.0 for 3.
_WHOLE = re.compile(r"(\d+)\.0+")
_SHORT_FRACTION = re.compile(r"\d{4}\.1")

UNSEEN = ("Cc", "Cf")
YES = {"是", "有", "√", "✓", "✔", "☑", "对", "y", "yes", "1", "true", "兼"}
NOTHING = re.compile(r"无|否|没有|[-—/]+")
MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1\d{10})(?!\d)")
NO = {"否", "无", "不是", "没有", "×", "✗", "x", "n", "no", "0", "false", "-", "—", "/"}


class UnreadableError(ValueError):
    """What is wrong with a cell, as a sentence for the reader."""


def text_of(cell: Cell) -> str:
    """Return *cell* as one line of text in ordinary width, without what cannot be
    seen: a mark of direction, a NUL that the database refuses; a whole number without
    its ``.0``."""
    text = " ".join(unicodedata.normalize("NFKC", str(cell)).split())
    if whole := _WHOLE.fullmatch(text):
        return whole[1]
    if text.isprintable():
        return text
    # A character newer than Python's tables is not printable either: a rare name.
    return "".join(c for c in text if unicodedata.category(c) not in UNSEEN).strip()


class Reader:
    """Reads the cells of one column, each distinct one once: a register of thousands
    has few words for its education and its posts."""

    def __init__(self, read: Callable[[Cell], object]):
        self._read = read
        self._known: dict[Cell, tuple[object, str]] = {}

    def __call__(self, cell: Cell) -> tuple[object, str]:
        """Return (value, fault); the value is None where there is a fault."""
        found = self._known.get(cell)
        if found is None:
            try:
                found = (self._read(cell), "")
            except UnreadableError as error:
                found = (None, str(error))
            self._known[cell] = found
        return found


def date_reader(label: str, column: Iterable[Cell]) -> Callable[[Cell], date | None]:
    """
    Return what reads the dates of a column whose cells are *column*.

    A cell without a day is its month's first. ``1985.1`` that Excel holds as a number
    may have been typed as 1985.10: it is October where the column writes its months
    with two digits (1985.03), and refused where nothing tells.
    """
    numbers = [str(cell) for cell in column if isinstance(cell, float)]
    two_digits = any(re.fullmatch(r"\d{4}\.0\d", number) for number in numbers)
    one_digit = any(re.fullmatch(r"\d{4}\.[2-9]", number) for number in numbers)
    is_padded = two_digits and not one_digit

    def read(cell: Cell) -> date | None:
        text = text_of(cell)
        if not text:
            return None
        if isinstance(cell, float) and _SHORT_FRACTION.fullmatch(text):
            if not is_padded:
                year = text[:4]
                raise UnreadableError(
                    f"{label}“{text}”分不清是 1 月还是 10 月，"
                    f"请写成 {year}-01 或 {year}-10。"
                )
            text += "0"
        elif isinstance(cell, float) and cell >= 10_000:
            text = str(int(cell))  # a moment as a serial
        return checked(label, text, _date_of(text))

    return read


def _date_of(text: str) -> date | None:
    try:
        if parts := _PARTS.fullmatch(text):
            year, month, day = parts.groups()
            return date(_full_year(year), int(month), int(day or 1))
        if parts := _RUN.fullmatch(text):
            year, month, day = parts.groups()
            return date(int(year), int(month), int(day or 1))
        if text.isdecimal() and len(text) == 5:
            return _EXCEL_EPOCH + timedelta(days=int(text))
    except ValueError:
        pass
    return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    this_year = local_today().year
    return year + 2000 if year + 2000 <= this_year else year + 1900


def checked(label: str, text: str, day: date | None) -> date:
    shown = text[:20]
    if day is None:
        raise UnreadableError(f"{label}“{shown}”认不出，请写成 1985-03 或 1985年3月。")
    if day < EARLIEST:
        raise UnreadableError(f"{label}“{shown}”早于 1900 年，请核对年份。")
    if day > local_today():
        raise UnreadableError(f"{label}“{shown}”在今天之后，请核对。")
    return day


def flag_reader(label: str, words: str = "") -> Callable[[Cell], bool | None]:
    """Return what reads yes and no; a text with one of *words* (a pattern) is yes."""

    def read(cell: Cell) -> bool | None:
        text = text_of(cell).lower()
        if not text:
            return None
        if text in NO:
            return False
        if text in YES or (words and re.search(words, text)):
            return True
        raise UnreadableError(f"{label}“{text[:20]}”认不出，请填“是”或“否”。")

    return read


def count_reader(label: str, unit: str) -> Callable[[Cell], int | None]:
    """Return what reads a whole number, with its *unit* or without."""

    def read(cell: Cell) -> int | None:
        text = text_of(cell).replace(",", "")
        if not text:
            return None
        digits = text.removesuffix(unit).strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
            raise UnreadableError(f"{label}“{text[:20]}”应为整数，请核对。")
        return int(digits)

    return read


def word_reader(
    label: str, patterns: dict[object, str], example: str
) -> Callable[[Cell], object]:
    """Return what reads one of a few words: *patterns* are tried in their order."""
    compiled = {value: re.compile(pattern) for value, pattern in patterns.items()}

    def read(cell: Cell) -> object:
        text = text_of(cell).replace(" ", "")
        if not text:
            return None
        for value, pattern in compiled.items():
            if pattern.search(text):
                return value
        raise UnreadableError(f"{label}“{text[:20]}”认不出，请写{example}。")

    return read


def text_reader(field: Field) -> Callable[[Cell], str | None]:
    """Return what reads a text that *field* of a model takes."""

    def read(cell: Cell) -> str | None:
        return accepted(field, text_of(cell)) or None

    return read


def accepted(field: Field, text: str) -> str:
    """Return *text* as *field* of a model takes it. Raises UnreadableError."""
    if not text:
        return text
    try:
        return field.clean(text, None)
    except ValidationError as error:
        label = field.verbose_name
        raise UnreadableError(
            f"{label}“{text[:20]}”：{''.join(error.messages)}"
        ) from None


def name_reader(field: Field) -> Callable[[Cell], str | None]:
    """Return what reads somebody's name."""

    def read(cell: Cell) -> str | None:
        text = text_of(cell)
        if not text.isascii():
            text = text.replace(" ", "")  # 王　芳
        return accepted(field, text) or None

    return read


def phone_reader(field: Field) -> Callable[[Cell], str | None]:
    """Return what reads a mobile number; of several it is the first."""

    def read(cell: Cell) -> str | None:
        text = text_of(cell)
        if not text or NOTHING.fullmatch(text):
            return None
        if mobile := MOBILE.search(re.sub(r"(?<=\d)[ \-](?=\d)", "", text)):
            return accepted(field, mobile.group(1))
        if mobile := MOBILE.search(text):  # two numbers with a space between
            return mobile.group(1)
        raise UnreadableError("手机号应为 11 位数字。")

    return read
