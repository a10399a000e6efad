"""On which day the numbers were counted that a table's rates are given of."""

from __future__ import annotations

from rollups.registry import Indicator, Kind
from rollups.tables.question import Question


def base_notes(question: Question, label="") -> list[str]:
    """Return one sentence for the rates of *question* that have denominators of the
    same source: what they are, and from which day to which the numbers are; one query
    for each source. *label* names a period that is not the one asked for."""
    rates: dict[str, list[Indicator]] = {}
    for indicator in question.asked:
        if indicator.kind is Kind.RATIO and indicator.parts[1].source.counted_on:
            rates.setdefault(indicator.parts[1].source.name, []).append(indicator)
    start = f"{label}：" if label else ""
    found = []
    for some in rates.values():
        counted_on = some[0].parts[1].source.counted_on
        oldest, newest = counted_on(question.last, question.branch)
        if oldest:
            days = f"{oldest}" if oldest == newest else f"{oldest} 至 {newest}"
            bases = "，".join(f"“{one.label}”是{one.parts[1].label}" for one in some)
            found.append(
                f"{start}分母：{bases}；{question.last} 用的是统计于 {days} 的数。"
            )
    return found
