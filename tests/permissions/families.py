"""The world's households, and what is asked and sent on the pages of 出彩人家."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from families import inspections, standards
from families.models import Batch, Household, Recognition
from federation.months import local_today
from tests.factories import (
    BatchFactory,
    HouseholdFactory,
    InspectionFactory,
    InspectionPhotoFactory,
    PlateFactory,
    RecognitionFactory,
)

if TYPE_CHECKING:
    from tests.permissions.world import World


def place_of(world: World, variant: str):
    return world.places[variant.partition("-")[0]]


def of_place(world, variant) -> dict:
    return {"branch": place_of(world, variant).pk}


def _act_of(variant: str) -> tuple[str, str]:
    """Return the stage in which the batch's rows stand, and the act that is next."""
    if variant.endswith("-published"):
        return "published", "grant"
    return "applied", "assess"


def of_stage(world, variant) -> dict:
    return of_place(world, variant) | {"stage": _act_of(variant)[0]}


def to_advance(world, variant) -> dict:
    return of_place(world, variant) | {"act": _act_of(variant)[1]}


def advanced(world, variant) -> dict:
    return to_advance(world, variant) | {"on": local_today().isoformat()}


def ticked(world, variant) -> dict:
    batch = world.row(Batch, variant)
    rows = Recognition.objects.filter(batch=batch, stage=_act_of(variant)[0])
    chosen = {"rows": [row.pk for row in rows]}
    return of_stage(world, variant) | advanced(world, variant) | chosen


def applied(world, variant) -> dict:
    free = world.row(Household, f"{variant}-free")
    on = local_today().isoformat()
    return of_place(world, variant) | {"chosen": [free.pk], "on": on}


def full_points(subject: str) -> dict[str, int]:
    standard = inspections.standard_on(subject, local_today())
    criteria = standard.criteria.filter(is_veto=False)
    return {str(criterion.pk): criterion.weight for criterion in criteria}


def seen(world, variant) -> dict:
    """Record a village's look at itself."""
    points = {f"score_{key}": most for key, most in full_points("village").items()}
    told = {"kind": "self", "inspected_on": local_today().isoformat()}
    token = {"client_token": "4b0c0f4e-6f0b-4b0e-9b0a-1c2d3e4f5a6b"}
    return of_place(world, variant) | points | told | token


def corrected(world, variant) -> dict:
    points = {f"score_{key}": most for key, most in full_points("household").items()}
    return points | {"remark": "重看"}


def fill(world: World, variant: str, branch, word: str, phone: str) -> None:
    """Leave a household with its inspection and an application in a batch."""
    standards.load_first(date(2022, 1, 1))
    household = HouseholdFactory(
        branch=branch,
        number=1,
        contact_name=f"{word}户主",
        door=f"{word}胡同 1 号",
        phone=phone,
    )
    world.keep(variant, household)
    seen = InspectionFactory(household=household, remark=f"{word}好")
    world.keep(variant, seen)
    world.keep(variant, InspectionPhotoFactory(inspection=seen))
    batch = world.keep(variant, BatchFactory(branch=branch, name=f"{word}批次"))
    world.keep(variant, RecognitionFactory(household=household, batch=batch))
    _fill_recognitions(world, variant, branch, word)


def _fill_recognitions(world, variant, branch, word):
    """Leave one household that may apply, one after 公示, one recognised."""
    free, published, granted = (
        HouseholdFactory(branch=branch, number=n, contact_name=f"{word}户主")
        for n in (2, 3, 4)
    )
    world.keep(variant, free, "free")
    for household in (published, granted):
        InspectionFactory(household=household, inspected_on=date(2026, 7, 1))
    batch = BatchFactory(
        branch=branch,
        name=f"{word}公示批次",
        published_from=date(2026, 5, 1),
        published_until=date(2026, 5, 7),
    )
    world.keep(variant, batch, "published")
    waiting = RecognitionFactory(household=published, batch=batch, stage="published")
    world.keep(variant, waiting, "published")
    row = RecognitionFactory(
        household=granted,
        batch=batch,
        stage="granted",
        granted_on=date(2026, 5, 10),
        review_due_on=date(2027, 5, 10),
    )
    world.keep(variant, row, "granted")
    world.keep(variant, PlateFactory(recognition=row))
