"""The district's switch."""

from django.db import transaction

from rollups.models import Expectation


@transaction.atomic
def switch(*, on: bool) -> Expectation:
    """Let reminders go out, or none from now on; the row and its history tell who did
    it."""
    rule, _ = Expectation.objects.select_for_update().get_or_create(
        pk=Expectation.THE_ONE
    )
    if rule.sends_reminders != on:
        rule.sends_reminders = on
        rule.save()
    return rule
