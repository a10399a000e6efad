"""The activities of the demo: what the review prints, everyday life, and its snags."""

from activities.demo import late, photos, seeding

__all__ = ["late", "photos", "seeding"]
