"""What changed between two revisions of a month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from rollups.models import Revision, RevisionRow

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
    figures: dict[int, dict] = {older.pk: {}, newer.pk: {}}
    for pk, key, values in _figures(older, newer):
        figures[pk][key] = values
    before, after = figures[older.pk], figures[newer.pk]
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


def _figures(*revisions: Revision) -> Iterator[tuple[int, tuple, tuple]]:
    columns = ("branch_code", "indicator", "programme", "branch_name", "own", "total")
    rows = RevisionRow.objects.filter(revision__in=revisions)
    rows = rows.order_by("revision", "position").values_list("revision", *columns)
    for pk, code, indicator, programme, *values in rows.iterator(chunk_size=5000):
        yield pk, (code, indicator, programme), tuple(values)


def _values(figures: tuple | None) -> tuple[Decimal, Decimal]:
    return figures[1:] if figures else (ZERO, ZERO)
