"""What the rollups bring to the demo: who reported which month, all the figures,
and the closed months."""

from rollups.demo import closing, counting, reporting

__all__ = ["closing", "counting", "reporting"]
