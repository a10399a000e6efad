"""Counted records: every write leaves a mark, whatever path it took.

A ``CountedModel`` says which buckets (branch, month) a row counts in. Every write
marks the old and the new buckets in its own transaction, holds the months open while
it lasts, and is audited, in bulk too. Celery may be dead: the marks are rows, and the
next drain finds them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from celery import current_app
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction

from federation import audit, locks
from federation.months import SINCE_EVER, Month

logger = logging.getLogger(__name__)

BATCH = 500  # rows per statement; SQLite takes 32,766 parameters at most
BELL_REST = 10  # seconds of silence after the broker failed to answer


class Bucket(NamedTuple):
    """Where a row counts. *onward*: in every later month too, as a stock does."""

    branch_id: int
    month: date
    onward: bool = False


class CountedQuerySet(models.QuerySet):
    """Marks, locks and audits bulk writes; the model's ``save`` does so for one row."""

    def update(self, **kwargs):
        with transaction.atomic(savepoint=False):
            rows = self._rows_about_to_change()
            before = audit.values_of(self.model, rows, kwargs)
            self._touch(rows)
            count = 0
            for pks in _batches(rows):
                chosen = self.model._base_manager.using(self.db).filter(pk__in=pks)
                count += models.QuerySet.update(_plain(chosen), **kwargs)
            self._touch(rows)
            audit.log_updates(self.model, before, kwargs)
        return count

    update.alters_data = True

    def delete(self):
        with transaction.atomic(savepoint=False):
            self._touch(self._rows_about_to_change())
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, objs, **kwargs):
        objs = list(objs)
        if kwargs.get("update_conflicts"):
            # The row that is hit has an old bucket nobody has read. No caller needs it.
            raise NotImplementedError("update_conflicts would lose the old bucket")
        with transaction.atomic(savepoint=False):
            self._enter(self.model.buckets_of_rows(objs, known_only=True))
            created = super().bulk_create(objs, **kwargs)
            self._enter(self.model.buckets_of_rows(created))
            audit.log_creations(created)
        return created

    def bulk_update(self, objs, fields, batch_size=None):
        objs = list(objs)
        with transaction.atomic(savepoint=False):
            # Django writes through filter(pk__in=…).update(), which is ours and
            # marks, locks and audits batch by batch.
            return super().bulk_update(objs, fields, batch_size=batch_size or BATCH)

    bulk_update.alters_data = True

    def _rows_about_to_change(self) -> list:
        """Lock the rows and return their keys: a bucket read before the lock could
        be one that another writer has just moved away from."""
        plain = self.order_by() if not self.query.is_sliced else self
        wanted = list(plain.values_list("pk", flat=True))
        locked = []
        for pks in _batches(wanted):
            rows = self.model._base_manager.using(self.db).filter(pk__in=pks)
            rows = rows.select_for_update().order_by("pk")
            locked += rows.values_list("pk", flat=True)
        if self.query.is_sliced or self.query.combinator:
            return locked
        # Whoever held the lock may have changed what this queryset asks for.
        return [
            pk
            for pks in _batches(locked)
            for pk in plain.filter(pk__in=pks).values_list("pk", flat=True)
        ]

    def _touch(self, pks: list) -> None:
        for chosen in _batches(pks):
            rows = self.model._base_manager.using(self.db).filter(pk__in=chosen)
            self._enter(self.model.buckets_of_stored(rows))

    def _enter(self, buckets: Iterable[Bucket]) -> None:
        enter(self.model, buckets)


