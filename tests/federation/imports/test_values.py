from datetime import date

import pytest

from federation.imports import values
from federation.imports.values import UnreadableError
from federation.months import local_today


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("1985.3", date(1985, 3, 1)),
        ("１９８５．３", date(1985, 3, 1)),
        (1985.3, date(1985, 3, 1)),
        ("1985.10", date(1985, 10, 1)),
        ("85年3月", date(1985, 3, 1)),
        ("05年3月", date(2005, 3, 1)),
        ("1985年3月12日", date(1985, 3, 12)),
        ("1985/03/12", date(1985, 3, 12)),
        ("1985-3", date(1985, 3, 1)),
        ("198503", date(1985, 3, 1)),
        ("19850312", date(1985, 3, 12)),
        ("31118", date(1985, 3, 12)),
        (31118.5, date(1985, 3, 12)),
        ("1985-03-12 08:30:00", date(1985, 3, 12)),
        ("", None),
        ("　", None),
    ],
)
def test_dates_are_read_as_people_write_them(cell, day):
    assert values.date_reader("出生年月", [cell])(cell) == day


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("1985", "认不出"),
        ("3/12/1985", "认不出"),
        ("1985.13", "认不出"),
        ("2023.2.30", "认不出"),
        ("不详", "认不出"),
        ("1899.12", "早于 1900 年"),
        (f"{local_today().year + 1}.1", "在今天之后"),
    ],
)
def test_other_dates_are_refused_with_a_sentence(cell, sentence):
    with pytest.raises(UnreadableError, match=sentence):
        values.date_reader("出生年月", [cell])(cell)


def test_a_shortened_october_is_told_from_january_by_its_column_or_refused():
    padded = values.date_reader("出生年月", [1985.1, 1990.03])
    bare = values.date_reader("出生年月", [1985.1, 1990.3])

    assert padded(1985.1) == date(1985, 10, 1)
    assert padded("1985.1") == date(1985, 1, 1)
    with pytest.raises(UnreadableError, match="分不清是 1 月还是 10 月"):
        bare(1985.1)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("是", True), ("√", True), ("Ｙ", True), ("否", False), ("×", False), ("", None)],
)
def test_flags_are_read(cell, answer):
    assert values.flag_reader("网格员")(cell) == answer


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(UnreadableError, match="请填“是”或“否”"):
        values.flag_reader("网格员")("也许")


def test_one_cell_is_read_once():
    asked = []
    reader = values.Reader(lambda cell: asked.append(cell))

    assert [reader("大专"), reader("大专")] == [(None, ""), (None, "")]
    assert asked == ["大专"]
