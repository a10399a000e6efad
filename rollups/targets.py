"""The targets of a year: read for the tables, and written by the district.

``targets_of(["activities.sessions"], 2026, [street.pk])`` →
``{("activities.sessions", street.pk): Decimal("120")}``
"""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from federation.models import Branch
from rollups.models import Target
from rollups.tables.targets import targets_of

__all__ = ["keep", "targets_of"]


@transaction.atomic
def keep(
    indicator: str, year: int, values: dict[Branch, Decimal | None], document: str
) -> int:
    """
    Let the targets of *indicator* in *year* be *values*; None takes one away. Those
    that change are by *document*; if none does, all are. Return how many were written.

    Raises ValidationError naming the branch, and then nothing is changed.
    """
    held = {
        target.branch_id: target
        for target in Target.objects.of(indicator, year).select_for_update()
    }
    before = {pk: target.value for pk, target in held.items()}
    other = [one for one, value in values.items() if before.get(one.pk) != value]
    # The same numbers by another document: it was the document that was wrong.
    chosen = other or [
        branch
        for branch in values
        if branch.pk in held and held[branch.pk].document_number != document
    ]
    for branch in chosen:
        target = held.get(branch.pk)
        if values[branch] is None:
            target.delete()
            continue
        target = target or Target(indicator=indicator, year=year, branch=branch)
        target.value, target.document_number = values[branch], document
        _save(target)
    return len(chosen)


def _save(target: Target) -> None:
    try:
        target.full_clean()
    except ValidationError as refusal:
        sentences = "".join(refusal.messages)
        raise ValidationError(f"{target.branch}：{sentences}") from refusal
    target.save()
