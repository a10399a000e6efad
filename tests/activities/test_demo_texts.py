"""The words of the demo: real ones, in their season, and none that may not be said."""

import re
from collections import Counter
from datetime import date
from random import Random

import pytest

from activities.demo import texts
from activities.demo.drawing import ONLINE_SHARE, WITH_CHILDREN
from activities.models import Activity
from activities.models.choices import Audience, Kind
from federation.id_numbers import contains_id_number
from federation.months import Month
from federation.programmes import PROGRAMMES

GROUPS = "vctdu"
TABLES = ("titles", "places", "lecturers", "organisations", "summaries", "reasons")


def names_in(month, who="v", programme="everyday"):
    return {choice.title.title for choice in texts.choices(programme, who, month)[0]}


def test_titles_are_words_and_no_numbers():
    found = [row["title"] for row in texts.read("titles")]

    assert len(found) > 300
    assert [title for title in found if re.search(r"\d|[A-Za-z]", title)] == []
    assert [title for title in found if len(title) > 30] == []
    assert [title for title, times in Counter(found).items() if times > 1] == []


def test_every_kind_has_titles_and_every_audience_is_one():
    rows = texts.read("titles")

    assert {row["kind"] for row in rows} == set(Kind.values)
    audiences = {code for row in rows for code in row["audience"].split("+")}
    assert audiences == set(Audience.values)
    assert {row["hours"] for row in rows} == {"", "morning", "evening"}


def test_kinds_and_programmes_that_the_tables_name_exist():
    programmes = {
        line.split(",")[1] for line in PROGRAMMES.read_text().splitlines()[1:]
    }
    named = {
        kind
        for table in TABLES
        for row in texts.read(table)
        for kind in row.get("kinds", "").split()
    }

    assert named <= set(Kind.values) | programmes
    assert {row["programme"] for row in texts.read("titles")} <= programmes | {""}
    assert set(ONLINE_SHARE) | set(WITH_CHILDREN) <= set(Kind.values)


@pytest.mark.parametrize("who", GROUPS)
def test_every_group_of_branches_has_something_for_every_month(who):
    for number in range(1, 13):
        assert len(names_in(Month(2026, number), who)) > 25


def test_festivals_come_in_their_season():
    assert "端午包粽子比赛" in names_in(Month(2026, 6))
    assert "端午包粽子比赛" not in names_in(Month(2026, 9))
    assert "歌唱祖国 广场快闪" in names_in(Month(2026, 9)) & names_in(Month(2026, 10))
    assert "大葱移栽与病虫防治技术讲座" in names_in(Month(2026, 7))
    assert "大葱移栽与病虫防治技术讲座" not in names_in(Month(2026, 8))


def test_a_title_of_a_festival_keeps_to_the_days_around_it():
    choices, _ = texts.choices("everyday", "v", Month(2026, 6))
    dumplings = next(c for c in choices if c.title.title == "端午包粽子比赛")

    # 端午 is 19 June in 2026; the window is six days before it and none after.
    assert (dumplings.first, dumplings.last) == (date(2026, 6, 13), date(2026, 6, 19))


def test_a_window_reaches_over_new_year():
    choices, _ = texts.choices("everyday", "v", Month(2025, 12))
    walk = next(c for c in choices if c.title.title == "迎新年健步走")

    assert (walk.first, walk.last) == (date(2025, 12, 27), date(2025, 12, 31))


def test_lunar_festivals_are_known_for_every_year_that_a_demo_may_reach():
    for name in ("春节", "元宵", "端午", "七夕", "中秋", "重阳"):
        years = {
            row["day"][:4] for row in texts.read("festivals") if row["name"] == name
        }
        assert {str(year) for year in range(2019, 2036)} <= years


def test_every_kind_has_a_place_wherever_it_is_held():
    wording = texts.Wording(Random(1))

    for who in GROUPS:
        for kind in Kind.values:
            place = wording.place(who, kind, "明一社区")
            assert place
            assert "{" not in place


def test_a_summary_names_no_lecturer_where_there_is_none():
    wording = texts.Wording(Random(1))
    drawn = {wording.summary("result", ["theory"], "", "明一社区") for _ in range(60)}

    assert len(drawn) > 3
    assert [text for text in drawn if "{" in text] == []


def test_no_text_is_too_long_or_holds_an_id_number():
    for table in TABLES:
        for row in texts.read(table):
            for column, text in row.items():
                assert not contains_id_number(text)
                assert len(text) <= 100, (table, column)
    longest = Activity._meta.get_field("place").max_length
    assert max(len(row["place"]) for row in texts.read("places")) + 20 < longest
