"""Whose entry it is, and in whose place somebody decides: nobody decides her own."""

from __future__ import annotations

from activities.models import Activity, ReviewRound
from federation.scope import only_stands_in_for, principals_of, reach_of

REVIEW = "activities.review_activity"
CHANGE = "activities.change_activity"
ADD = "activities.add_activity"
DELETE = "activities.delete_activity"


def is_own(user, activity: Activity) -> bool:
    """Tell whether *activity* is *user*'s own entry: she submitted what waits, or she
    typed what was never approved. A deputy's own is also that of whom she stands in
    for: nobody lets her own entry pass through another."""
    authors = _authors_of(activity)
    path = activity.branch.path
    return user.pk in authors or only_stands_in_for(user, REVIEW, path, authors)


def _authors_of(activity: Activity) -> set[int]:
    pending = pending_of(activity)
    authors = {pending.author_id if pending else activity.recorded_by_id}
    if activity.approved_at is None:
        authors.add(activity.recorded_by_id)
    return authors - {None}


def principal_in(pending: ReviewRound, user) -> int | None:
    """Return the account in whose place *user* decides *pending*; None in her own."""
    activity = pending.activity
    principals = principals_of(user, REVIEW, activity.branch.path)
    if not principals:
        return None
    return min(principals - _authors_of(activity), default=None)


def why_another(user, stored: Activity) -> str:
    """Say why *user* is not the one to decide her own."""
    if user.pk in _authors_of(stored):
        return "自己提交的活动要由另一位审核员审核。"
    return "您代的审核员自己提交的活动，要由另一位审核员审核。"


def is_above(user, branch) -> bool:
    """Tell whether *user* enters for *branch* from above (代填): none of her grants is
    at the branch itself."""
    return branch.path not in {path for path, _ in reach_of(user, ADD)}


def pending_of(activity: Activity) -> ReviewRound | None:
    """Return the round of *activity* that waits for a decision."""
    # The constraint lets one wait at most; the model's order would join activities.
    return activity.rounds.pending().order_by().first() if activity.pk else None
