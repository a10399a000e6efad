"""Locks on months, held until the transaction ends.

Two key spaces. The *month lock* is shared by everyone who writes a counted row and
exclusive for whoever closes the month; the *recount lock* serialises recounts of one
month. Order: month locks first, in date order, then recount locks in date order; a
recount never asks for a month lock, so no cycle can form. Between them stands one
lock on the list of months itself: exclusive for whoever opens one, shared by whoever
needs to know them all.

SQLite has one writer at a time (``transaction_mode=IMMEDIATE``): there the write
transaction itself is the lock.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from federation.months import Month

# Arbitrary, but fixed: the first key of PostgreSQL's two-integer advisory locks.
MONTH_SPACE = 370_114_1
RECOUNT_SPACE = 370_114_2
OPENING_SPACE = 370_114_4
CHAIN_SPACE = 370_114_5


def share_months(months: Iterable[Month]) -> None:
    """Keep *months* from being closed until this transaction ends."""
    _lock("pg_advisory_xact_lock_shared", MONTH_SPACE, _keys(months))


def hold_month(month: Month) -> None:
    """Wait for every writer of *month* and keep new ones out."""
    _lock("pg_advisory_xact_lock", MONTH_SPACE, _keys([month]))


def share_openings() -> None:
    """Let no month open until this transaction ends, and wait for one that is opening:
    its row cannot be read yet, and what it counts may be older than now."""
    _lock("pg_advisory_xact_lock_shared", OPENING_SPACE, [0])


def hold_openings() -> None:
    """Be the only one who opens months until this transaction ends."""
    _lock("pg_advisory_xact_lock", OPENING_SPACE, [0])


def hold_chain() -> None:
    """Be the only one who adds to the chain of revisions until this transaction
    ends."""
    _lock("pg_advisory_xact_lock", CHAIN_SPACE, [0])


def hold_recount(months: Iterable[Month]) -> None:
    """Let nobody else recount *months* until this transaction ends."""
    _lock("pg_advisory_xact_lock", RECOUNT_SPACE, _keys(months))


def _keys(months: Iterable[Month]) -> list[int]:
    return sorted({month.ordinal for month in months})


def _lock(function: str, space: int, keys: list[int]) -> None:
    if not keys or connection.vendor != "postgresql":
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("month locks need a transaction")
    with connection.cursor() as cursor:
        # One round trip; the list is read, and so locked, in its order.
        cursor.execute(
            f"SELECT {function}(%s, key) FROM unnest(%s::int[]) AS key",  # noqa: S608
            [space, keys],
        )
