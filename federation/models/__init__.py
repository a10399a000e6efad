from federation.models.accounts import Grant, OneTimeCode, User
from federation.models.branches import (
    Branch,
    BranchStat,
    Placement,
    Succession,
)
from federation.models.counting import (
    Heartbeat,
    Mark,
    MonthOpening,
    ReportingMonth,
)
from federation.models.imports import ColumnMeaning, ImportRun
from federation.models.journal import Disclosure, Journal, JournalEntry
from federation.models.programmes import Chapter, Programme

__all__ = [
    "Branch",
    "BranchStat",
    "Chapter",
    "ColumnMeaning",
    "Disclosure",
    "Grant",
    "Heartbeat",
    "ImportRun",
    "Journal",
    "JournalEntry",
    "Mark",
    "MonthOpening",
    "OneTimeCode",
    "Placement",
    "Programme",
    "ReportingMonth",
    "Succession",
    "User",
]
