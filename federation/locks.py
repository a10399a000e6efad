"""Locks on months, held until the transaction ends.

Two key spaces. The *month lock* is shared by everyone who writes a counted row and
exclusive for whoever closes the month; the *recount lock* serialises recounts of one
month. Order: month locks first, in date order, then recount locks in date order; a
recount never asks for a month lock, so no cycle can form.

SQLite has one writer at a time (``transaction_mode=IMMEDIATE``): there the write
transaction itself is the lock.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from federation.months import Month

# Arbitrary, but fixed: the first key of PostgreSQL's two-integer advisory locks.
MONTH_SPACE = 370_114_1
RECOUNT_SPACE = 370_114_2


def share_months(months: Iterable[Month]) -> None:
    """Keep *months* from being closed until this transaction ends."""
    _lock("pg_advisory_xact_lock_shared", MONTH_SPACE, months)


def hold_month(month: Month) -> None:
    """Wait for every writer of *month* and keep new ones out."""
    _lock("pg_advisory_xact_lock", MONTH_SPACE, [month])


def hold_recount(months: Iterable[Month]) -> None:
    """Let nobody else recount *months* until this transaction ends."""
    _lock("pg_advisory_xact_lock", RECOUNT_SPACE, months)


def _lock(function: str, space: int, months: Iterable[Month]) -> None:
    keys = sorted({month.ordinal for month in months})
    if not keys or connection.vendor != "postgresql":
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("month locks need a transaction")
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(f"SELECT {function}(%s, %s)", [space, key])
