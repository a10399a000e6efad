"""Reading the rollups: the wide table for people, the long one for machines, and the
figures both are made of."""

from rollups.tables.coverage import Coverage, read_coverage
from rollups.tables.figures import REST, UNCOUNTED, WHOLE, Figures, read_figures
from rollups.tables.long import LongTable
from rollups.tables.question import CHILDREN, Question
from rollups.tables.wide import WideTable, wide_table

__all__ = [
    "CHILDREN",
    "REST",
    "UNCOUNTED",
    "WHOLE",
    "Coverage",
    "Figures",
    "LongTable",
    "Question",
    "WideTable",
    "read_coverage",
    "read_figures",
    "wide_table",
]
