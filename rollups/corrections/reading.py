"""How many corrections there are, and who has to do something with them."""

from __future__ import annotations

from django.db.models import Count, Q

from federation.months import Month
from federation.paths import codes_of
from federation.scope import granted_paths
from rollups.corrections.acts import ADD, REVIEW, VIEW
from rollups.models import Correction

State = Correction.State


def of_month(user, month: Month) -> dict[str, int]:
    """Return how many corrections of *month*, of those *user* may see, are in review,
    approved, entered, and entered but in no revision yet; *waiting* are all that are
    to be done something with."""
    found = Correction.objects.visible_to(user, VIEW).of_month(month).order_by()
    return found.aggregate(
        waiting=_number(state__in=Correction.WAITING),
        in_review=_number(state__in=Correction.IN_REVIEW),
        approved=_number(state=State.APPROVED),
        entered=_number(state=State.ENTERED),
        unclosed=_number(state=State.ENTERED, revision=None),
    )


def to_do(user) -> dict[str, int] | None:
    """
    Return what *user* has to do with corrections, for her first page; None for whoever
    only reads.

    returned   her own that came back
    own        her own that wait for others
    street     what she may decide for the street
    district   what she may decide for the district
    approved   what waits for the district to open its month, if that is she
    """
    if not user.has_perm(ADD):
        return None
    found = Correction.objects.visible_to(user, VIEW).waiting().order_by()
    others = ~Q(author=user) & Q(
        pk__in=Correction.objects.visible_to(user, REVIEW).waiting().values("pk")
    )
    # The root alone has a path of one code.
    paths = granted_paths(user, REVIEW)
    is_district = any(len(codes_of(path)) == 1 for path in paths)
    none = Q(pk=None)
    return found.aggregate(
        returned=_number(author=user, state=State.RETURNED),
        own=Count("pk", filter=Q(author=user) & ~Q(state=State.RETURNED)),
        street=Count("pk", filter=others & Q(state=State.STREET)),
        district=Count(
            "pk",
            filter=others & Q(state=State.DISTRICT) & ~Q(street_by=user)
            if is_district
            else none,
        ),
        approved=Count("pk", filter=Q(state=State.APPROVED) if is_district else none),
    )


def _number(**lookups) -> Count:
    return Count("pk", filter=Q(**lookups))
