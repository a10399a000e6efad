"""Which rows of a table are none of its lines: what stands across it, or below it."""

from __future__ import annotations

import re

from federation.imports.values import text_of
from federation.imports.workbook import Cell

# 合计 25 人, 本页小计, 全村共计 120 户.
TOTAL = re.compile(".{0,8}?(?:合计|总计|共计|小计|累计|总户数|总人数)")
# The same, and 填表人：张三.
FOOTNOTE = re.compile(
    f"{TOTAL.pattern}|填表|制表|审核|填报|注[:：]|备注[:：]|说明[:：]"
)


def text_across(cells: list[Cell]) -> str:
    """Return the text that is merged over the whole row, or nothing."""
    texts = [cell for cell in cells if cell != ""]
    return text_of(texts[0]) if len(texts) > 1 and len(set(texts)) == 1 else ""


def is_foot(cells: list[Cell]) -> bool:
    """Tell whether the row begins as a total does, or as the foot of a page."""
    first = next((cell for cell in cells if cell != ""), "")
    return bool(FOOTNOTE.match(text_of(first).replace(" ", "")))
