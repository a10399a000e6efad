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
from rollups.models.target import TARGETED_LEVELS
from rollups.tables.targets import targets_of

__all__ = ["branches_with_targets", "keep", "targets_of"]


def branches_with_targets(user, indicator: str, year: int):
    """Return the district and the towns that *user* may set targets for: those that
    exist, and whoever has one for *year* already."""
    branches = Branch.objects.visible_to(user, "rollups.change_target")
    branches = branches.filter(level__in=TARGETED_LEVELS)
    held = Target.objects.of(indicator, year).values("branch")
    return (branches.active() | branches.filter(pk__in=held)).order_by("path")


@transaction.atomic
def keep(
    indicator: str, year: int, values: dict[Branch, Decimal | None], document: str
) -> int:
    """
    Let the targets of *indicator* in *year* be *values*, by *document*; None takes one
    away. Return how many were changed.

    Raises ValidationError naming the branch, and then nothing is changed.
    """
    held = {
        target.branch_id: target
        for target in Target.objects.of(indicator, year).select_for_update()
    }
    changed = 0
    for branch, value in values.items():
        target = held.get(branch.pk)
        if value is None:
            if target is not None:
                target.delete()
                changed += 1
            continue
        if target is None:
            target = Target(indicator=indicator, year=year, branch=branch)
        if (target.value, target.document_number) == (value, document):
            continue
        target.value, target.document_number = value, document
        _save(target)
        changed += 1
    return changed


def _save(target: Target) -> None:
    try:
        target.full_clean()
    except ValidationError as refusal:
        sentences = "".join(refusal.messages)
        raise ValidationError(f"{target.branch}：{sentences}") from refusal
    target.save()