class CountedModel(models.Model):
    """A record that counts. Subclasses name ``counted_fields`` and ``buckets``."""

    # Columns that decide the buckets, in the order in which ``buckets`` takes them.
    counted_fields: tuple[str, ...] = ("branch_id", "starts_on")
    # Dated facts (posts, statistics) may always be entered with their true dates:
    # a closed month keeps its figures and shows the difference as a correction.
    is_dated_fact = False

    objects = CountedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def buckets(cls, branch_id, day) -> Iterator[Bucket]:
        """Yield the buckets of a row whose ``counted_fields`` are these."""
        if branch_id is not None and day is not None:
            yield Bucket(branch_id, day.replace(day=1))

    @classmethod
    def buckets_of_stored(cls, rows: models.QuerySet) -> set[Bucket]:
        """Return the buckets in which *rows* count as the database has them."""
        found = rows.order_by().values_list(*cls.counted_fields).distinct()
        return {bucket for values in found for bucket in cls.buckets(*values)}

    @classmethod
    def buckets_of_rows(cls, rows, known_only=False) -> set[Bucket]:
        """Return the buckets of instances as they stand in memory."""
        found = set()
        for row in rows:
            if not (known_only and row.pk is None):
                values = (getattr(row, name) for name in cls.counted_fields)
                found.update(cls.buckets(*values))
        return found

    def clean(self):
        super().clean()
        if not self.is_dated_fact:
            refuse_closed(self._buckets_before() | self.buckets_of_rows([self]))

    def save(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            old = self._buckets_before()
            enter(type(self), old | self.buckets_of_rows([self], known_only=True))
            super().save(*args, **kwargs)
            enter(type(self), self.buckets_of_rows([self]) - old)

    def delete(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            enter(type(self), self._buckets_before())
            return super().delete(*args, **kwargs)

    def _buckets_before(self) -> set[Bucket]:
        """Return the buckets of the stored row, locked when in a transaction: what
        this instance remembers may be older than another writer's move."""
        if self.pk is None:
            return set()
        rows = type(self)._base_manager.filter(pk=self.pk)
        if transaction.get_connection().in_atomic_block:
            rows = rows.select_for_update()
        values = rows.values_list(*self.counted_fields).first()
        return set(self.buckets(*values)) if values else set()


def enter(model, buckets: Iterable[Bucket]) -> None:
    """
    Hold the months of *buckets* open, refuse closed ones, and leave marks.

    Call it inside the transaction of the write. Raises ValidationError with the
    sentence for the reader if a month is closed.
    """
    buckets = sorted(set(buckets))
    if not buckets:
        return
    if not model.is_dated_fact:
        locks.share_months(Month.of(bucket.month) for bucket in buckets)
        refuse_closed(buckets)
    mark(buckets)


def refuse_closed(buckets: Iterable[Bucket]) -> None:
    """Raise ValidationError naming the first closed month among *buckets*."""
    months = {bucket.month for bucket in buckets}
    reporting_months = apps.get_model("federation", "ReportingMonth").objects
    closed = reporting_months.closed().filter(month__in=months).order_by("month")
    if months and (first := closed.select_related("closed_by").first()):
        raise ValidationError(first.refusal, code="month_closed")


def mark(buckets: Iterable[Bucket]) -> None:
    """Write marks for *buckets* and ring once when the transaction commits."""
    marks = apps.get_model("federation", "Mark")
    rows = [
        marks(branch_id=b.branch_id, month=max(b.month, SINCE_EVER), onward=b.onward)
        for b in buckets
    ]
    if rows:
        marks.objects.bulk_create(rows, batch_size=BATCH)
        _ring_on_commit()


def _ring_on_commit() -> None:
    connection = transaction.get_connection()
    if not any(entry[1] is ring for entry in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


_resting_until = 0.0


def ring() -> None:
    """Ask Celery to drain. A dead broker is logged and never shown: beat comes by."""
    global _resting_until
    if time.monotonic() < _resting_until:
        return
    try:
        current_app.send_task("rollups.tasks.drain_marks", retry=False)
    except Exception:
        _resting_until = time.monotonic() + BELL_REST
        logger.warning("broker does not answer; the marks wait for beat", exc_info=True)


def _plain(queryset: models.QuerySet) -> models.QuerySet:
    """Return *queryset* without our ``update``, for the one place that has marked."""
    plain = models.QuerySet(model=queryset.model, using=queryset.db)
    plain.query = queryset.query.chain()
    return plain


def _batches(rows: list) -> Iterator[list]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
