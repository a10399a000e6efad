"""The engine: rollups are recounted from the rows, never incremented.

It knows no activity, household or member: it asks the registry for querysets and turns
them into own values, then carries totals up the tree of each month. One transaction
recounts one month's marked branches under that month's recount lock; a bucket is
deleted and inserted anew, so counting twice counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db import connection, transaction
from django.db.models import F, Max

from federation import batches, health, locks
from federation.models import Mark, Placement, ReportingMonth
from federation.months import Month
from federation.paths import lineage_of
from rollups import registry, sql, submissions
from rollups.models import Rollup, RollupKey
from rollups.registry import Kind

logger = logging.getLogger(__name__)

# SQLite has one writer: a phone that saves must not wait behind a long recount.
MARKS_AT_ONCE = {"sqlite": 50}
MONTHS_AT_ONCE = {"sqlite": 1}


@dataclass(frozen=True, slots=True)
class Difference:
    """A rollup row that is not what the records give."""

    indicator: str
    month: Month
    branch_id: int
    programme_id: int
    stored: tuple[Decimal, Decimal] | None
    counted: tuple[Decimal, Decimal] | None

    def __str__(self):
        return (
            f"{self.month} branch {self.branch_id} {self.indicator} "
            f"programme {self.programme_id}: stored {_shown(self.stored)}, "
            f"counted {_shown(self.counted)}"
        )


def recount(months: Iterable[Month], branch_ids: set[int] | None = None) -> None:
    """
    Recount *months*, for the branches marked and what is above them, or for all.

    Several months are recounted together for all branches only: each has its own tree.
    Safe to repeat; leaves the marks alone.
    """
    months = sorted(set(months))
    if not months or branch_ids == set():
        return
    if branch_ids is not None and len(months) > 1:
        raise ValueError("marked branches are recounted month by month")
    with transaction.atomic():
        locks.hold_recount(months)
        with registry.reading():
            _recount(months, branch_ids)
        submissions.settle(months, branch_ids)


def _recount(months: list[Month], branch_ids: set[int] | None) -> None:
    _forget(months, branch_ids)
    _count_own(months, branch_ids)
    if branch_ids is None:
        _carry_all_up(months)
        _count_distinct(months, None)
    else:
        affected = _with_ancestors(months[0], branch_ids)
        _carry_up(months[0], affected)
        # A branch that has left the tree still has what it did itself.
        _count_distinct(months, sorted(branch_ids.union(*affected.values())))


def drain_marks(limit: int = 500) -> int:
    """
    Recount what is marked, month by month, and return how many marks were served.

    Several drains may run side by side: marks another one holds are skipped. Killed in
    the middle, the marks of its last month are still there.
    """
    limit = min(limit, MARKS_AT_ONCE.get(connection.vendor, limit))
    open_month(Month.current())
    _spread_onward_marks()
    served = 0
    for day in _marked_days():
        while count := _drain_month(Month.of(day), limit):
            served += count
    health.beat("rollup")
    return served


def open_month(month: Month) -> bool:
    """Open *month* if it has no row yet and count all its branches in it; tell whether
    it was new. Months to come stay without."""
    if month > Month.current() or _is_known(month):
        return False
    with transaction.atomic():
        locks.share_months([month])
        locks.hold_openings()
        # Two drains may meet here: the second finds the row and counts nothing.
        row, is_new = ReportingMonth.objects.get_or_create(month=month.first_day)
        if is_new:
            submissions.expect([month])
            recount([month])
    return is_new


def recount_range(first: Month, last: Month, at_once: int | None = None) -> None:
    """Recount every open month from *first* to *last* from the rows, with all its
    branches, and serve the marks of these months on the way. *at_once* months share
    a transaction; whoever holds the only write lock anyway may take many."""
    _spread_onward_marks()
    step = at_once or MONTHS_AT_ONCE.get(connection.vendor, 12)
    months = Month.range(first, last)
    for start in range(0, len(months), step):
        with transaction.atomic():
            chosen = months[start : start + step]
            locks.share_months(chosen)
            chosen = _open_among(chosen)
            _know(chosen)
            days = [month.first_day for month in chosen]
            marks = Mark.objects.filter(month__in=days, onward=False)
            served = list(_locked(marks).values_list("pk", flat=True))
            recount(chosen)
            delete_marks(served)
    health.beat("rollup")


def differences(months: Iterable[Month], *, repair: bool) -> list[Difference]:
    """Recount open *months* from the rows and return what was stored differently;
    write the recount only if *repair*."""
    found = []
    for month in months:
        with transaction.atomic():
            locks.share_months([month])
            if not _open_among([month]):
                continue
            locks.hold_recount([month])
            stored = _rows_of(month)
            recount([month])
            counted = _rows_of(month)
            # What was written meanwhile has its mark: the next drain's, no fault.
            waiting = _waiting_branches(month)
            found += [
                Difference(key[0], month, *key[1:], stored.get(key), counted.get(key))
                for key in sorted(stored.keys() | counted.keys())
                if stored.get(key) != counted.get(key) and key[1] not in waiting
            ]
            if not repair:
                transaction.set_rollback(True)
    return found


def reconcile_open_months() -> list[Difference]:
    """Drain, recount the open months, repair, and report what differed as a fault."""
    drain_marks()
    found = differences(known_months(), repair=True)
    for difference in found:
        logger.error("rollup differed from its records: %s", difference)
    health.beat("rollup")
    return found


def known_months() -> list[Month]:
    """Return the months that have been opened and not closed, oldest first."""
    rows = ReportingMonth.objects.exclude(status=ReportingMonth.Status.CLOSED)
    days = rows.order_by("month").values_list("month", flat=True)
    return [Month.of(day) for day in days]


def _drain_month(month: Month, limit: int) -> int:
    if open_month(month):
        logger.info("opened %s", month)
    with transaction.atomic():
        locks.share_months([month])
        marks = Mark.objects.filter(month=month.first_day, onward=False)
        held = _locked(marks).values_list("pk", "branch_id")[:limit]
        held = dict(held)
        # A later statement, so that it sees every change whose mark is held.
        if held and _open_among([month]):
            recount([month], set(held.values()))
        delete_marks(list(held))
    return len(held)


def _spread_onward_marks() -> None:
    """Turn "and every later month" into one mark for each open month there is."""
    while _spread_some():
        pass


def _spread_some() -> int:
    with transaction.atomic():
        # A month that is opening may have read its rows before these changes, and its
        # row cannot be seen yet: wait for it, and let the next one wait.
        locks.share_openings()
        marks = Mark.objects.filter(onward=True)
        held = list(_locked(marks).values_list("pk", "branch_id", "month")[:500])
        if not held:
            return 0
        since = {}
        for _, branch_id, day in held:
            since[branch_id] = min(day, since.get(branch_id, day))
        months = [month.first_day for month in known_months()]
        Mark.objects.bulk_create(
            [
                Mark(branch_id=branch_id, month=month)
                for branch_id, day in since.items()
                for month in months
                if month >= day
            ],
            batch_size=500,
        )
        delete_marks([pk for pk, _, _ in held])
    return len(held)


def _locked(marks):
    return marks.order_by("pk").select_for_update(skip_locked=True)


def delete_marks(pks: list[int]) -> None:
    for part in batches.of(pks):
        chosen = Mark.objects.filter(pk__in=part)
        chosen._raw_delete(chosen.db)  # no relations, no signals: one statement


def _marked_days():
    days = Mark.objects.filter(onward=False).order_by("month")
    return list(days.values_list("month", flat=True).distinct())


def _is_known(month: Month) -> bool:
    return ReportingMonth.objects.filter(month=month.first_day).exists()


def _know(months: list[Month]) -> None:
    """Give *months*, which are about to be counted whole, their rows."""
    today = Month.current()
    new = [month for month in months if month <= today and not _is_known(month)]
    if new:
        locks.hold_openings()
        ReportingMonth.objects.bulk_create(
            [ReportingMonth(month=month.first_day) for month in new],
            ignore_conflicts=True,
        )
        submissions.expect(new)


def _open_among(months: list[Month]) -> list[Month]:
    days = [month.first_day for month in months]
    closed = ReportingMonth.objects.closed().filter(month__in=days)
    closed = set(closed.values_list("month", flat=True))
    return [month for month in months if month.first_day not in closed]


def _with_ancestors(month: Month, branch_ids: set[int]) -> dict[int, list[int]]:
    """Return ``{depth: branch ids}`` of the marked branches and all above them, in the
    tree of *month*."""
    tree = Placement.objects.covering(month)
    marked = tree.filter(branch__in=branch_ids).values_list("path", flat=True)
    paths = {prefix for path in marked for prefix in lineage_of(path)}
    rows = tree.filter(path__in=paths).order_by("depth")
    rows = rows.values_list("depth", "branch_id")
    by_depth = groupby(rows, key=lambda row: row[0])
    return {depth: [branch for _, branch in group] for depth, group in by_depth}


def _waiting_branches(month: Month) -> set[int]:
    here = Mark.objects.filter(month=month.first_day, onward=False)
    onward = Mark.objects.filter(month__lte=month.first_day, onward=True)
    marked = set((here | onward).values_list("branch_id", flat=True))
    above = _with_ancestors(month, marked).values()
    return marked.union(*above)


def _forget(months: list[Month], branch_ids: set[int] | None) -> None:
    days = [month.first_day for month in months]
    for model in (Rollup, RollupKey):
        rows = model.objects.filter(month__in=days)
        if branch_ids is not None:
            rows = rows.filter(branch__in=branch_ids)
        rows._raw_delete(rows.db)


def _count_own(months: list[Month], branch_ids: set[int] | None) -> None:
    """Insert the own values and the keys: one reading for each source."""
    stocks_until = Month.current()
    by_source: dict = {}
    for indicator in registry.all_indicators():
        if indicator.source:
            by_source.setdefault(indicator.source.name, []).append(indicator)
    for indicators in by_source.values():
        source, kind = indicators[0].source, indicators[0].kind
        chosen = months
        if kind is Kind.STOCK:  # what is not over has no state yet
            chosen = [month for month in months if month <= stocks_until]
        for rows in _runs(source, chosen):
            if branch_ids is not None:
                rows = rows.filter(branch_id__in=branch_ids)
            if kind is Kind.DISTINCT:
                for indicator in indicators:
                    sql.insert_keys(rows, indicator)
            else:
                sql.insert_own(rows, indicators)


def _runs(source, months: list[Month]):
    """Yield the source's querysets; the months may have gaps where one is closed."""
    run: list[Month] = []
    for month in months:
        if run and month != run[-1].next():
            yield from source.rows(run)
            run = []
        run.append(month)
    if run:
        yield from source.rows(run)


