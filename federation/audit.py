"""Audit entries for bulk writes, which send no signals.

django-auditlog hears ``save`` and ``delete`` by itself; ``update()`` and
``bulk_create()`` are entered here, one entry per row, in bulk. Masked and excluded
fields follow the model's registration, so a phone number reaches no log.
"""

from __future__ import annotations

from auditlog.cid import get_cid
from auditlog.context import auditlog_disabled, auditlog_value
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import pre_save

from federation import batches
from federation.alike import insert_alike
from federation.redaction import masked, redacted_changes


def values_of(model, pks: list, fields) -> dict:
    """Return ``{pk: {field: value}}`` as stored, for the logged ones of *fields*."""
    names = _logged(model, fields)
    if not names:
        return {}
    found = {}
    for chosen in batches.of(pks):
        rows = model._base_manager.filter(pk__in=chosen)
        found |= {row.pop("pk"): row for row in rows.values("pk", *names)}
    return found


def log_updates(model, before: dict, fields) -> None:
    """Write one entry for each row of *before* that differs from what is stored now."""
    after = values_of(model, list(before), fields)
    changes = {
        pk: {
            _field_name(model, name): [
                _text(model, name, old[name]),
                _text(model, name, after[pk][name]),
            ]
            for name in old
            if old[name] != after[pk][name]
        }
        for pk, old in before.items()
        if pk in after
    }
    _write(model, LogEntry.Action.UPDATE, {pk: c for pk, c in changes.items() if c})


def log_creations(rows: list[models.Model]) -> None:
    """Write one entry for each of the new *rows*."""
    if not rows or _is_silent(model := type(rows[0])):
        return
    attnames = _logged(model, [field.attname for field in model._meta.concrete_fields])
    hidden = auditlog.get_model_fields(model)["mask_fields"]
    columns = [
        (attname, name := _field_name(model, attname), name in hidden)
        for attname in attnames
    ]
    changes = {}
    for row in rows:
        changes[row.pk] = change = {}
        for attname, name, is_hidden in columns:
            text = str(getattr(row, attname))
            if text != "None":
                change[name] = ["None", masked(text) if is_hidden else text]
    _write(model, LogEntry.Action.CREATE, changes)


def _write(model, action: int, changes: dict) -> None:
    if not changes or _is_silent(model):
        return
    content_type = ContentType.objects.get_for_model(model)
    actor, address = _actor()
    label = str(model._meta.verbose_name)
    entry = LogEntry(
        content_type=content_type,
        action=action,
        actor_id=actor,
        remote_addr=address,
        cid=get_cid(),
    )
    insert_alike(
        entry,
        ["object_pk", "object_id", "object_repr", "changes"],
        [
            (
                str(pk),
                pk if isinstance(pk, int) else None,
                f"{label} {pk}",
                redacted_changes(change),
            )
            for pk, change in changes.items()
        ],
    )


def _actor():
    """Return (user id, address) that auditlog's middleware noted for this request."""
    try:
        noted = auditlog_value.get()
    except LookupError:
        return None, None
    # The note outlives its request; the receiver it connected does not.
    if not any(key[0] == noted.get("signal_duid") for key, *_ in pre_save.receivers):
        return None, None
    return getattr(noted.get("actor"), "pk", None), noted.get("remote_addr")


def _is_silent(model) -> bool:
    return auditlog_disabled.get() or not auditlog.contains(model)


def _logged(model, names) -> list[str]:
    if _is_silent(model):
        return []
    options = auditlog.get_model_fields(model)
    fields = [f for f in model._meta.concrete_fields if f.name != "id"]
    if options["include_fields"]:
        fields = [f for f in fields if f.name in options["include_fields"]]
    return [
        field.attname
        for field in fields
        if {field.name, field.attname} & set(names)
        and field.name not in options["exclude_fields"]
    ]


def _field_name(model, attname: str) -> str:
    return model._meta.get_field(attname).name


def _text(model, attname: str, value) -> str:
    text = str(value)
    hidden = auditlog.get_model_fields(model)["mask_fields"]
    return masked(text) if _field_name(model, attname) in hidden else text
