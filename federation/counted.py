"""Counted records: every write leaves a mark, whatever path it took.

A ``CountedModel`` says which buckets (branch, month) a row counts in. Every write
marks the old and the new buckets in its own transaction, holds the months open while
it lasts, and is audited, in bulk too. Celery may be dead: the marks are rows, and the
next drain finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction

from federation import audit, batches, doorbell, locks
from federation.months import SINCE_EVER, UNTIL_EVER, Month


class Bucket(NamedTuple):
    """Where a row counts. *onward*: in every later month too, as a stock does."""

    branch_id: int
    month: date
    onward: bool = False


class CountedQuerySet(models.QuerySet):
    """Marks, locks and audits bulk writes; the model's ``save`` does so for one row."""

    def update(self, **kwargs):
        self._refuse_part("update")
        with transaction.atomic(savepoint=False):
            pks = self._lock_rows()
            before = audit.values_of(self.model, pks, kwargs)
            counts = self.model.moves_figures(kwargs)
            old = self.model.buckets_of_stored(pks) if counts else set()
            enter(self.model, old)
            # An annotation may be what the new value is made of.
            rows = self.order_by() if self.query.annotations else self._all_rows()
            for chosen in batches.of(pks):
                models.QuerySet.update(rows.filter(pk__in=chosen), **kwargs)
            if counts:
                enter(self.model, self.model.buckets_of_stored(pks) - old)
            audit.log_updates(self.model, before, kwargs)
        return len(pks)

    update.alters_data = True

    def delete(self):
        self._refuse_part("delete")
        with transaction.atomic(savepoint=False):
            pks = self._lock_rows()
            enter(self.model, self.model.buckets_of_stored(pks))
            deleted = Counter()
            for chosen in batches.of(pks):
                # Exactly the rows that were marked, none that came meanwhile.
                rows = self._all_rows().filter(pk__in=chosen)
                deleted.update(models.QuerySet.delete(rows)[1])
        return deleted.total(), dict(deleted)

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, objs, **kwargs):
        objs = list(objs)
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            # What was hit, and which rows are new, nobody can tell afterwards.
            raise NotImplementedError("marks and audit need to know what was written")
        with transaction.atomic(savepoint=False):
            known = self.model.buckets_of_rows(objs)
            enter(self.model, known)
            created = super().bulk_create(objs, **kwargs)
            enter(self.model, self.model.buckets_written(created) - known)
            audit.log_creations(created)
        return created

    def bulk_update(self, objs, fields, batch_size=None):
        objs = sorted(objs, key=lambda row: row.pk or 0)  # locked in one order, too
        with transaction.atomic(savepoint=False):
            # Django writes through filter(pk__in=…).update(), which is ours and
            # marks, locks and audits batch by batch.
            return super().bulk_update(
                objs, fields, batch_size=batch_size or batches.BATCH
            )

    bulk_update.alters_data = True

    def _refuse_part(self, verb: str) -> None:
        query = self.query
        if query.is_sliced or query.combinator or query.distinct_fields:
            raise TypeError(f"cannot {verb} a slice, a union or a distinct() on fields")

    def _lock_rows(self) -> list:
        """Lock the rows and return their keys: a bucket read before the lock could
        be one that another writer has just moved away from."""
        plain = self.order_by()
        # In one order, so that two bulk writes wait for each other and never cross;
        # each key once, though a join may bring it several times.
        wanted = sorted(set(plain.values_list("pk", flat=True)))
        found = set()
        for pks in batches.of(wanted):
            # no_key: a mark or photo that refers to the row need not wait for this.
            rows = self._all_rows().filter(pk__in=pks).select_for_update(no_key=True)
            locked = list(rows.order_by("pk").values_list("pk", flat=True))
            # Whoever held the lock may have changed what this queryset asks for.
            found.update(plain.filter(pk__in=locked).values_list("pk", flat=True))
        return sorted(found)

    def _all_rows(self):
        return self.model._base_manager.using(self.db)


