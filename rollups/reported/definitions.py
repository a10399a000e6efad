"""The district's definitions as indicators: all of them read by one statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db.models import (
    CharField,
    DateField,
    F,
    IntegerField,
    Q,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from federation.models import Programme
from federation.months import Month
from rollups import registry
from rollups.models import DerivedIndicator, ReportedBatch, ReportedFigure
from rollups.models import ReportedIndicator as Reported
from rollups.registry import Indicator, Kind, Source, as_month

# Behind what the activities count, before what is counted of branches and people.
DERIVED_PLACE, REPORTED_PLACE = 10, 50
FIRST = {"derived": DERIVED_PLACE, "reported": REPORTED_PLACE}


class Row(NamedTuple):
    """One line of the statement: a batch with its indicator, or a derived indicator."""

    what: str
    indicator_id: int
    slug: str
    name: str
    unit: str
    kind: str
    position: int
    is_usual: bool
    batch_id: int
    batch_slug: str
    batch_name: str
    base: str
    filters: str
    version: int
    since: date | None


@registry.provide
def defined_indicators() -> list[Indicator]:
    """Return what is defined at this moment, by one statement."""
    rows = [
        Row(*values) for values in _reported_rows().union(_derived_rows(), all=True)
    ]
    reported = [row for row in rows if row.what == "reported"]
    derived = [row for row in rows if row.what == "derived"]
    return [*_reported(reported), *_derived(derived)]


def _reported_rows():
    return _rows(
        ReportedBatch.objects,
        what=_text("reported"),
        indicator_id=F("indicator__pk"),
        slug=F("indicator__slug"),
        name=F("indicator__name"),
        unit=F("indicator__unit"),
        kind=F("indicator__kind"),
        position=F("indicator__position"),
        is_usual=F("indicator__is_usual"),
        batch_id=F("pk"),
        batch_slug=F("slug"),
        batch_name=F("name"),
        base=_text(""),
        filters=_text(""),
        version=_number(1),
        since=F("from_month"),
    )


def _derived_rows():
    return _rows(
        DerivedIndicator.objects,
        what=_text("derived"),
        indicator_id=F("pk"),
        slug=F("slug"),
        name=F("name"),
        unit=_text(""),
        kind=_text(""),
        position=F("position"),
        is_usual=F("is_usual"),
        batch_id=_number(0),
        batch_slug=_text(""),
        batch_name=_text(""),
        base=F("base"),
        filters=Cast("filters", TextField()),
        version=F("version"),
        since=Value(None, output_field=DateField()),
    )


def _rows(manager, **columns):
    # Under names of their own, because a column must not hide a field of the model.
    named = {f"defined_{name}": columns[name] for name in Row._fields}
    return manager.order_by().annotate(**named).values_list(*named)


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())


def _number(number: int) -> Value:
    return Value(number, output_field=IntegerField())


# Reported ---------------------------------------------------------------------------


def _reported(rows: list[Row]) -> Iterable[Indicator]:
    rows = sorted(rows, key=lambda row: (row.kind, row.indicator_id, row.batch_id))
    for kind, some in groupby(rows, key=lambda row: row.kind):
        some = list(some)
        source = _source(kind, _measures(some))
        for _, batches in groupby(some, key=lambda row: row.indicator_id):
            yield from _with_batches(source, list(batches))


def _measures(rows: list[Row]) -> dict[str, Sum]:
    """Return what is added up, of each indicator and of each of its batches."""
    measures = {}
    for row in rows:
        whole, batch = _whole(row), _batch(row)
        measures[whole] = _sum(Q(batch__indicator=row.indicator_id))
        measures[batch] = _sum(Q(batch=row.batch_id))
    return measures


def _sum(condition: Q):
    return Coalesce(Sum("value", filter=condition), Decimal(0))


def _whole(row: Row) -> str:
    return f"whole_{row.indicator_id}"


def _batch(row: Row) -> str:
    return f"batch_{row.batch_id}"


def _with_batches(source: Source, rows: list[Row]) -> Iterable[Indicator]:
    """Yield the indicator, and each of its batches that has a name."""
    first = rows[0]
    common = {
        "unit": first.unit,
        "kind": Kind(first.kind),
        "source": source,
        "record_value": lambda figure: figure.value,
        "place": FIRST[first.what] + first.position,
    }
    code = f"reported.{first.slug}"
    yield Indicator(
        code=code,
        label=first.name,
        measure=_whole(first),
        narrow=_only(batch__indicator=first.indicator_id),
        is_usual=bool(first.is_usual),
        since=min(row.since for row in rows),
        **common,
    )
    for row in rows:
        if row.batch_slug:
            yield Indicator(
                code=f"{code}.{row.batch_slug}",
                label=f"{row.name} {row.batch_name}",
                measure=_batch(row),
                narrow=_only(batch=row.batch_id),
                is_usual=False,
                since=row.since,
                **common,
            )


def _only(**condition) -> Callable:
    return lambda figures: figures.filter(**condition)


def _source(kind: str, measures: dict) -> Source:
    is_stock = kind == Reported.Kind.STOCK
    return Source(
        name=f"reported {kind}",
        rows=(_stock_rows if is_stock else _flow_rows)(measures),
        records=_stock_records if is_stock else _flow_records,
        columns=COLUMNS,
        link=_link,
        programme_lookup="batch__indicator__programme",
        measures=measures,
    )


COLUMNS = {
    "妇联组织": lambda figure: figure.branch.name,
    "月份": lambda figure: Month.of(figure.month).label,
    "填报指标": lambda figure: str(figure.batch),
    "说明": lambda figure: figure.explanation,
    "依据": lambda figure: figure.batch.document_number,
    "填报人": lambda figure: figure.entered_by.name if figure.entered_by else "",
}


def _link(figure: ReportedFigure) -> str:
    month = str(Month.of(figure.month))
    return reverse("rollups:report", args=[month, figure.branch.code])


def _programme():
    none = Programme.objects.sentinel_id()
    return Coalesce(F("batch__indicator__programme_id"), none)


def _flows(first: date, end: date):
    figures = ReportedFigure.objects.filter(batch__indicator__kind=Reported.Kind.FLOW)
    return figures.filter(month__gte=first, month__lt=end)


def _stocks(month: Month):
    figures = ReportedFigure.objects.filter(batch__indicator__kind=Reported.Kind.STOCK)
    return figures.holding_at(month)


def _flow_rows(measures: dict):
    def rows(months):
        figures = _flows(months[0].first_day, months[-1].next_first_day).order_by()
        groups = figures.values("branch_id", "month", programme_id=_programme())
        yield groups.annotate(**measures)

    return rows


def _stock_rows(measures: dict):
    def rows(months):
        for month in months:
            figures = _stocks(month).order_by().values("branch_id")
            groups = figures.annotate(
                counted_month=as_month(month), programme_id=_programme()
            )
            yield groups.annotate(**measures).values(
                "branch_id", "programme_id", *measures, month=F("counted_month")
            )

    return rows


def _flow_records(first, end):
    return _with_names(_flows(first, end))


def _stock_records(first, end):
    return _with_names(_stocks(Month.of(end - timedelta(days=1))))


def _with_names(figures):
    return figures.select_related("branch", "batch__indicator", "entered_by")


# Derived ----------------------------------------------------------------------------


def _derived(rows: list[Row]) -> Iterable[Indicator]:
    for row in rows:
        filters = json.loads(row.filters)
        if base := base_of(row.base, filters):
            yield narrowed(base, row, filters)


def base_of(code: str, filters: dict) -> Indicator | None:
    """Return the declared indicator *code* if it has all of these filters: an app may
    have withdrawn what a row still names."""
    known = {one.code: one for one in registry.declared_indicators()}
    base = known.get(code)
    return base if base and filters.keys() <= base.filters.keys() else None


def narrowed(base: Indicator, row: Row, filters: dict) -> Indicator:
    """Return *base*, counted of those of its records only that fit *filters*."""
    condition = Q()
    for name, values in sorted(filters.items()):
        condition &= base.filters[name].condition(values)
    # Indicators with the same filters share one reading.
    which = json.dumps(filters, sort_keys=True)
    source = base.source.narrowed(which, lambda records: records.filter(condition))
    return Indicator(
        code=f"derived.{row.slug}",
        label=row.name,
        unit=base.unit,
        kind=base.kind,
        source=source,
        measure=base.measure,
        record_value=base.record_value,
        narrow=base.narrow,
        is_usual=bool(row.is_usual),
        place=FIRST[row.what] + row.position,
        version=row.version,
    )
