"""The structure of committees (结构分析): who sits in those of some branches on any
date, counted by age, education and the rest, and one date beside another. It equals
a recount from the register; there is no request in it."""

from members.structure.comparing import Comparison, of_branch, of_election
from members.structure.counting import counts_on, totals_on
from members.structure.lines import GROUPS, Line
from members.structure.workbook import write_workbook

__all__ = [
    "GROUPS",
    "Comparison",
    "Line",
    "counts_on",
    "of_branch",
    "of_election",
    "totals_on",
    "write_workbook",
]
