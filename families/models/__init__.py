from families.models.household import Household
from families.models.inspection import Inspection, InspectionPhoto
from families.models.recognition import (
    Batch,
    Plate,
    Recognition,
    RecognitionStep,
)
from families.models.standard import Criterion, Standard

__all__ = [
    "Batch",
    "Criterion",
    "Household",
    "Inspection",
    "InspectionPhoto",
    "Plate",
    "Recognition",
    "RecognitionStep",
    "Standard",
]
