"""Write many rows as one operation, and take the operation back as a whole.

    journal = Journal.objects.create(branch=…, title="换届", made_by=user)
    recorder = Recorder(journal)
    recorder.update(old_posts, ["ended_on", "ending"])
    recorder.create(new_posts)
    …
    undo(journal, user)      # the other way round, unless a record stands on it

All writes go through the models' own managers: marks, locks, audit entries and the
rules of the model are theirs. Call both inside the transaction of the operation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from federation import batches
from federation.alike import insert_alike
from federation.models import Journal, JournalEntry

UNDO_DAYS = 30
Action = JournalEntry.Action


class Recorder:
    """Writes rows and keeps in *journal* what they were before."""

    def __init__(self, journal: Journal):
        self.journal = journal

    def create(self, rows: Iterable[models.Model]) -> list[models.Model]:
        """Insert new *rows* of one model and return them with their keys."""
        rows = list(rows)
        if not rows:
            return []
        model = type(rows[0])
        created = model._default_manager.bulk_create(rows, batch_size=batches.BATCH)
        fields = _columns(model)
        self._note(
            model,
            Action.CREATE,
            [(row.pk, {}, _fingerprint(row, fields)) for row in created],
        )
        return created

    def update(self, rows: Iterable[models.Model], fields: list[str]) -> None:
        """Write *fields* of stored *rows* of one model."""
        rows = list(rows)
        if not rows:
            return
        model = type(rows[0])
        columns = [model._meta.get_field(name) for name in fields]
        before = {}
        for part in batches.of(rows):
            stored = model._default_manager.in_bulk([row.pk for row in part])
            for pk, old in stored.items():
                before[pk] = {f.attname: f.value_to_string(old) for f in columns}
                before[pk] |= {
                    f.attname: None for f in columns if getattr(old, f.attname) is None
                }
        model._default_manager.bulk_update(rows, fields, batch_size=batches.BATCH)
        self._note(
            model,
            Action.UPDATE,
            [(row.pk, before[row.pk], _fingerprint(row, columns)) for row in rows],
        )

    def _note(self, model, action: str, lines: list[tuple]) -> None:
        content_type = ContentType.objects.get_for_model(model)
        entry = JournalEntry(
            journal=self.journal, content_type=content_type, action=action
        )
        insert_alike(entry, ["object_id", "before", "fingerprint"], lines)


@transaction.atomic
def undo(journal: Journal, by) -> None:
    """
    Take back everything *journal* wrote, newest first.

    Raises ValidationError with the sentence for the reader when it is too late, was
    done already, or a row was changed since or is needed by a newer one.
    """
    journal = Journal.objects.select_for_update().get(pk=journal.pk)
    if refusal := why_not(journal):
        raise ValidationError(refusal)
    entries = list(journal.entries.order_by("-pk").select_related("content_type"))
    for (content_type, action), group in groupby(
        entries, key=lambda entry: (entry.content_type, entry.action)
    ):
        _take_back(content_type.model_class(), action, list(group))
    journal.undone_by, journal.undone_at = by, timezone.now()
    journal.save(update_fields=["undone_by", "undone_at"])


def why_not(journal: Journal) -> str:
    """Return why *journal* cannot be undone any more, as far as its own row tells."""
    if journal.undone_at:
        return f"已由{journal.undone_by}在 {journal.undone_at:%Y-%m-%d} 撤销过。"
    if not journal.entries.exists():
        return f"已超过 {UNDO_DAYS} 天，不能整批撤销，请逐条更正。"
    return ""


def forget_old_entries() -> int:
    """Delete what operations older than the undo period wrote down; return how many."""
    limit = timezone.now() - timedelta(days=UNDO_DAYS)
    return JournalEntry.objects.filter(journal__made_at__lt=limit).delete()[0]


def _take_back(model, action: str, entries: list[JournalEntry]) -> None:
    manager = model._default_manager
    for part in batches.of(entries):
        stored = manager.in_bulk([entry.object_id for entry in part])
        for entry in part:
            _refuse_changed(model, action, stored.get(entry.object_id), entry)
        if action == Action.UPDATE:
            _restore(model, stored, part)
            continue
        try:
            with transaction.atomic():  # the refusal below still asks for a name
                manager.filter(pk__in=list(stored)).delete()
        except (ProtectedError, RestrictedError) as error:
            holders = error.args[1] if len(error.args) > 1 else ()
            holder = next(iter(holders), None)
            what = f"“{holder}”" if holder is not None else "别的记录"
            raise ValidationError(
                f"后来登记的{what}以这次操作为依据，不能整批撤销；请逐条更正。"
            ) from None


def _restore(model, stored: dict, entries: list[JournalEntry]) -> None:
    fields = _by_column(model)
    rows = []
    for entry in entries:
        row = stored[entry.object_id]
        for attname, text in entry.before.items():
            field = fields[attname]
            setattr(row, attname, None if text is None else field.to_python(text))
        rows.append(row)
    written = {fields[attname].name for entry in entries for attname in entry.before}
    model._default_manager.bulk_update(rows, sorted(written), batch_size=batches.BATCH)


def _refuse_changed(model, action: str, row, entry: JournalEntry) -> None:
    if row is None:
        raise ValidationError("其中一条记录已不存在，不能整批撤销；请逐条更正。")
    if action == Action.CREATE:
        fields = _columns(model)
    else:
        by_column = _by_column(model)
        fields = [by_column[attname] for attname in entry.before]
    if _fingerprint(row, fields) != entry.fingerprint:
        raise ValidationError(
            f"“{row}”后来又改动过，不能整批撤销；请先改回，或逐条更正。"
        )


def _columns(model) -> list[models.Field]:
    """Return the fields that make a row what it is: no key, and nothing that changes
    by itself, as a password does."""
    ignored = getattr(model, "journal_ignores", ())
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in ignored
    ]


def _by_column(model) -> dict[str, models.Field]:
    return {field.attname: field for field in model._meta.concrete_fields}


def _fingerprint(row, fields: Iterable[models.Field]) -> str:
    """Return a digest of the values: what a row became is no more written down than
    needed to see whether it still is that. PostgreSQL keeps the keys of ``before`` in
    an order of its own, so the fields are put into one here."""
    fields = sorted(fields, key=lambda field: field.attname)
    text = "\x1f".join(
        f"{field.attname}={field.value_to_string(row)}" for field in fields
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
