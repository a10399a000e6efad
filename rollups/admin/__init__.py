"""What the district sets up of the figures, one module for each."""

from rollups.admin import baselines, derived, reported, reports  # noqa: F401
