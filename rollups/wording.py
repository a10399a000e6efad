"""How figures are written on a page. Files write them bare, from the same objects."""

from __future__ import annotations

from decimal import Decimal

from rollups.tables.figures import Figure

NOTHING = "—"


def shown(figure: Figure) -> str:
    """Return a figure as people read it: ``1,234``, ``26.67``; a dash for none, 未统计
    for one that nobody counted."""
    return NOTHING if figure is None else f"{figure:,}"


def shown_change(change: Decimal | None) -> str:
    """Return a growth with its sign: ``+12.5%``, ``−3.0%``; a dash for none."""
    if change is None:
        return NOTHING
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return f"{sign}{abs(change) * 100:.1f}%"


def shown_share(share: Figure) -> str:
    """Return a share of a target: ``87.5%``; nothing where there is no target."""
    if share is None:
        return ""
    return f"{share * 100:.1f}%" if isinstance(share, Decimal) else shown(share)


def grouped_text(number: str | None) -> str:
    """Return a number the database wrote as text the way people read it."""
    return "" if number is None else shown(Decimal(number))
