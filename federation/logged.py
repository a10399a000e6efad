"""Bulk writes of records that do not count, in the audit log like single ones."""

from django.db import models, transaction

from federation import audit


class LoggedQuerySet(models.QuerySet):
    """Enters ``update()``, ``bulk_update()`` and ``bulk_create()`` in the audit log,
    one entry per row. Deleting sends signals, which the log hears by itself.

    ``CountedQuerySet`` does the same for records that count.
    """

    def update(self, **kwargs):
        with transaction.atomic(savepoint=False):
            pks = list(self.order_by().values_list("pk", flat=True))
            before = audit.values_of(self.model, pks, kwargs)
            count = super().update(**kwargs)
            audit.log_updates(self.model, before, kwargs)
        return count

    update.alters_data = True

    def bulk_create(self, objs, **kwargs):
        with transaction.atomic(savepoint=False):
            created = super().bulk_create(objs, **kwargs)
            audit.log_creations([row for row in created if row.pk is not None])
        return created
