"""Long lists in parts: SQLite takes 32,766 parameters in one statement at most."""

from collections.abc import Iterator, Sequence

BATCH = 500  # rows per statement


def of(rows: Sequence) -> Iterator[Sequence]:
    """Yield *rows* in their order, at most ``BATCH`` at a time."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
