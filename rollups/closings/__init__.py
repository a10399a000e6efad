"""The end of a month: closed into a numbered revision, proved, opened again.

revision = close(month, by)              # one transaction, under the month's lock
reopen(month, by, reason=…)
faults = verify(heads=["2026-10/1:…"])   # hashes, lines, totals, chain
"""

from rollups.closings.closing import close, close_expired, reopen
from rollups.closings.difference import Change, difference
from rollups.closings.verifying import Fault, chain_head, verify

__all__ = [
    "Change",
    "Fault",
    "chain_head",
    "close",
    "close_expired",
    "difference",
    "reopen",
    "verify",
]
