from rollups.models.revision import Reopening, Revision, RevisionRow
from rollups.models.rollup import Rollup, RollupKey

__all__ = ["Reopening", "Revision", "RevisionRow", "Rollup", "RollupKey"]
