"""The targets of a year, for the columns beside the figures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rollups.models import Target
from rollups.tables.figures import tidy


def targets_of(
    codes: Iterable[str], year: int, branch_ids: Iterable[int]
) -> dict[tuple[str, int], Decimal]:
    """Return ``{(indicator code, branch id): target}`` of *year*, by one query; what
    has no target is missing."""
    found = Target.objects.filter(
        indicator__in=list(codes), year=year, branch__in=list(branch_ids)
    ).order_by()
    rows = found.values_list("indicator", "branch_id", "value")
    return {(code, branch_id): tidy(value) for code, branch_id, value in rows}
