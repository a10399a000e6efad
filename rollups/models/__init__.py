from rollups.models.baseline import Baseline
from rollups.models.correction import Correction, CorrectionStep
from rollups.models.derived import DerivedIndicator
from rollups.models.reminder import Reminder
from rollups.models.report import ReportColumn, ReportTemplate
from rollups.models.reported import ReportedBatch, ReportedIndicator
from rollups.models.reported_figure import ReportedFigure
from rollups.models.revision import Reopening, Revision, RevisionRow
from rollups.models.rollup import Rollup, RollupKey
from rollups.models.submission import Expectation, Submission
from rollups.models.target import Target

__all__ = [
    "Baseline",
    "Correction",
    "CorrectionStep",
    "DerivedIndicator",
    "Expectation",
    "Reminder",
    "Reopening",
    "ReportColumn",
    "ReportTemplate",
    "ReportedBatch",
    "ReportedFigure",
    "ReportedIndicator",
    "Revision",
    "RevisionRow",
    "Rollup",
    "RollupKey",
    "Submission",
    "Target",
]
