"""What the district sets up of the figures: its own tables."""

from rollups.admin import reports  # noqa: F401  it registers its pages
