"""On which day the numbers were counted that a table's rates are given of."""

from __future__ import annotations

from rollups.registry import Indicator, Kind
from rollups.tables.question import Question


def base_notes(question: Question, label="") -> list[str]:
    """Return one sentence for the rates of *question* that have the same dated
    denominator: what it is, and from which day to which its numbers are. *label* names
    a period that is not the one asked for."""
    bases: dict[str, Indicator] = {}
    names: dict[str, list[str]] = {}
    for indicator in question.asked:
        if indicator.kind is Kind.RATIO and indicator.parts[1].source.counted_on:
            bases[indicator.denominator] = indicator.parts[1]
            names.setdefault(indicator.denominator, []).append(f"“{indicator.label}”")
    start = f"{label}：" if label else ""
    found = []
    for code, base in bases.items():
        oldest, newest = base.source.counted_on(question.last, question.branch)
        if oldest:
            days = f"{oldest}" if oldest == newest else f"{oldest} 至 {newest}"
            found.append(
                f"{start}{''.join(names[code])}的分母：{base.label}，"
                f"{question.last} 用的是统计于 {days} 的数。"
            )
    return found
