"""The sentences below a table: what its figures do not hold, which revision they are,
where their history comes from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from federation.months import Month
from rollups.registry import Indicator
from rollups.tables.changes import Change
from rollups.tables.coverage import Coverage, Gap
from rollups.tables.question import Question
from rollups.tables.spans import Span, runs

NAMED = 6  # indicators named in one sentence


def uncounted_notes(coverage: Coverage, question: Question, label="") -> list[str]:
    """Return one sentence for the indicators that lack the same months of the period;
    *label* names a period that is not the one asked for."""
    gaps: dict[tuple, list[Indicator]] = {}
    for indicator in question.asked:
        if gap := coverage.gap(indicator, question):
            gaps.setdefault((gap.months, gap.is_whole), []).append(indicator)
    start = f"{label}：" if label else ""
    return [
        f"{start}{_uncounted(months, is_whole, indicators)}"
        for (months, is_whole), indicators in gaps.items()
    ]


def gap_notes(gap: Gap, indicator: Indicator) -> list[str]:
    return [_uncounted(gap.months, gap.is_whole, [indicator])] if gap else []


def _uncounted(months, is_whole: bool, indicators: list[Indicator]) -> str:
    left_out = "。" if is_whole else f"（{len(months)} 个月），合计不含这些月。"
    return f"{_names(indicators)}：{_months(months)} 未统计{left_out}"


def definition_notes(coverage: Coverage, question: Question, label="") -> list[str]:
    """Return one sentence for the indicators that the same months counted by another
    definition than today's."""
    found: dict[tuple, list[Indicator]] = {}
    for indicator in question.asked:
        if months := coverage.counted_otherwise(indicator, question):
            found.setdefault(months, []).append(indicator)
    start = f"{label}：" if label else ""
    return [
        f"{start}{_names(indicators)}的统计办法后来改过："
        f"{_months(months)} 是按当时的办法统计的。"
        for months, indicators in found.items()
    ]


def tree_notes(
    question: Question, changes: list[Change], spans: list[Span]
) -> list[str]:
    """Return by which tree the figures are read, where it makes a difference."""
    if question.basis and not spans:
        return [
            f"{question.branch.name}在 {question.basis} 不在组织树里，"
            "现口径下它以前的数计入承接它的组织。要看它自己的数，请选当时口径。"
        ]
    if question.basis:
        return [
            f"现口径：各月都按 {question.basis} 的隶属统计，"
            "划转、合并以前的数跟着组织走。"
        ]
    if not changes:
        return []
    acts = "；".join(change.sentence for change in changes)
    return [f"当时口径：各月按当月的隶属统计。{acts}。"]


def state_sentence(
    coverage: Coverage, question: Question, label="", *, bare=False
) -> str:
    """Return which months are closed, as which revision:
    ``2026-01 至 2026-09 已结账（第 1 版），2026-10、2026-11 未结账``; *bare* without
    the name of the only one."""
    revisions = {one.month: one.revision for one in coverage.closed}
    months = Month.range(question.first, question.last)
    if bare and len(months) == 1:
        return _state(revisions.get(months[0]))
    start = f"{label}：" if label else ""
    return start + "，".join(
        f"{_months(some)} {_state(revision)}"
        for revision, some in groupby(months, key=revisions.get)
    )


def _state(revision: int | None) -> str:
    return "未结账" if revision is None else f"已结账（第 {revision} 版）"


def _names(indicators: list[Indicator]) -> str:
    named = "".join(f"“{one.label}”" for one in indicators[:NAMED])
    return f"{named}等 {len(indicators)} 项" if len(indicators) > NAMED else named


def _months(months: Iterable[Month]) -> str:
    """Return ``2025-01 至 2025-06、2025-09``; two neighbours are named both."""
    parts = []
    for first, end in runs(months):
        first, last = Month.of(first), Month.of(end).previous()
        if last == first.next():
            parts += [str(first), str(last)]
        else:
            parts.append(str(first) if first == last else f"{first} 至 {last}")
    return "、".join(parts)
