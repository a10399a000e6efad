"""The activities of the demo: what the review prints, everyday life, and its snags."""

from activities.demo import corrections, late, photos, seeding

__all__ = ["corrections", "late", "photos", "seeding"]
