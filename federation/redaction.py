"""No phone number in the audit log, whatever path an entry takes there.

Fields that hold one are masked where their model is registered. A number may also
stand in a title, a note or the text of a proposal: those are caught here, on the way
in, for single writes by the signal and for bulk writes by ``federation.audit``.
"""

import json
import re

from auditlog.models import LogEntry
from django.db.models.signals import pre_save
from django.dispatch import receiver

MASK = "***"
HIDDEN = "（手机号）"

# 138 1234 5678, 138-1234-5678, +86 138…, and full-width digits, which are \d as well.
_PHONE = re.compile(
    r"(?:(?:\+|00)86[\s\-]?|(?<!\d))[1１][3-9３-９]\d(?:[\s\-－]?\d{4}){2}(?!\d)"
)


def masked(value: str) -> str:
    """Return what the log says of a masked value: that it was there, nothing else."""
    return value if value in ("", "None") else MASK


def without_phones(text: str) -> str:
    return _PHONE.sub(HIDDEN, text)


def redact(entry: LogEntry) -> LogEntry:
    """Take phone numbers out of everything *entry* says, in place."""
    entry.object_repr = without_phones(entry.object_repr)
    entry.changes = _redacted(entry.changes)
    entry.additional_data = _redacted(entry.additional_data)
    entry.serialized_data = _redacted(entry.serialized_data)
    return entry


def redacted_changes(changes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return *changes*, ``{field: [old, new]}``, without phone numbers."""
    text = "\n" + "\n".join(map("\n".join, changes.values()))
    # One look tells of nearly all entries that there is nothing to take out; text that
    # is JSON hides digits behind its escapes and gets the whole treatment.
    if "\n{" in text or "\n[" in text or _PHONE.search(text):
        return _redacted(changes)
    return changes


@receiver(pre_save, sender=LogEntry)
def redact_single_entry(sender, instance, **kwargs):
    redact(instance)


def _redacted(value):
    if isinstance(value, str):
        return without_phones(_readable(value))
    if isinstance(value, dict):
        return {name: _redacted(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(part) for part in value]
    return value


def _readable(text: str) -> str:
    """Return *text*, if it is JSON, with its letters as they are: after \\u53f7 the
    digits of a number could not be told from those of the letter."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text
