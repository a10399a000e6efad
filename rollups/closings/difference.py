"""What changed between two revisions of a month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rollups.models import Revision

ZERO = Decimal(0)


class Change(NamedTuple):
    """One figure that is not what it was; a figure that is missing was or is 0."""

    branch_code: str
    branch_name: str
    indicator: str
    programme: str
    before: tuple[Decimal, Decimal]  # own, total
    after: tuple[Decimal, Decimal]


def difference(older: Revision, newer: Revision) -> list[Change]:
    """Return the figures that differ, in the order of the newer tree; what only the
    older one has comes last."""
    before, after = dict(_figures(older)), dict(_figures(newer))
    keys = [*after, *(key for key in before if key not in after)]
    return [
        Change(
            code,
            (after.get(key) or before[key])[0],
            indicator,
            programme,
            _values(before.get(key)),
            _values(after.get(key)),
        )
        for key in keys
        if _values(before.get(key)) != _values(after.get(key))
        for code, indicator, programme in [key]
    ]


def _figures(revision: Revision) -> Iterator[tuple[tuple, tuple]]:
    columns = ("branch_code", "indicator", "programme", "branch_name", "own", "total")
    rows = revision.rows.order_by("position").values_list(*columns)
    for code, indicator, programme, *values in rows.iterator(chunk_size=5000):
        yield (code, indicator, programme), tuple(values)


def _values(figures: tuple | None) -> tuple[Decimal, Decimal]:
    return figures[1:] if figures else (ZERO, ZERO)
