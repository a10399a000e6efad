"""Which records made the difference between two revisions, from the audit log.

Apps declare in their ``corrections.py`` which of their records the log is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from federation.months import Month
from rollups.corrections import Difference
from rollups.models import Correction, Revision

MOST_ENTRIES = 1000
ONE_SECOND = timedelta(seconds=1)
VERBS = {
    LogEntry.Action.CREATE: "登记",
    LogEntry.Action.UPDATE: "修改",
    LogEntry.Action.DELETE: "删除",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """
    What the log is asked for.

    model     a counted model
    record    the name of its handler of corrections, if it has one
    records   a month -> the rows that may count in it now
    days      date fields: an entry that moved one of them out of the month counts too
    in_words  changes, ``{field: [old, new]}`` for each record -> what is told of them
    address   a record's key -> its page
    """

    model: type
    record: str
    records: Callable[[Month], QuerySet]
    days: tuple[str, ...]
    in_words: Callable[[list[dict]], list[list[Difference]]]
    address: Callable[[int], str]
    related: tuple[str, ...] = ()  # what a record's own name is made of


@dataclass(slots=True)
class Line:
    """What became of one record between two closings: the oldest value that the log
    has of each field, and the newest."""

    trace: Trace
    key: int
    title: str
    verb: str
    when: datetime
    who: list[str] = field(default_factory=list)
    changes: dict = field(default_factory=dict)
    told: list[Difference] = field(default_factory=list)
    address: str = ""
    correction: Correction | None = None


_traces: list[Trace] = []


def register(trace: Trace) -> None:
    _traces.append(trace)


def lines(older: Revision, newer: Revision) -> list[Line]:
    """Return the records of the month that were written between the two closings,
    the latest first."""
    found = _gathered(_entries(older, newer))
    corrections = {
        (one.record, one.object_id): one
        for one in Correction.objects.filter(revision=newer).select_related("author")
    }
    told = []
    for trace in _traces:
        of_trace = [line for line in found.values() if line.trace is trace]
        if not of_trace:
            continue
        rows = trace.model._base_manager.select_related(*trace.related)
        rows = rows.in_bulk([line.key for line in of_trace])
        words = trace.in_words([line.changes for line in of_trace])
        for line, differences in zip(of_trace, words, strict=True):
            line.told = differences
            line.correction = corrections.get((trace.record, line.key))
            if row := rows.get(line.key):
                line.title, line.address = str(row), trace.address(line.key)
            if differences or line.correction or line.verb != "修改":
                told.append(line)
    return sorted(told, key=lambda line: line.when, reverse=True)


def late_facts(newest: Revision) -> int:
    """Return how many dated facts (posts) that may count in the month of *newest* were
    entered or changed since: they go into the next revision."""
    month, asked = Month.of(newest.month), Q(pk=None)
    for trace in _traces:
        if trace.model.is_dated_fact:
            asked |= _touching(trace, month)
    since = newest.closed_at + ONE_SECOND
    entries = LogEntry.objects.filter(asked, timestamp__gte=since).order_by()
    return entries.values("content_type", "object_id").distinct().count()


def _touching(trace: Trace, month: Month) -> Q:
    """Match the entries of records that may count in *month*, or did."""
    in_month = Q(object_id__in=trace.records(month).values("pk"))
    for day in trace.days:
        for side in (0, 1):
            in_month |= Q(**{f"changes__{day}__{side}__startswith": str(month)})
    return Q(content_type=ContentType.objects.get_for_model(trace.model)) & in_month


def _entries(older: Revision, newer: Revision) -> Iterable[LogEntry]:
    # Closings are dated to the second.
    until = newer.closed_at + ONE_SECOND
    closed = Value(older.closed_at + ONE_SECOND, output_field=DateTimeField())
    # Before that, nobody could write anything but dated facts.
    reopened = older.reopenings.order_by("reopened_at").values("reopened_at")[:1]
    reopened = Coalesce(Subquery(reopened), closed)
    month = Month.of(older.month)
    asked = Q(pk=None)
    for trace in _traces:
        since = closed if trace.model.is_dated_fact else reopened
        asked |= Q(timestamp__gte=since) & _touching(trace, month)
    entries = LogEntry.objects.filter(asked, timestamp__lt=until)
    return entries.select_related("actor").order_by("pk")[:MOST_ENTRIES]


def _gathered(entries: Iterable[LogEntry]) -> dict[tuple, Line]:
    """Return one line for each record of *entries*, which come oldest first."""
    traces = {
        ContentType.objects.get_for_model(trace.model).pk: trace for trace in _traces
    }
    found: dict[tuple, Line] = {}
    for entry in entries:
        key = (entry.content_type_id, entry.object_id)
        line = found.get(key)
        if line is None:
            line = found[key] = Line(
                traces[entry.content_type_id],
                entry.object_id,
                entry.object_repr,
                VERBS.get(entry.action, "修改"),
                entry.timestamp,
            )
        if entry.action == LogEntry.Action.DELETE:
            line.verb = "删除"
        line.when = entry.timestamp
        who = str(entry.actor or "系统")
        if who not in line.who:
            line.who.append(who)
        for name, (old, new) in (entry.changes or {}).items():
            first = line.changes.get(name, [old])[0]
            line.changes[name] = [first, new]
    for line in found.values():
        line.changes = {
            n: pair for n, pair in line.changes.items() if pair[0] != pair[1]
        }
    return found
