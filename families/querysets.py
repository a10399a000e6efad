"""Questions one asks of households, inspections and recognitions."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from families.models.choices import ON_THE_WAY, RUNNING, Stage, Subject
from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.scope import BranchScopedQuerySet


class HouseholdQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def registered_on(self, day: date):
        """Return the households on the register on *day*; on the day one leaves it is
        there no more."""
        return self.filter(
            Q(left_on__isnull=True) | Q(left_on__gt=day), entered_on__lte=day
        )

    def matching(self, words: str):
        """Return the households whose contact's name or pinyin initials begin with
        *words*, or that belong to a village of that name."""
        words = words.strip()
        if not words:
            return self
        if words.isdigit():
            return self.filter(number=int(words[:9]))
        if words.isascii():
            return self.filter(initials__startswith=words.lower())
        # Keys instead of a join: an OR over two tables would read everybody.
        named = Branch.objects.filter(name__contains=words)
        return self.filter(
            Q(contact_name__startswith=words)
            | Q(branch__in=list(named.values_list("pk", flat=True)))
        )


class StandardQuerySet(LoggedQuerySet):
    def in_force(self, subject: str, day: date):
        """Return the standard for *subject* that applies on *day*; None before the
        first."""
        found = self.filter(subject=subject, applies_from__lte=day)
        return found.order_by("-applies_from").first()


class InspectionQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def made_within(self, first: date, end: date):
        return self.filter(inspected_on__gte=first, inspected_on__lt=end)


class InspectionPhotoQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "inspection__branch"


class BatchQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass


class RecognitionQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def of_households(self):
        return self.filter(subject=Subject.HOUSEHOLD)

    def of_villages(self):
        return self.filter(subject=Subject.VILLAGE)

    def in_force(self, day: date):
        """Return what is recognised on *day*: granted by then and not revoked; on the
        day of its revocation it is no more."""
        return self.filter(
            Q(revoked_on__isnull=True) | Q(revoked_on__gt=day), granted_on__lte=day
        )

    def on_the_way(self):
        return self.filter(stage__in=ON_THE_WAY)

    def running(self):
        return self.filter(stage__in=RUNNING)

    def due_for_review(self, day: date):
        """Return the recognitions in force whose 复核 is due on *day*."""
        return self.filter(stage=Stage.GRANTED, review_due_on__lte=day)

    def to_mend(self):
        """Return the recognitions under 限期整改, the earliest date first."""
        found = self.filter(stage=Stage.GRANTED, mend_by__isnull=False)
        return found.order_by("mend_by", "pk")


class RecognitionStepQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "recognition__branch"


class PlateQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "recognition__branch"
