"""Tables designed without programming (报表): their periods, their figures, and how
they are written on a page, on paper, in files and for programs.

report = fill(template, columns, period, branch, paths)
"""

from rollups.reports.filling import Head, Report, Row, fill
from rollups.reports.periods import Period, offered, parse, usual
from rollups.reports.proof import MonthState, Proof

__all__ = [
    "Head",
    "MonthState",
    "Period",
    "Proof",
    "Report",
    "Row",
    "fill",
    "offered",
    "parse",
    "usual",
]
