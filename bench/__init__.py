"""Figures of this site, each a ratio of two things measured in one run."""