def _carry_all_up(months: list[Month]) -> None:
    deepest = Placement.objects.aggregate(deepest=Max("depth"))["deepest"] or 0
    for depth in range(deepest - 1, -1, -1):
        sql.carry_up(months, depth, _additive(), None)
    _drop_zeros(Rollup.objects.filter(month__in=[month.first_day for month in months]))


def _carry_up(month: Month, affected: dict[int, list[int]]) -> None:
    """Add up the totals of the *affected* branches, deepest first: each one's own value
    and its children's totals."""
    for depth in sorted(affected, reverse=True):
        parents = affected[depth]
        rows = Rollup.objects.filter(month=month.first_day, branch__in=parents)
        rows = rows.filter(indicator__in=_additive())
        rows.update(total=F("own"))
        sql.carry_up([month], depth, _additive(), parents)
        # A deleted lecture must leave the report of every level above.
        _drop_zeros(rows)


def _additive() -> list[str]:
    return [i.code for i in registry.all_indicators() if i.is_additive]


def _drop_zeros(rows) -> None:
    rows = rows.filter(own=0, total=0)
    rows._raw_delete(rows.db)


def _count_distinct(months: list[Month], branches: list[int] | None) -> None:
    days = [month.first_day for month in months]
    for indicator in registry.all_indicators():
        if indicator.kind is not Kind.DISTINCT:
            continue
        if branches is not None:
            stale = Rollup.objects.filter(
                indicator=indicator.code, month__in=days, branch__in=branches
            )
            stale._raw_delete(stale.db)
        sql.count_distinct(months, indicator, branches)


def _rows_of(month: Month) -> dict:
    rows = Rollup.objects.filter(month=month.first_day).order_by()
    columns = ("indicator", "branch_id", "programme_id", "own", "total")
    return {row[:3]: row[3:] for row in rows.values_list(*columns)}


def _shown(pair) -> str:
    return "nothing" if pair is None else f"own {pair[0]} total {pair[1]}"
