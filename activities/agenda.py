"""Fetch what the calendar shows of a span of days: counts, and the first lines.

Two queries whatever the size: on a day with 500 activities the page still reads
three of them. Both take a queryset that is public and filtered already.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Count, DateField, F, Value, Window
from django.db.models.functions import Greatest, Least, RowNumber
from django.urls import reverse

from activities.calendar import ONE_DAY, Line
from activities.models.choices import Happening, Kind

Spans = dict[tuple[date, date], int]

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


def spans_of(activities, first: date, end: date) -> Spans:
    """Return {(first, last): count} of the activities in ``[first, end)``, each cut
    to the days shown."""
    rows = (
        _cut_to(activities, first, end)
        .order_by()
        .values_list("shown_from", "shown_until")
        .annotate(number=Count("pk"))
    )
    return {(start, last): number for start, last, number in rows}


def first_lines(activities, first: date, end: date, per_day: int) -> list[Line]:
    """Return the first *per_day* lines of each span in ``[first, end)``; what begins
    on its first day shown stands before what goes on."""
    rank = Window(
        RowNumber(),
        partition_by=[F("shown_from"), F("shown_until")],
        order_by=[
            F("starts_on").desc(),
            F("starts_at").asc(nulls_first=True),
            F("pk").asc(),
        ],
    )
    ranked = _cut_to(activities, first, end).order_by().annotate(rank=rank)
    return lines_of(ranked.filter(rank__lte=per_day))


def lines_of(activities) -> list[Line]:
    """Return the public lines of *activities*, in their order."""
    address = reverse("activities:detail", args=[0]).removesuffix("0/")
    return [_line(address, *row) for row in activities.values_list(*LINE_FIELDS)]


def next_line(activities, day: date) -> Line | None:
    """Return the first activity that begins on or after *day* and takes place."""
    coming = activities.filter(starts_on__gte=day).exclude(
        happening=Happening.CANCELLED
    )
    return next(iter(lines_of(in_order_of_days(coming)[:1])), None)


def last_line(activities, day: date) -> Line | None:
    """Return the latest activity that began before *day*."""
    earlier = activities.filter(starts_on__lt=day).order_by("-starts_on", "-pk")
    return next(iter(lines_of(earlier[:1])), None)


def in_order_of_days(activities):
    """Return *activities* as a list reads: by day, then by hour."""
    return activities.order_by("starts_on", F("starts_at").asc(nulls_first=True), "pk")


def _cut_to(activities, first: date, end: date):
    def day(value):
        return Value(value, output_field=DateField())

    return activities.overlapping(first, end).annotate(
        shown_from=Greatest(F("starts_on"), day(first)),
        shown_until=Least(F("ends_on"), day(end - ONE_DAY)),
    )


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
    # Below the streets village names repeat: 官庄村 alone says too little.
    organiser = f"{parent} {branch}" if depth > 1 else branch
    return Line(
        pk=pk,
        url=f"{address}{pk}/",
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=starts_at,
        ends_at=ends_at,
        # No break before the dot: it would begin a line.
        where=f"{organiser}\u00a0· {place}" if place else organiser,
        tag=KIND_LABELS.get(kind, ""),
        colour=colour or "ink",
        state=STATES.get(happening, ""),
        is_cancelled=happening == Happening.CANCELLED,
    )


KIND_LABELS = dict(Kind.choices)
