"""docs/permissions.md as the tests read it: named tables of backticked words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parents[2] / "docs/permissions.md"
YES_NO = {"是": True, "否": False}
NAMED = re.compile(r"<!-- table: (\w+) -->\n((?:\|.*\n)+)")

# The columns of a table of routes: who tries, in this order.
ACTORS = (
    "anonymous",
    "clerk",
    "reviewer",
    "sister_reviewer",
    "district_admin",
    "auditor",
    "ended",
    "mixed",
)


# How the document names the objects: 本村待审 is the waiting one of one's own village.
PLACES = {"本村": "own", "他村": "foreign"}
KINDS = {
    "草稿": "-draft",
    "待审": "-waiting",
    "公开": "-public",
    "内部": "-internal",
    "上级": "-superior",
    "待确认": "-ready",
    "已导入": "-done",
    "户册": "-households",
    "已确认": "-elected",
    "主席": "-chair",
    "公示": "-published",
    "已认定": "-granted",
    "代理": "-lent",
    "待区审": "-district",
    "退回": "-returned",
}


class Row(NamedTuple):
    """One line: what is tried, on what, and who may. The method names a button of the
    page (``POST/_approve``) or an action of the list (``POST/action=…``) as well."""

    name: str
    method: str
    variant: str
    allowed: dict[str, bool]

    def __str__(self):
        return " ".join(filter(None, [self.method, self.name, self.variant]))

    @property
    def verb(self) -> str:
        return self.method.partition("/")[0]

    @property
    def action(self) -> str:
        return self.method.partition("/action=")[2]

    @property
    def button(self) -> str:
        return "" if self.action else self.method.partition("/")[2]


@cache
def cells(table: str) -> list[list[str]]:
    """Return the lines of every table named *table*, heads left out."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for name, body in NAMED.findall(DOCUMENT.read_text())
        if name == table
        for line in body.strip().split("\n")[2:]
    ]


def code(cell: str) -> str:
    """Return the backticked word of *cell*, or nothing."""
    found = re.search(r"`([^`]+)`", cell)
    return found.group(1) if found else ""


def rows(table: str) -> list[Row]:
    """Return the lines of a table of routes or actions; a line that names several
    methods or objects stands for each of them."""
    return [
        Row(
            code(name),
            method,
            variant_of(words),
            dict(zip(ACTORS, map(YES_NO.__getitem__, answers), strict=True)),
        )
        for name, methods, variants, *answers in cells(table)
        for method in methods.split()
        for words in (variants.replace("—", "").split() or [""])
    ]


def variant_of(words: str) -> str:
    """Return the world's name of an object: 他村公开 is ``foreign-public``."""
    return f"{PLACES[words[:2]]}{KINDS.get(words[2:], '')}" if words else ""
