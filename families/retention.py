"""How long the phone number of a household stays: a year after it has left."""

from datetime import date

from django.db import transaction

from families.models import Household
from families.models.household import KEEP_PHONE
from federation import batches
from federation.months import local_today


@transaction.atomic
def purge(today: date | None = None) -> int:
    """Set the date until which each phone of those who left is kept, delete those past
    it, and return how many were deleted. The households stay, and are counted."""
    today = today or local_today()
    with_phone = Household.objects.exclude(phone="")
    changed = []
    # Whoever wrote it in bulk may have left this to the night.
    for row in with_phone.filter(left_on__isnull=False).only("left_on", "purge_on"):
        if row.purge_on != row.left_on + KEEP_PHONE:
            row.purge_on = row.left_on + KEEP_PHONE
            changed.append(row)
    Household.objects.bulk_update(changed, ["purge_on"], batch_size=batches.BATCH)
    with_phone.on_register().filter(purge_on__isnull=False).update(purge_on=None)
    return with_phone.filter(purge_on__lte=today).update(phone="")
