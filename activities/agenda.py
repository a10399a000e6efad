"""Fetch what the calendar shows of a span of days: counts, and the first lines.

Two queries whatever the size: on a day with 500 activities the page still reads
three of them. All take a queryset that is public and filtered already.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, DateField, F, Value, When, Window
from django.db.models.functions import Greatest, Least, RowNumber
from django.urls import reverse

from activities.calendar import ONE_DAY, Line
from activities.models import Activity
from activities.models.choices import Happening, Kind
from federation.months import UNTIL_EVER

Spans = dict[tuple[date, date], int]

CANCELLED_LAST = Case(When(happening=Happening.CANCELLED, then=1), default=0)
BY_HOUR = (F("starts_at").asc(nulls_first=True), "pk")
# How far back a list of past activities looks: further back lies the calendar.
LOOK_BACK = timedelta(days=366)

STATES = {Happening.CANCELLED: "已取消", Happening.POSTPONED: "已延期"}

# Everything the public sees of an activity in a list: nothing else is read.
LINE_FIELDS = (
    "pk",
    "title",
    "starts_on",
    "ends_on",
    "starts_at",
    "ends_at",
    "place",
    "kind",
    "happening",
    "branch__short_name",
    "branch__depth",
    "branch__parent__short_name",
    "programme__chapter__colour",
)


class Agenda(NamedTuple):
    """What is shown of a span of days: the first lines, and how many there are."""

    lines: list[Line]
    spans: Spans


def agenda_of(activities, first: date, end: date, per_day: int) -> Agenda:
    """Return the first *per_day* lines of each span of days in ``[first, end)``, and
    {(first, last): number} of all; both cut to the days shown. What begins on the
    first day shown stands before what goes on."""
    same_days = [F("shown_from"), F("shown_until")]
    order = [F("starts_on").desc(), CANCELLED_LAST, *BY_HOUR]
    ranked = (
        _cut_to(activities, first, end)
        .order_by()
        .annotate(
            rank=Window(RowNumber(), partition_by=same_days, order_by=order),
            number=Window(Count("pk"), partition_by=same_days),
        )
        .filter(rank__lte=per_day)
        .values_list("pk", "shown_from", "shown_until", "number")
    )
    chosen = list(ranked)
    # A second query, not a join: names and colours are read for the few lines left.
    # As a subquery PostgreSQL would guess thousands of keys and read the whole table.
    shown = Activity.objects.filter(pk__in=[pk for pk, *_ in chosen]).order_by()
    return Agenda(
        lines=lines_of(shown) if chosen else [],
        spans={(start, last): number for _, start, last, number in chosen},
    )


def lines_of(activities) -> list[Line]:
    """Return the public lines of *activities*, in their order."""
    address = reverse("activities:detail", args=[0]).removesuffix("0/")
    return [_line(address, *row) for row in activities.values_list(*LINE_FIELDS)]


def next_line(activities, day: date) -> Line | None:
    """Return the first activity that begins on or after *day* and takes place."""
    coming = activities.filter(starts_on__gte=day).exclude(
        happening=Happening.CANCELLED
    )
    return next(iter(lines_of(coming.order_by("starts_on", *BY_HOUR)[:1])), None)


def last_line(activities, day: date) -> Line | None:
    """Return the latest activity that began in the year before *day*."""
    return next(iter(lines_of(past(activities, day)[:1])), None)


def listed(activities, first: date, end: date = UNTIL_EVER):
    """Return the activities of ``[first, end)`` as a list reads: by day, then by hour;
    what began before *first* stands on *first*.

    Sorted by the day shown and not by ``starts_on``: for the first page of that order
    PostgreSQL would walk its index from the oldest activity on.
    """
    return _cut_to(activities, first, end).order_by("shown_from", *BY_HOUR)


def past(activities, day: date):
    """Return what ended before *day* and began in the year before it, latest first."""
    return activities.filter(
        starts_on__gte=day - LOOK_BACK, starts_on__lt=day, ends_on__lt=day
    ).order_by("-starts_on", F("starts_at").desc(nulls_last=True), "-pk")


def _cut_to(activities, first: date, end: date):
    return activities.overlapping(first, end).annotate(
        shown_from=Greatest(F("starts_on"), _day(first)),
        shown_until=Least(F("ends_on"), _day(end - ONE_DAY)),
    )


def _day(value: date) -> Value:
    return Value(value, output_field=DateField())


def _line(
    address,
    pk,
    title,
    starts_on,
    ends_on,
    starts_at,
    ends_at,
    place,
    kind,
    happening,
    branch,
    depth,
    parent,
    colour,
) -> Line:
    return Line(
        pk=pk,
        url=f"{address}{pk}/",
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=starts_at,
        ends_at=ends_at,
        where=_where(branch, parent if depth > 1 else "", place),
        tag=KIND_LABELS[kind],
        colour=colour or "ink",
        state=STATES.get(happening, ""),
        is_cancelled=happening == Happening.CANCELLED,
    )


def _where(branch: str, street: str, place: str) -> str:
    """Return street, branch and place, none of them twice: ``绣惠街道 · 花园村广场``.
    The street stands there because village names repeat."""
    names = [street, "" if place.startswith(branch) else branch]
    # No break before the dot: it would begin a line.
    return "\u00a0· ".join(filter(None, [" ".join(filter(None, names)), place]))


# 其他 tells a reader nothing.
KIND_LABELS = {**dict(Kind.choices), Kind.OTHER: ""}
