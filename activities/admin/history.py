"""The history of one record, from the audit log: form, list, API and review alike."""

from functools import partial

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from activities.models import Activity
from activities.wording import changes_in_words, names_in

ENTRIES = 50


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
    names = names_in(entry.changes_dict for entry in entries)
    told = [
        {
            "when": entry.timestamp,
            "who": entry.actor or "系统",
            "what": "登记" if entry.action == LogEntry.Action.CREATE else "修改",
            "changes": changes_in_words(entry.changes_dict, names),
        }
        for entry in entries
    ]
    return [entry for entry in told if entry["changes"]]
