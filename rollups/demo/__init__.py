"""What the rollups bring to the demo: who reported which month, and all the figures."""

from rollups.demo import counting, reporting

__all__ = ["counting", "reporting"]