class CountedModel(models.Model):
    """A record that counts. Subclasses name ``counted_fields`` and ``buckets``."""

    # Columns that decide the buckets, in the order in which ``buckets`` takes them.
    counted_fields: tuple[str, ...] = ("branch_id", "starts_on")
    # The fields that figures read; a change of others moves none. None: all of them.
    counted_facts: tuple[str, ...] | None = None
    # Dated facts (posts, statistics) may always be entered with their true dates:
    # a closed month keeps its figures and shows the difference as a correction.
    is_dated_fact = False
    # Set on an instance that is only looked over, to be kept as a correction of a
    # month that may be closed. Writing it is refused all the same.
    is_for_correction = False

    objects = CountedQuerySet.as_manager()

    class Meta:
        abstract = True
        # ``branch.activities.add(…)`` writes through the base manager.
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        model = type(self)
        with transaction.atomic(savepoint=False):
            entered = self._buckets_before() | self.buckets_of_rows([self])
            enter(model, entered)
            super().save(*args, **kwargs)
            enter(model, self.buckets_written([self]) - entered)

    def delete(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            enter(type(self), self._buckets_before())
            return super().delete(*args, **kwargs)

    def clean(self):
        super().clean()
        buckets = self._buckets_before() | self.buckets_of_rows([self])
        refuse_impossible(buckets)
        if not (self.is_dated_fact or self.is_for_correction):
            refuse_closed(buckets)

    @classmethod
    def buckets(cls, branch_id, day) -> Iterator[Bucket]:
        """Yield the buckets of a row whose ``counted_fields`` are these."""
        if branch_id is not None and day is not None:
            yield Bucket(branch_id, day.replace(day=1))

    @classmethod
    def moves_figures(cls, fields: Iterable[str]) -> bool:
        """Tell whether a change of *fields* can change a figure."""
        return cls.counted_facts is None or bool(set(fields) & set(cls.counted_facts))

    @classmethod
    def buckets_of_stored(cls, pks: list) -> set[Bucket]:
        """Return the buckets in which the rows *pks* count as the database has them."""
        found = set()
        for chosen in batches.of(pks):
            rows = cls._base_manager.filter(pk__in=chosen).order_by()
            for values in rows.values_list(*cls.counted_fields).distinct():
                found.update(cls.buckets(*values))
        return found

    @classmethod
    def buckets_of_rows(cls, rows) -> set[Bucket]:
        """Return the buckets of instances as they stand in memory, as far as that
        tells them."""
        found = set()
        for row in rows:
            if values := row.counted_values():
                found.update(cls.buckets(*values))
        return found

    @classmethod
    def buckets_written(cls, rows: list) -> set[Bucket]:
        """Return the buckets of instances that have just been written."""
        if all(row.counted_values() for row in rows):
            return cls.buckets_of_rows(rows)
        return cls.buckets_of_stored([row.pk for row in rows])

    def counted_values(self) -> tuple | None:
        """Return the counted fields as the database will have them; None if only the
        database can tell (an ``F()``), or if one of them is no value at all."""
        fields = _counted_columns(type(self))
        values = [getattr(self, field.attname) for field in fields]
        if any(hasattr(value, "resolve_expression") for value in values):
            return None
        try:
            pairs = zip(fields, values, strict=True)
            return tuple(field.to_python(value) for field, value in pairs)
        except ValidationError:
            return None

    def _buckets_before(self) -> set[Bucket]:
        """Return the buckets of the stored row, locked when in a transaction: what
        this instance remembers may be older than another writer's move."""
        if self.pk is None:
            return set()
        # Its usual order may join a row there is not, which PostgreSQL will not lock.
        rows = type(self)._base_manager.filter(pk=self.pk).order_by("pk")
        if transaction.get_connection().in_atomic_block:
            rows = rows.select_for_update(no_key=True)
        values = rows.values_list(*self.counted_fields).first()
        return set(self.buckets(*values)) if values else set()


@cache
def _counted_columns(model) -> list[models.Field]:
    get = model._meta.get_field
    return [model._meta.pk if n == "pk" else get(n) for n in model.counted_fields]


def enter(model, buckets: Iterable[Bucket]) -> None:
    """
    Hold the months of *buckets* open, refuse closed ones, and leave marks.

    Call it inside the transaction of the write. Raises ValidationError with the
    sentence for the reader if a month is closed, or no month of this site's.
    """
    buckets = sorted(set(buckets))
    if not buckets:
        return
    refuse_impossible(buckets)
    if not model.is_dated_fact:
        locks.share_months(Month.of(bucket.month) for bucket in buckets)
        refuse_closed(buckets)
    mark(buckets)


def refuse_impossible(buckets: Iterable[Bucket]) -> None:
    """Raise ValidationError for a date like 0206-03-08: it has no month to count in."""
    if any(not SINCE_EVER <= bucket.month < UNTIL_EVER for bucket in buckets):
        raise ValidationError("日期不在 1900 年至 9999 年之间，请核对年份。")


def refuse_closed(buckets: Iterable[Bucket]) -> None:
    """Raise ValidationError naming the first month among *buckets* that is closed to
    its branch."""
    apps.get_model("federation", "ReportingMonth").objects.refuse_closed_to(buckets)


def mark(buckets: Iterable[Bucket]) -> None:
    """Write marks for *buckets* and ring once when the transaction commits."""
    marks = apps.get_model("federation", "Mark")
    rows = [
        marks(branch_id=b.branch_id, month=b.month, onward=b.onward) for b in buckets
    ]
    if rows:
        marks.objects.bulk_create(rows, batch_size=batches.BATCH)
        _ring_on_commit()


def _ring_on_commit() -> None:
    connection = transaction.get_connection()
    if not any(entry[1] is ring for entry in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Ask Celery to drain."""
    doorbell.ring("rollups.tasks.drain_marks")
