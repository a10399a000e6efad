"""What the rollups bring to the demo: who reported which month, who was reminded, all
the figures, the closed months, and what this year is to bring."""

from rollups.demo import closing, counting, reminding, reporting, targets

__all__ = ["closing", "counting", "reminding", "reporting", "targets"]
