"""How one field of an activity reads."""

from activities.models import Activity

NOTHING = "（空）"


def value_in_words(activity: Activity, name: str) -> str:
    if name == "audience":
        return "、".join(activity.audience_labels()) or NOTHING
    display = getattr(activity, f"get_{name}_display", None)
    value = display() if display else getattr(activity, name)
    if value in (None, ""):
        return NOTHING
    return f"{value:%H:%M}" if name in ("starts_at", "ends_at") else str(value)
