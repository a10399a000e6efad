"""What the rollups bring to the demo: who reported which month, who was reminded, all
the figures, the closed months, what this year is to bring, and the tables that other
offices ask for."""

from rollups.demo import (
    closing,
    counting,
    reminding,
    reported,
    reporting,
    reports,
    targets,
)

__all__ = [
    "closing",
    "counting",
    "reminding",
    "reported",
    "reporting",
    "reports",
    "targets",
]
