"""The chart of the years: bars as an SVG without scripts or inline styles."""

from __future__ import annotations

from typing import NamedTuple

from federation.months import Month

HEIGHT, GAP, WIDTH = 120, 16, 44


class Bar(NamedTuple):
    """One bar in the units of the picture."""

    label: str  # 2026 年 6 月底
    year: str
    at: str  # 6 月底
    text: str
    x: int
    y: float
    height: float
    middle: float


def bars(history: list[tuple[Month, object]]) -> list[Bar]:
    """Return the bars of *history*, (month, line) each: as high as the rate is, or
    nothing where it is not shown."""
    found = []
    for place, (month, line) in enumerate(history):
        rate = line.rate
        height = float(rate or 0) * HEIGHT / 100
        x = place * (WIDTH + GAP)
        found.append(
            Bar(
                label=f"{month.label}底",
                year=str(month.year),
                at=f"{month.number} 月底",
                text="—" if rate is None else f"{rate}%",
                x=x,
                y=round(HEIGHT - height, 1),
                height=round(height, 1),
                middle=x + WIDTH / 2,
            )
        )
    return found
