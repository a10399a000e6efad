"""The history of one record, from the audit log: form, list, API and review alike."""

from functools import partial

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from activities.models import Activity
from federation.models import Branch, Programme

ENTRIES = 50
TOLD = (*Activity.REVIEWED_FIELDS, "review")
NOTHING = ("None", "")


class AuditedHistory:
    """Django's own history knows only what was done in the admin."""

    def history_view(self, request, object_id, extra_context=None):
        # Called by the template, after Django has asked who may see the record.
        entries = partial(entries_of, object_id)
        return super().history_view(
            request, object_id, {**(extra_context or {}), "audit_entries": entries}
        )


def entries_of(pk) -> list[dict]:
    """Return the latest changes of the record *pk*, newest first, in words."""
    found = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Activity), object_id=pk
    ).select_related("actor")
    entries = list(found.order_by("-timestamp", "-pk")[:ENTRIES])
    names = _names_of(entries)
    told = [
        {
            "when": entry.timestamp,
            "who": entry.actor or "系统",
            "what": "登记" if entry.action == LogEntry.Action.CREATE else "修改",
            "changes": _in_words(entry.changes_dict, names),
        }
        for entry in entries
    ]
    return [entry for entry in told if entry["changes"]]


def _names_of(entries) -> dict:
    """Return ``{field: {key: name}}`` of the branches and programmes in *entries*."""
    names = {}
    for field, model in (("branch", Branch), ("programme", Programme)):
        changes = (entry.changes_dict.get(field, []) for entry in entries)
        keys = {int(key) for change in changes for key in change if key.isdigit()}
        rows = model.objects.filter(pk__in=keys).values_list("pk", "name")
        names[field] = {str(pk): name for pk, name in rows}
    return names


def _in_words(changes: dict, names: dict) -> list[dict]:
    told = [
        {
            "label": Activity._meta.get_field(name).verbose_name,
            "old": _word(name, changes[name][0], names),
            "new": _word(name, changes[name][1], names),
        }
        for name in TOLD
        if name in changes
    ]
    return [change for change in told if change["old"] or change["new"]]


def _word(name: str, value: str, names: dict) -> str:
    if value in NOTHING:
        return ""
    if name == "audience":
        return "、".join(Activity(audience=value).audience_labels())
    choices = dict(Activity._meta.get_field(name).choices or ())
    return str(names.get(name, choices).get(value, value))
