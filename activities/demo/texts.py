"""The words of the demo, read from the tables beside this file."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from federation.models import Programme
from federation.months import Month

TABLES = Path(__file__).parent

ALL_YEAR, OF_THE_SEASON, OF_THE_FESTIVAL = 1.0, 3.0, 16.0
MONTHS = re.compile(r"(\d+)(?:-(\d+))?")
WINDOW = re.compile(r"(?P<festival>\D+?)(?P<first>[-+]\d+)(?P<last>[-+]\d+)")


@cache
def read(table: str) -> list[dict[str, str]]:
    """Return the rows of ``<table>.csv``."""
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


class Title(NamedTuple):
    """A title and what goes with it; *who* are the groups of branches it suits."""

    programme: str
    kind: str
    who: str
    season: str
    hours: str
    audience: str
    title: str


class Choice(NamedTuple):
    """A title in one month: on which days, and how likely."""

    title: Title
    first: date
    last: date
    weight: float


@cache
def titles(programme: str) -> tuple[Title, ...]:
    """Return the titles for *programme*; those without one are everyday ones."""
    named = "" if programme == Programme.EVERYDAY else programme
    return tuple(Title(**row) for row in read("titles") if row["programme"] == named)


@cache
def _choices_of(programme: str, month: Month) -> list[Choice]:
    first, last = month.first_day, month.last_day
    return [
        choice
        for title in titles(programme)
        for choice in _in_month(title, month, first, last)
    ]


@cache
def choices(programme: str, who: str, month: Month, kinds: tuple[str, ...] = ()):
    """Return (choices, cumulative weights) of the titles for *programme* that branches
    of the group *who* may use in *month*; *kinds* narrows them."""
    suited = [
        choice
        for choice in _choices_of(programme, month)
        if (not choice.title.who or who in choice.title.who)
        and (not kinds or choice.title.kind in kinds)
    ]
    return suited, list(accumulate(choice.weight for choice in suited))


def _in_month(title: Title, month: Month, first: date, last: date) -> Iterator[Choice]:
    if not title.season:
        yield Choice(title, first, last, ALL_YEAR)
    elif window := WINDOW.fullmatch(title.season):
        before, after = int(window["first"]), int(window["last"])
        for day in _festival_days(window["festival"], month):
            begins = max(first, day + timedelta(days=before))
            ends = min(last, day + timedelta(days=after))
            if begins <= ends:
                share = ((ends - begins).days + 1) / (after - before + 1)
                yield Choice(title, begins, ends, OF_THE_FESTIVAL * share)
    elif month.number in _months(title.season):
        yield Choice(title, first, last, OF_THE_SEASON)


@cache
def _months(season: str) -> frozenset[int]:
    """Return the months of a season written ``1;11-12``."""
    found = set()
    for part in season.split(";"):
        first, last = MONTHS.fullmatch(part).groups()
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


@cache
def _festivals() -> dict[str, list[str]]:
    days = defaultdict(list)
    for row in read("festivals"):
        days[row["name"]].append(row["day"])
    return days


def _festival_days(name: str, month: Month) -> Iterator[date]:
    """Yield the days of the festival that are near enough to *month* to matter."""
    for text in _festivals()[name]:
        if len(text) == 10:
            yield date.fromisoformat(text)
        else:  # the same day each year; its window may reach over New Year
            for year in (month.year - 1, month.year, month.year + 1):
                yield date.fromisoformat(f"{year}-{text}")


class Wording:
    """Draws places, lecturers, partners, summaries and reasons."""

    def __init__(self, random: Random):
        self.random = random

    def place(self, who: str, kind: str, short_name: str) -> str:
        return self._draw("places", kind, who=who).format(short=short_name)

    def role_of_lecturer(self, kind: str) -> str:
        """Return where the lecturer comes from, or nothing for a kind without one."""
        return self._draw("lecturers", kind)

    def organisation(self, kind: str) -> str:
        return self._draw("organisations", kind)

    def summary(self, stage: str, kinds, lecturer: str, branch: str) -> str:
        """Return a summary that suits one of *kinds*: a kind, or a programme."""
        text = self._draw("summaries", *kinds, stage=stage)
        if "{lecturer}" in text and not lecturer:
            return ""
        return text.format(lecturer=lecturer, branch=branch)

    def reason(self) -> dict[str, str]:
        """Return a reason to return a report, and the summary that deserves it."""
        return self.random.choice(read("reasons"))

    def _draw(self, table: str, *kinds: str, **cells: str) -> str:
        suited = _suited(table, kinds, *cells.items())
        return self.random.choice(suited) if suited else ""


@cache
def _suited(table: str, kinds: tuple[str, ...], *cells: tuple[str, str]) -> list[str]:
    """Return the texts of *table* for *kinds*, those made for them twice as often as
    those for every kind; the last column holds the text."""
    found = []
    for row in read(table):
        *conditions, text = row.values()
        if any(row[column] != value for column, value in cells):
            continue
        wanted = row.get("kinds", "").split()
        if not wanted or not set(wanted).isdisjoint(kinds):
            found += [text] * (2 if wanted else 1)
    return found
