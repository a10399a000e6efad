"""A report filled in: every figure of a template for one period and one branch. Page,
paper, workbook, CSV and API print this one object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from federation.models import Branch, Programme
from federation.models.branches import Level
from federation.months import Month
from rollups.models import ReportColumn, ReportTemplate
from rollups.registry import Indicator
from rollups.reports.periods import Period
from rollups.reports.proof import Proof, read_proof
from rollups.tables import (
    CHILDREN,
    REST,
    UNCOUNTED,
    WHOLE,
    Figures,
    Question,
    read_coverage,
    read_figures,
)
from rollups.tables.bases import base_notes
from rollups.tables.figures import Figure, Key
from rollups.tables.notes import definition_notes, uncounted_notes
from rollups.tables.targets import targets_of
from rollups.tables.tree import Place, places, read_spans, within_period

Aspect, Listing = ReportColumn.Aspect, ReportTemplate.Listing

COMPARED_WITH = {
    Aspect.CHANGE: Aspect.BEFORE,
    Aspect.YEAR_CHANGE: Aspect.YEAR_AGO,
}
# The readings that give a column its figures, by its aspect.
READS = {
    Aspect.NOW: (Aspect.NOW,),
    Aspect.BEFORE: (Aspect.BEFORE,),
    Aspect.CHANGE: (Aspect.NOW, Aspect.BEFORE),
    Aspect.YEAR_AGO: (Aspect.YEAR_AGO,),
    Aspect.YEAR_CHANGE: (Aspect.NOW, Aspect.YEAR_AGO),
    Aspect.YEAR_TO_DATE: (Aspect.YEAR_TO_DATE,),
    Aspect.TARGET: (),
    Aspect.COMPLETION: (Aspect.YEAR_TO_DATE,),
    Aspect.SHARE: (Aspect.NOW,),
}


@dataclass(frozen=True, slots=True)
class Head:
    """A cell of the upper row of the header: a group over its columns, or a column
    that stands alone and is as high as both rows."""

    title: str
    columns: list[ReportColumn]
    is_group: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A branch and its figures, in the order of the columns, rounded as the template
    says; a percentage is a fraction: 0.125 is 12.5 %."""

    key: Key
    name: str
    code: str
    level: str
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Report:
    """
    The template filled in.

    rows       the whole, the listed branches in tree order, 本级及直属
    questions  what each column asks; None for a calculation
    notes      the sentences without which the figures would say something wrong
    """

    template: ReportTemplate
    columns: list[ReportColumn]
    period: Period
    branch: Branch
    rows: list[Row]
    questions: list[Question | None]
    notes: list[str]
    proof: Proof

    @property
    def heads(self) -> list[Head]:
        """The upper row of the header."""
        heads = []
        for group, some in groupby(self.columns, key=lambda column: column.group):
            columns = list(some)
            if group:
                heads.append(Head(group, columns, True))
            else:
                heads += [Head(column.label, [column], False) for column in columns]
        return heads

    @property
    def has_groups(self) -> bool:
        return any(column.group for column in self.columns)

    @property
    def units(self) -> str:
        """What stands behind 单位: as the district wrote it, or each unit once."""
        own = (column.unit for column in self.columns if not column.is_percentage)
        return self.template.unit_line or "、".join(dict.fromkeys(filter(None, own)))

    @property
    def is_draft(self) -> bool:
        return self.proof.is_draft


def fill(
    template: ReportTemplate,
    columns: Sequence[ReportColumn],
    period: Period,
    branch: Branch,
    paths: Iterable[str],
) -> Report:
    """Return *template* filled in for *branch*, in the sight of *paths*. One reading
    of the rollups for each programme × period that the columns need."""
    plain = Question(
        branch=branch,
        first=period.first,
        last=period.last,
        indicators=(),
        level=_level(template, branch),
        paths=tuple(paths),
    )
    readings = Readings(plain, period, columns)
    listed = [] if template.listing == Listing.TOTAL else sorted(readings.listed)
    found = list(_places(plain, listed))
    targets = _targets(columns, period, [branch.pk, *listed])
    rows = [
        Row(*place, [readings.figure(column, place[0], targets) for column in columns])
        for place in found
    ]
    if not listed or _is_empty(rows[-1]):
        rows = [row for row in rows if row.key != REST]
    return Report(
        template=template,
        columns=list(columns),
        period=period,
        branch=branch,
        rows=[_rounded(row, columns, template.decimals) for row in rows],
        questions=[readings.question_of(column) for column in columns],
        notes=readings.notes(),
        proof=read_proof(readings.first_proved, period.last),
    )


