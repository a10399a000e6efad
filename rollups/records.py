"""The records behind a number: which they are, and that they give it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from federation.scope import scoped_queryset
from rollups.registry import Indicator, Kind
from rollups.tables import REST, UNCOUNTED, WHOLE, Question, read_figures
from rollups.tables.coverage import Gap, read_coverage
from rollups.tables.figures import Figure, Key, ratio, tidy
from rollups.tables.spans import without_months
from rollups.tables.tree import Span, read_spans, within_period


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What stands behind one number.

    parts     the indicator itself, or a ratio's two, each with what its records give
    figure    the number, made of the records as they are now; those of months that did
              not count it are left out
    stored    the number as the table has it; None where the table has none
    records   of the first part, not scoped yet
    gap       the months that did not count it
    """

    indicator: Indicator
    parts: list[tuple[Indicator, Figure]]
    figure: Figure
    stored: Figure
    records: QuerySet
    gap: Gap

    @property
    def is_distinct(self) -> bool:
        return self.indicator.kind is Kind.DISTINCT

    @property
    def differs(self) -> bool:
        """Whether the records have changed since they were counted."""
        return self.stored is not None and self.stored != self.figure


def evidence(
    question: Question, indicator: Indicator, key: Key, *, own: bool = False
) -> Evidence:
    """Return the evidence of one number of the table."""
    spans = read_spans(question)
    coverage = read_coverage(question)
    gap = coverage.gap(indicator, question)
    if gap.is_whole:
        nothing = records_behind(question, indicator.parts[0], key, [])
        parts = [(part, UNCOUNTED) for part in indicator.parts]
        return Evidence(indicator, parts, UNCOUNTED, UNCOUNTED, nothing, gap)
    # A stock is that of one month, which was counted.
    counted = without_months(spans, gap.months)
    found = [
        records_behind(
            question, part, key, spans if part.kind is Kind.STOCK else counted, own=own
        )
        for part in indicator.parts
    ]
    figures = [figure_of(*pair) for pair in zip(found, indicator.parts, strict=True)]
    # The table shows no range's own values, so there is nothing to compare with.
    stored = None if own else read_figures(question, spans, coverage).of(key, indicator)
    return Evidence(
        indicator=indicator,
        parts=list(zip(indicator.parts, figures, strict=True)),
        figure=ratio(*figures, indicator.per)
        if indicator.kind is Kind.RATIO
        else figures[0],
        stored=stored,
        records=found[0],
        gap=gap,
    )


def records_behind(
    question: Question,
    part: Indicator,
    key: Key,
    spans: list[Span],
    *,
    own: bool = False,
) -> QuerySet:
    """
    Return the records that make the figure of *part* in the row *key*.

    *own* leaves out what lies below the row's branch. Scoped by nothing but the
    question: whoever lists them asks for ``visible_to`` as well.
    """
    source = part.source
    if part.kind is Kind.STOCK:
        # A period still to come has no state yet; its first month stands for none.
        month = question.stock_month or question.first
        question = question.during(month, month)
        spans = within_period(spans, question) if question.stock_month else []
    whole = part.records(question.first.first_day, question.last.next_first_day)
    branch = branch_lookup(whole.model)
    pieces = [
        part.records(first, end).filter(**{f"{branch}__in": branches})
        for (first, end), branches in _by_period(
            [span for span in spans if _belongs(span, question, key, own)]
        ).items()
    ]
    if not pieces:
        return whole.none()
    chosen = pieces[0]
    if len(pieces) > 1:
        condition = Q()
        for piece in pieces:
            condition |= Q(pk__in=piece.order_by().values("pk"))
        chosen = whole.filter(condition)
    if question.programme and source.programme_lookup:
        lookup = f"{source.programme_lookup}__in"
        chosen = chosen.filter(**{lookup: question.programme_ids})
    return chosen


def figure_of(records: QuerySet, part: Indicator) -> Decimal:
    """Return what *records* give, added up as the engine does: branch by branch."""
    measure = part.source.measure(part.measure)
    records = records.order_by()
    if part.kind is Kind.DISTINCT:
        value = records.aggregate(figure=measure)["figure"]
    else:
        branches = records.values(counted_branch=F(branch_lookup(records.model)))
        figures = branches.annotate(figure=measure)
        value = figures.aggregate(total=Sum("figure"))["total"]
    return tidy(Decimal(str(value or 0)))


def branch_lookup(model) -> str:
    """Return how a record of *model* names its branch: a branch is its own."""
    return scoped_queryset(model).branch_lookup or "pk"


def _by_period(spans: list[Span]) -> dict[tuple, list[int]]:
    """Return ``{(first day, end day): [branch ids]}``: most branches stand where they
    stand for the whole period."""
    spans = sorted(spans, key=lambda span: (span.branch_id, span.from_month))
    joined: list[list] = []
    for span in spans:
        # A change of name cuts a span in two that stand in the same place.
        if joined and joined[-1][::2] == [span.branch_id, span.from_month]:
            joined[-1][2] = span.until_month
        else:
            joined.append([span.branch_id, span.from_month, span.until_month])
    by_period = defaultdict(list)
    for branch_id, first, end in joined:
        by_period[first, end].append(branch_id)
    return by_period


def _belongs(span: Span, question: Question, key: Key, own: bool) -> bool:
    row = question.branch.pk if key in (WHOLE, REST) else key
    if own and span.home_id != row:
        return False
    if key == WHOLE:
        return True
    return span.is_rest if key == REST else span.listed_id == key
