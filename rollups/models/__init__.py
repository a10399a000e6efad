from rollups.models.correction import Correction, CorrectionStep
from rollups.models.reminder import Reminder
from rollups.models.report import ReportColumn, ReportTemplate
from rollups.models.revision import Reopening, Revision, RevisionRow
from rollups.models.rollup import Rollup, RollupKey
from rollups.models.submission import Expectation, Submission
from rollups.models.target import Target

__all__ = [
    "Correction",
    "CorrectionStep",
    "Expectation",
    "Reminder",
    "Reopening",
    "ReportColumn",
    "ReportTemplate",
    "Revision",
    "RevisionRow",
    "Rollup",
    "RollupKey",
    "Submission",
    "Target",
]
