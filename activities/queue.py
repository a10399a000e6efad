"""The reviewer's queue: what has waited longest comes first, one after the other."""

from __future__ import annotations

from django.db.models import Q

from activities.models import ReviewRound
from activities.to_do import awaiting_decision_of


def rounds_for(user):
    """Return the rounds that wait for *user*'s decision, the oldest first."""
    waiting = awaiting_decision_of(user).order_by().values("pk")
    rounds = ReviewRound.objects.pending().filter(activity__in=waiting)
    return rounds.select_related(
        "author__branch",
        "activity__branch__parent",
        "activity__programme",
        "activity__recorded_by__branch",
    ).order_by("submitted_at", "pk")


def next_in(rounds, after: int | None = None) -> ReviewRound | None:
    """Return the first of *rounds*; with *after*, the key of an activity that was
    decided or put aside, the first of those that came in later than it."""
    if after is None:
        return rounds.first()
    left = (
        ReviewRound.objects.filter(activity=after)
        .order_by("-number")
        .values_list("submitted_at", "pk")
        .first()
    )
    if left is None:
        return rounds.first()
    later = Q(submitted_at__gt=left[0]) | Q(submitted_at=left[0], pk__gt=left[1])
    return rounds.filter(later).first()
