"""Late and wrong records of closed months (补录／更正): kept with a reason, approved by
the street and by the district, entered when the month is opened again.

This knows no kind of record. An app declares in its ``corrections.py``, found like the
indicators, how its records are told, entered and traced:

keep(proposal, by, reason=…, token=…)     # nothing that was typed is lost
approve, send_back, decline, withdraw     # (correction, by, …)
enter_waiting(month)                      # the closings', when a month is opened
"""

from rollups.corrections.acts import (
    ADD,
    approve,
    decline,
    keep,
    may_decide,
    send_back,
    why_not_decide,
    withdraw,
)
from rollups.corrections.entering import enter, enter_waiting
from rollups.corrections.handlers import (
    Difference,
    Handler,
    Proposal,
    closed_month,
    handler_of,
    register,
)

__all__ = [
    "ADD",
    "Difference",
    "Handler",
    "Proposal",
    "approve",
    "closed_month",
    "decline",
    "enter",
    "enter_waiting",
    "handler_of",
    "keep",
    "may_decide",
    "register",
    "send_back",
    "why_not_decide",
    "withdraw",
]
