"""The month as the branches report it (报送): expected, reported, returned.

The rows of ``Submission`` are the expected list. What a branch says is one of these
acts; what its records say arrives with the recount of the marks, so neither a dead
worker nor an approval in the same second can lose it:

confirm(submission, by, seen)         # 已报: what the site counted, as she saw it
report_zero(submission, by)           # 零报告
fill(submission, by, answers, seen)   # the reported figures it is asked for
send_back(submission, by, reason)     # 退回
settle(months, branch_ids)            # the engine's, after every recount
"""

from rollups.submissions.acts import confirm, report_zero, send_back
from rollups.submissions.deadlines import due_of, set_deadline, usual_deadline
from rollups.submissions.expecting import (
    as_expected,
    change_expectation,
    expect,
    is_frozen,
    join,
    leave,
)
from rollups.submissions.filling import Answer, AnswersError, Asked, asked_of, fill
from rollups.submissions.reporting import Figures, Item, Reporting, register
from rollups.submissions.settling import settle

__all__ = [
    "Answer",
    "AnswersError",
    "Asked",
    "Figures",
    "Item",
    "Reporting",
    "as_expected",
    "asked_of",
    "change_expectation",
    "confirm",
    "due_of",
    "expect",
    "fill",
    "is_frozen",
    "join",
    "leave",
    "register",
    "report_zero",
    "send_back",
    "set_deadline",
    "settle",
    "usual_deadline",
]
