"""What the district defines without code; a change counts the open months anew."""

from __future__ import annotations

from django.db import models, transaction

from federation.counted import Bucket, mark
from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.months import SINCE_EVER


def count_anew() -> None:
    """Mark every branch in every open month. The marks are rows of the transaction that
    writes the definition: with no worker alive they wait, and none is lost."""
    branches = Branch.objects.order_by("path").values_list("pk", flat=True)
    mark([Bucket(pk, SINCE_EVER, onward=True) for pk in branches])


class DefinitionQuerySet(LoggedQuerySet):
    """Counts anew after bulk writes, too."""

    def update(self, **kwargs):
        with transaction.atomic(savepoint=False):
            count = super().update(**kwargs)
            count_anew()
        return count

    update.alters_data = True

    def bulk_create(self, objs, **kwargs):
        with transaction.atomic(savepoint=False):
            created = super().bulk_create(objs, **kwargs)
            count_anew()
        return created

    def delete(self):
        with transaction.atomic(savepoint=False):
            deleted = super().delete()
            count_anew()
        return deleted

    delete.alters_data = True
    delete.queryset_only = True


class Definition(models.Model):
    """A row that says what is counted. ``counted_facts`` are the fields that do."""

    counted_facts: tuple[str, ...] = ()

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            changes = self.changed_facts()
            super().save(*args, **kwargs)
            if changes:
                count_anew()

    def delete(self, *args, **kwargs):
        with transaction.atomic(savepoint=False):
            deleted = super().delete(*args, **kwargs)
            count_anew()
        return deleted

    def changed_facts(self) -> set[str]:
        """Return which counted facts differ from the stored row; all of a new one."""
        stored = self.stored()
        if stored is None:
            return set(self.counted_facts)
        return {
            name
            for name in self.counted_facts
            if getattr(stored, name) != getattr(self, name)
        }

    def stored(self):
        """Return the row as the database has it; None if it is new."""
        if self.pk is None:
            return None
        return type(self)._base_manager.filter(pk=self.pk).first()
