"""The activities of the demo: what the review prints, everyday life, and its snags."""

from activities.demo import photos, seeding

__all__ = ["photos", "seeding"]