class Readings:
    """The figures of every programme and period that the columns ask for."""

    def __init__(self, plain: Question, period: Period, columns):
        self.periods = _periods(period)
        self._questions = self._asked(plain, columns)
        used = self._questions.values()
        first = min((question.first for question in used), default=period.first)
        overall = plain.during(min(first, period.first), period.last)
        self.coverage = read_coverage(overall)
        spans = read_spans(overall)
        self.listed: set[int] = set()
        self._figures: dict[tuple, Figures] = {}
        for key, question in self._questions.items():
            cut = within_period(spans, question)
            # Who left before this period keeps a row while an earlier one is shown.
            self.listed |= {span.listed_id for span in cut} - {None}
            self._figures[key] = read_figures(question, cut, self.coverage)
        self.branch = plain.branch
        to_date = any(aspect == Aspect.YEAR_TO_DATE for _, aspect in self._questions)
        self.first_proved = self.periods[
            Aspect.YEAR_TO_DATE if to_date else Aspect.NOW
        ][0]

    def _asked(self, plain: Question, columns) -> dict[tuple, Question]:
        """Return ``{(programme, aspect): question}`` with all its indicators."""
        below = _programmes_below(columns)
        codes: dict[tuple, dict[str, Indicator]] = {}
        programmes = {}
        for column in columns:
            if column.counted is None:
                continue
            programmes[column.programme_id] = column.programme
            for aspect in READS[column.aspect]:
                wanted = codes.setdefault((column.programme_id, aspect), {})
                wanted[column.indicator] = column.counted
        return {
            (programme_id, aspect): replace(
                plain.during(*self.periods[aspect]),
                indicators=tuple(wanted.values()),
                programme=programmes[programme_id],
                programme_ids=below.get(programme_id, ()),
            )
            for (programme_id, aspect), wanted in codes.items()
        }

    def question_of(self, column: ReportColumn) -> Question | None:
        """Return the question whose records stand behind the column's figures."""
        if column.is_percentage:
            return None
        return self._questions.get((column.programme_id, column.aspect))

    def notes(self) -> list[str]:
        """Return what the closed months did not count, or counted otherwise."""
        found: dict[str, None] = {}
        for (_, aspect), question in self._questions.items():
            label = "" if aspect == Aspect.NOW else Aspect(aspect).label
            found |= dict.fromkeys(uncounted_notes(self.coverage, question, label))
            found |= dict.fromkeys(definition_notes(self.coverage, question, label))
            found |= dict.fromkeys(base_notes(question, label))
        return list(found)

    def figure(self, column: ReportColumn, key: Key, targets: dict) -> Figure:
        aspect = column.aspect
        if column.counted is None:
            return None
        if aspect in COMPARED_WITH:
            return self._growth(column, key)
        if aspect == Aspect.SHARE:
            now = self._read(column, Aspect.NOW, key)
            return _quotient(now, self._read(column, Aspect.NOW, WHOLE))
        if aspect in ReportColumn.AIMED_AT:
            branch_id = self.branch.pk if key == WHOLE else key
            target = targets.get((column.indicator, branch_id))
            if aspect == Aspect.TARGET:
                return target
            return _quotient(self._read(column, Aspect.YEAR_TO_DATE, key), target)
        return self._read(column, aspect, key)

    def _growth(self, column: ReportColumn, key: Key) -> Decimal | None:
        """Return the growth as a fraction; None from nothing, which has no percentage,
        and where months are missing, which are no measure."""
        aspects = (Aspect.NOW, COMPARED_WITH[column.aspect])
        readings = [self._figures[column.programme_id, aspect] for aspect in aspects]
        if not all(one.is_complete(column.counted) for one in readings):
            return None
        now, before = (one.of(key, column.counted) for one in readings)
        return None if now is None or not before else (now - before) / before

    def _read(self, column: ReportColumn, aspect, key: Key) -> Figure:
        return self._figures[column.programme_id, aspect].of(key, column.counted)


def _periods(period: Period) -> dict[str, tuple[Month, Month]]:
    """Return the first and last month of each reading."""
    first, last, back = period.first, period.last, period.length
    return {
        Aspect.NOW: (first, last),
        Aspect.BEFORE: (first.plus(-back), last.plus(-back)),
        Aspect.YEAR_AGO: (first.year_earlier(), last.year_earlier()),
        Aspect.YEAR_TO_DATE: (Month(last.year, 1), last),
    }


def _level(template: ReportTemplate, branch: Branch) -> str:
    """Return the level of the rows. A branch that is itself one of the rows has its
    own children in them: so a street fills the table of all streets."""
    order = list(Level.values)
    level = template.listing
    if level not in order or order.index(level) <= order.index(branch.level):
        return CHILDREN
    return level


def _programmes_below(columns) -> dict[int, tuple[int, ...]]:
    """Return ``{programme: it and all below}`` of the programmes asked for."""
    asked = {column.programme_id for column in columns if column.programme_id}
    if not asked:
        return {}
    children: dict[int | None, list[int]] = {}
    for pk, parent_id in Programme.objects.order_by("pk").values_list(
        "pk", "parent_id"
    ):
        children.setdefault(parent_id, []).append(pk)

    def below(pk):
        return (pk, *(one for child in children.get(pk, ()) for one in below(child)))

    return {pk: below(pk) for pk in asked}


def _targets(columns, period: Period, branch_ids: list[int]) -> dict:
    aimed = {one.indicator for one in columns if one.aspect in ReportColumn.AIMED_AT}
    return targets_of(aimed, period.last.year, branch_ids) if aimed else {}


def _places(question: Question, listed: list[int]):
    """Yield key, name, code and level of each row."""
    branch = question.branch
    found = places({branch.pk, *listed}, question.last)
    itself = found.get(branch.pk) or Place(
        branch.path, branch.name, branch.code, branch.level
    )
    yield WHOLE, "合计" if listed else itself.name, itself.code, itself.level_label
    for pk in sorted(set(listed) & set(found), key=lambda pk: found[pk].path):
        yield pk, found[pk].name, found[pk].code, found[pk].level_label
    yield REST, "本级及直属", "", ""


def _quotient(part: Figure, whole: Figure) -> Figure:
    if part is UNCOUNTED:
        return part
    return None if part is None or not whole else part / whole


def _is_empty(row: Row) -> bool:
    return not any(row.figures)


def _rounded(row: Row, columns, decimals: int) -> Row:
    figures = [
        _round(figure, decimals + 2 if column.is_percentage else decimals)
        for column, figure in zip(columns, row.figures, strict=True)
    ]
    return replace(row, figures=figures)


def _round(figure: Figure, digits: int) -> Figure:
    if not isinstance(figure, Decimal):
        return figure
    rounded = figure.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    whole = rounded.to_integral_value()
    return whole if whole == rounded else rounded.normalize()
