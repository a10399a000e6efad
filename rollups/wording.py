"""How figures are written on a page. Files write them bare, from the same objects."""

from __future__ import annotations

from decimal import Decimal

NOTHING = "—"


def shown(figure: Decimal | None) -> str:
    """Return a figure as people read it: ``1,234``, ``26.67``; a dash for none."""
    return NOTHING if figure is None else f"{figure:,}"


def shown_change(change: Decimal | None) -> str:
    """Return a growth with its sign: ``+12.5%``, ``−3.0%``; a dash for none."""
    if change is None:
        return NOTHING
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return f"{sign}{abs(change) * 100:.1f}%"


def grouped_text(number: str | None) -> str:
    """Return a number the database wrote as text the way people read it."""
    return "" if number is None else shown(Decimal(number))
