"""How one field of an activity reads: of a record, and of the audit log."""

from collections.abc import Iterable

from activities.models import Activity
from federation.models import Branch, Programme

NOTHING = "（空）"
TOLD = (*Activity.REVIEWED_FIELDS, "review")
EMPTY = ("None", "")


def value_in_words(activity: Activity, name: str) -> str:
    if name == "audience":
        return "、".join(activity.audience_labels()) or NOTHING
    display = getattr(activity, f"get_{name}_display", None)
    value = display() if display else getattr(activity, name)
    if value in (None, ""):
        return NOTHING
    return f"{value:%H:%M}" if name in ("starts_at", "ends_at") else str(value)


def names_in(logged: Iterable[dict]) -> dict:
    """Return ``{field: {key: name}}`` of the branches and programmes in the changes
    that the log has, ``{field: [old, new]}`` each."""
    logged, names = list(logged), {}
    for field, model in (("branch", Branch), ("programme", Programme)):
        pairs = (changes.get(field, []) for changes in logged)
        keys = {int(key) for pair in pairs for key in pair if key.isdigit()}
        rows = model.objects.filter(pk__in=keys).values_list("pk", "name")
        names[field] = {str(pk): name for pk, name in rows} if keys else {}
    return names


def changes_in_words(changes: dict, names: dict) -> list[dict]:
    """Return what the log has of one record as ``{"label", "old", "new"}``, in the
    order of the form; "" for nothing."""
    told = [
        {
            "label": Activity._meta.get_field(name).verbose_name,
            "old": _logged_word(name, changes[name][0], names),
            "new": _logged_word(name, changes[name][1], names),
        }
        for name in TOLD
        if name in changes
    ]
    return [change for change in told if change["old"] or change["new"]]


def _logged_word(name: str, value: str, names: dict) -> str:
    if value in EMPTY:
        return ""
    if name == "audience":
        return "、".join(Activity(audience=value).audience_labels())
    choices = dict(Activity._meta.get_field(name).choices or ())
    return str(names.get(name, choices).get(value, value))
