"""Plates (门牌): the sheet to print them on, and what a plate says to whoever scans it.

The page behind a plate says that it is genuine, the level, the village and the date:
nothing of the family, and nothing that would tell one household from another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import segno

from families.models import Plate
from families.models.recognition import TOKEN_ALPHABET, TOKEN_LENGTH

PLATES_A_PAGE = 8  # of A4: two columns of four
PAGES_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Sign:
    """What everybody may know of a plate. *ended_on*: since when it holds no more."""

    level: str
    village: str
    granted_on: date
    ended_on: date | None

    @property
    def is_valid(self) -> bool:
        return self.ended_on is None


def is_token(text: str) -> bool:
    return len(text) == TOKEN_LENGTH and set(text) <= set(TOKEN_ALPHABET)


def sign_of(token: str, today: date) -> Sign | None:
    """Return what the plate *token* says on *today*; None if there is no such plate."""
    if not is_token(token):
        return None
    plates = Plate.objects.select_related(
        "recognition__branch", "recognition__household"
    )
    plate = plates.filter(token=token).first()
    if plate is None or plate.recognition.granted_on is None:
        return None
    row = plate.recognition
    return Sign(
        level="示范户" if row.household else "示范村",
        village=row.branch.short_name,
        granted_on=row.recognised_on,
        ended_on=ended_on(row, today),
    )


def ended_on(recognition, today: date) -> date | None:
    """Return since when *recognition* holds no more; None while it holds. A household
    that left holds none from its day on, a closed village from the day after."""
    household, closed_on = recognition.household, recognition.branch.closed_on
    ends = [
        recognition.revoked_on,
        household.left_on if household else None,
        closed_on and closed_on + timedelta(days=1),
    ]
    past = [day for day in ends if day is not None and day <= today]
    return min(past, default=None)


def qr_of(address: str) -> str:
    """Return the QR code of *address* as an address of an SVG image."""
    return segno.make(address, error="q", micro=False).svg_data_uri(scale=4, border=2)
