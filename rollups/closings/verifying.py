"""Whether the revisions are still what they were: their hashes, every line against the
stored rows, the totals against the own values, and the chain against copies of its
head that were kept outside."""

from __future__ import annotations

import csv as csv_module
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import NamedTuple

from federation.months import Month
from rollups.closings import paper
from rollups.closings.rows import Line
from rollups.exports import BOM
from rollups.models import Revision
from rollups.registry import Kind

ADDITIVE = {Kind.FLOW.value, Kind.STOCK.value}


class Fault(NamedTuple):
    """Where something was touched, and what."""

    where: str
    sentence: str

    def __str__(self):
        return f"{self.where}：{self.sentence}"


def chain_head() -> str:
    """Return the head of the chain, ``2026-10/1:…``; "" before the first closing."""
    newest = Revision.objects.defer("csv", "facts").order_by("-sequence").first()
    return newest.head if newest else ""


def verify(heads: Iterable[str] = ()) -> Iterator[Fault]:
    """
    Yield what is not as it was when the months were closed.

    *heads* are copies of the chain's head kept outside the database (on paper, in an
    exported file): only they can show that a row, the file and the hash were all
    changed together.
    """
    known, previous, expected = {}, "", 1
    for revision in Revision.objects.order_by("sequence").iterator(chunk_size=1):
        known[revision.head.partition(":")[0]] = revision.sha256
        if revision.sequence != expected:
            yield Fault(str(revision), f"前面缺少第 {expected} 号版本。")
        if revision.previous != previous:
            yield Fault(str(revision), "没有接在前一个版本后面（前一校验值不符）。")
        yield from _faults_of(revision)
        previous, expected = revision.sha256, revision.sequence + 1
    for head in heads:
        yield from _faults_of_head(head.strip(), known)


def _faults_of_head(head: str, known: dict[str, str]) -> Iterator[Fault]:
    place, _, sha256 = head.partition(":")
    if place not in known:
        yield Fault(place, "留存的校验值所指的版本不在库里。")
    elif known[place] != sha256:
        yield Fault(place, "和留存的校验值不符：这个版本或它前面的版本被改动过。")


def _faults_of(revision: Revision) -> Iterator[Fault]:
    name, csv = str(revision), bytes(revision.csv)
    if paper.digest(revision.previous, revision.facts, csv) != revision.sha256:
        yield Fault(name, "文件或说明和校验值不符，文件被改动过。")
    yield from _faults_of_facts(revision)
    stored = [
        Line(*row)
        for row in revision.rows.order_by("position").values_list(*Line._fields)
    ]
    yield from _faults_of_lines(name, Month.of(revision.month), csv, stored)
    yield from _faults_of_totals(name, stored, _kinds(revision))


def _faults_of_facts(revision: Revision) -> Iterator[Fault]:
    try:
        facts = json.loads(revision.facts)
    except ValueError:
        yield Fault(str(revision), "说明无法读取。")
        return
    said = (facts.get("month"), facts.get("revision"), facts.get("closed_at"))
    stored = (
        str(Month.of(revision.month)),
        revision.number,
        revision.closed_at.isoformat(),
    )
    if said != stored or facts.get("reason") != revision.reason:
        yield Fault(str(revision), "登记的月份、版本、时间或说明和文件里的不符。")


def _faults_of_lines(name, month, csv: bytes, stored: list[Line]) -> Iterator[Fault]:
    text = csv.decode("utf-8", "replace").removeprefix(BOM)
    reader = csv_module.reader(io.StringIO(text, newline=""))
    next(reader, None)
    for number, (cells, line) in enumerate(zip_longest(reader, stored), start=2):
        if cells is None or line is None or not _says(cells, month, line):
            what = line.branch_name if line else (cells or ["", ""])[1]
            yield Fault(name, f"文件第 {number} 行（{what}）和库里的数据不符。")


def _says(cells: list[str], month: Month, line: Line) -> bool:
    if len(cells) != len(paper.HEADER):
        return False
    try:
        figures = [Decimal(cell) for cell in cells[-2:]]
    except InvalidOperation:
        return False
    return cells[:-2] == [str(month), *line[:-2]] and figures == [line.own, line.total]


def _faults_of_totals(name, lines: list[Line], kinds: dict) -> Iterator[Fault]:
    """A total is its own value and the totals of those whose parent it was."""
    below: dict[tuple, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.parent_code:
            below[line.parent_code, line.programme, line.indicator] += line.total
    for line in lines:
        if kinds.get(line.indicator) not in ADDITIVE:
            continue
        key = (line.branch_code, line.programme, line.indicator)
        if line.total != line.own + below.pop(key, 0):
            yield Fault(
                name,
                f"{line.branch_name}的 {line.indicator} 合计不等于本级加下级。",
            )
    for code, _, indicator in below:
        if kinds.get(indicator) in ADDITIVE:
            yield Fault(name, f"缺少 {code} 的 {indicator} 一行。")


def _kinds(revision: Revision) -> dict[str, str]:
    try:
        indicators = json.loads(revision.facts)["indicators"]
        return {code: one["kind"] for code, one in indicators.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # said by _faults_of_facts
