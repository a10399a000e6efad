"""The wide table, for people: one row per branch, one column per indicator, and
beside each its comparisons when asked for. Page, CSV and XLSX print this one object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from federation.months import Month
from rollups.registry import Indicator
from rollups.tables.bases import base_notes
from rollups.tables.changes import Change, Origin, below, origins, read_changes
from rollups.tables.columns import (
    COMPARED,
    COMPARED_WITH,
    OF_TARGET,
    Aspect,
    Column,
    label_of,
)
from rollups.tables.coverage import Coverage, read_coverage
from rollups.tables.figures import (
    REST,
    UNCOUNTED,
    WHOLE,
    Figure,
    Figures,
    Key,
    read_figures,
)
from rollups.tables.notes import (
    definition_notes,
    state_sentence,
    tree_notes,
    uncounted_notes,
)
from rollups.tables.question import Question
from rollups.tables.spans import Span
from rollups.tables.targets import targets_of
from rollups.tables.tree import (
    Place,
    parents_among,
    places,
    read_spans,
    within_period,
)

PER_MILLE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Row:
    """A branch and its figures, in the order of the columns. A change or a share is a
    fraction: 0.125 is 12.5 %."""

    key: Key
    name: str
    code: str
    level: str
    opens: bool  # whether something stood below it, so that it has a listing
    figures: list[Figure]
    origins: list[Origin] = field(default_factory=list)  # 原属


@dataclass(frozen=True, slots=True)
class WideTable:
    """
    The table and what must be said with it.

    rows      the whole, the listed branches in tree order, 本级及直属
    periods   what each aspect of the columns asks, NOW first
    changes   of the tree, by which 当时口径 and 现口径 differ
    """

    question: Question
    columns: list[Column]
    rows: list[Row]
    periods: dict[Aspect, Question]
    coverage: Coverage
    changes: list[Change]
    spans: list[Span]

    @property
    def whole(self) -> Row:
        return self.rows[0]

    @property
    def notes(self) -> list[str]:
        """The sentences without which the figures would say something wrong."""
        found = []
        for label, period in self._labelled():
            found += uncounted_notes(self.coverage, period, label)
            found += definition_notes(self.coverage, period, label)
            found += base_notes(period, label)
        return found

    @property
    def tree_notes(self) -> list[str]:
        return tree_notes(self.question, self.changes, self.spans)

    @property
    def origins(self) -> list[str]:
        """Return ``明水村妇联：官庄村妇联（2025-03 并入）`` of each row with one."""
        return [f"{row.name}：{origin}" for row in self.rows for origin in row.origins]

    @property
    def states(self) -> list[str]:
        """Which months are closed, and as which revision: of each period."""
        return [
            state_sentence(self.coverage, period, label)
            for label, period in self._labelled()
        ]

    def _labelled(self) -> Iterator[tuple[str, Question]]:
        """Yield the periods, each once, with the label of all but the first."""
        seen = set()
        for aspect, period in self.periods.items():
            if (period.first, period.last) not in seen:
                seen.add((period.first, period.last))
                is_now = aspect is Aspect.NOW
                yield "" if is_now else label_of(aspect, period), period


def wide_table(
    question: Question, *, compare: bool = False, target: bool = False
) -> WideTable:
    """Return the table; with *compare*, each indicator beside its earlier periods; with
    *target*, beside what the year is to bring."""
    periods = {Aspect.NOW: question}
    if compare:
        periods |= _earlier_periods(question)
    elif target and not question.programme:
        periods[Aspect.YEAR_TO_DATE] = _year_to_date(question)
    earliest = min(period.first for period in periods.values())
    overall = question.during(earliest, question.last)
    coverage = read_coverage(overall)
    spans = read_spans(overall)
    changes = read_changes(earliest, question.last)
    cut = {aspect: within_period(spans, period) for aspect, period in periods.items()}
    # Who left before this period keeps a row while an earlier one is shown.
    listed = {span.listed_id for some in cut.values() for span in some} - {None}
    targets = _targets(question, listed) if target else {}
    targeted = {code for code, _ in targets}
    if not (compare or targeted):
        periods = {Aspect.NOW: question}
    figures = {
        aspect: read_figures(period, cut[aspect], coverage)
        for aspect, period in periods.items()
    }
    columns = [
        Column(indicator, aspect, periods.get(aspect, question))
        for indicator in question.indicators
        for aspect in _aspects(indicator, question, compare, targeted)
    ]
    from_where = origins(changes, question)
    rows = [
        Row(
            *place,
            [_figure(column, place[0], figures, targets) for column in columns],
            from_where.get(_branch_of(place[0], question), []),
        )
        for place in _places(question, listed)
    ]
    concerned = below(changes, question, spans)
    return WideTable(question, columns, rows, periods, coverage, concerned, spans)


def _aspects(
    indicator: Indicator, question: Question, compare: bool, targeted: set[str]
) -> Iterable[Aspect]:
    has_target = indicator.code in targeted
    shown = list(COMPARED) if compare else [Aspect.NOW]
    if has_target and not compare and question.first != Month(question.last.year, 1):
        shown.append(Aspect.YEAR_TO_DATE)
    return shown + OF_TARGET if has_target else shown


def _branch_of(key: Key, question: Question) -> int | None:
    return question.branch.pk if key == WHOLE else None if key == REST else key


def _targets(question: Question, listed: set[int]) -> dict[tuple[str, Key], Decimal]:
    """Return ``{(indicator code, row): target}``; one programme has none."""
    if question.programme:
        return {}
    codes = [one.code for one in question.indicators]
    branch = question.branch.pk
    found = targets_of(codes, question.last.year, [branch, *listed])
    targets: dict[tuple[str, Key], Decimal] = {}
    for (code, branch_id), value in found.items():
        if branch_id in listed:
            targets[code, branch_id] = value
        if branch_id == branch:
            targets[code, WHOLE] = value
    return targets


def _earlier_periods(question: Question) -> dict[Aspect, Question]:
    first, last = question.first, question.last
    back = question.length
    return {
        Aspect.BEFORE: question.during(first.plus(-back), last.plus(-back)),
        Aspect.YEAR_AGO: question.during(first.year_earlier(), last.year_earlier()),
        Aspect.YEAR_TO_DATE: _year_to_date(question),
    }


def _year_to_date(question: Question) -> Question:
    return question.during(Month(question.last.year, 1), question.last)


def _figure(
    column: Column,
    key: Key,
    figures: dict[Aspect, Figures],
    targets: dict[tuple[str, Key], Decimal],
) -> Figure:
    indicator, aspect = column.indicator, column.aspect
    if aspect in OF_TARGET:
        target = targets.get((indicator.code, key))
        if aspect is Aspect.TARGET or target is None:
            return target
        return _share(figures[Aspect.YEAR_TO_DATE].of(key, indicator), target)
    if not column.is_change:
        return figures[aspect].of(key, indicator)
    now, base = figures[Aspect.NOW], figures[COMPARED_WITH[aspect]]
    if not (now.is_complete(indicator) and base.is_complete(indicator)):
        return None  # what lacks months is no measure
    return _growth(now.of(key, indicator), base.of(key, indicator))


def _share(done: Figure, target: Decimal) -> Figure:
    if done is None or done is UNCOUNTED:
        return done
    return (done / target).quantize(PER_MILLE, ROUND_HALF_UP)


def _growth(now: Decimal | None, base: Decimal | None) -> Decimal | None:
    if now is None or not base:
        return None  # nothing grows from zero by a percentage
    return ((now - base) / base).quantize(PER_MILLE, ROUND_HALF_UP)


def _places(question: Question, listed: set[int]):
    """Yield key, name, code, level and opens of each row."""
    branch = question.branch
    found = places({branch.pk, *listed}, question.named_in)
    parents = parents_among(listed, question.named_in)
    itself = found.get(branch.pk) or Place(
        branch.path, branch.name, branch.code, branch.level
    )
    yield WHOLE, itself.name, itself.code, itself.level_label, False
    for pk, place in sorted(found.items(), key=lambda item: item[1].path):
        if pk in listed:
            yield pk, place.name, place.code, place.level_label, pk in parents
    yield REST, "本级及直属", "", "", False
