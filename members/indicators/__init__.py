"""What the register counts, at month end or by month. The register's own pages give
the same for any date (``members.structure``)."""

from members.indicators import committees, honours, posts  # noqa: F401
