"""Questions one asks of households, inspections and recognitions."""

from __future__ import annotations

import unicodedata
from datetime import date

from django.apps import apps
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery

from families.groups import door_of
from families.models.choices import (
    FROM_ABOVE,
    ON_THE_WAY,
    RUNNING,
    InspectionKind,
    Stage,
    Subject,
)
from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.paths import lineage_of
from federation.scope import BranchScopedQuerySet, granted_paths, lies_within


class HouseholdQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def registered_on(self, day: date):
        """Return the households on the register on *day*; on the day one leaves it is
        there no more."""
        return self.filter(
            Q(left_on__isnull=True) | Q(left_on__gt=day), entered_on__lte=day
        )

    def on_register(self):
        """Return the households that have not left."""
        return self.filter(left_on__isnull=True)

    def without_former(self):
        """Leave out what stands for a household's time in a village that has merged
        since: the household itself is elsewhere."""
        return self.filter(continued_as__isnull=True)

    def matching(self, words: str):
        """Return the households with the number *words*, whose contact's name or
        pinyin initials or whose door begin with *words*, or that belong to a village
        of that name."""
        words = unicodedata.normalize("NFKC", words).strip()
        if not words:
            return self
        at_door = Q(door__startswith=door_of(words))
        if words.isascii() and words.isdecimal():
            # Longer than any number in a register: only a door can be meant.
            is_number = Q(number=int(words)) if len(words) < 10 else Q()
            return self.filter(is_number | at_door)
        if words.isascii():
            return self.filter(Q(initials__startswith=words.lower()) | at_door)
        # Keys instead of a join: an OR over two tables would read everybody.
        named = Branch.objects.filter(name__contains=words)
        return self.filter(
            Q(contact_name__startswith=words)
            | at_door
            | Q(branch__in=list(named.values_list("pk", flat=True)))
        )

    def hold_villages(self, branch_ids) -> list[Branch]:
        """Let one at a time register households in these villages, and return them as
        they stand: two who do so at once, or while an import runs, get two numbers."""
        rows = Branch.objects.filter(pk__in=branch_ids).order_by("pk")
        return list(rows.select_for_update(no_key=True))

    def next_number(self, branch) -> int:
        """Return the first number of *branch* that was never given."""
        last = self.filter(branch=branch).aggregate(last=Max("number"))["last"]
        return (last or 0) + 1

    # Recognised or not, as it stands today

    def recognised(self):
        return self.filter(Exists(self._recognitions().filter(stage=Stage.GRANTED)))

    def unrecognised(self):
        return self.filter(~Exists(self._recognitions().filter(stage=Stage.GRANTED)))

    def to_mend(self):
        """Return the recognised households under 限期整改."""
        # Few are: their keys, read once, instead of every household for each question.
        recognitions = self.model.recognitions.rel.related_model.objects
        mending = recognitions.of_households().to_mend().order_by()
        return self.filter(pk__in=list(mending.values_list("household", flat=True)))

    def being_recognised(self):
        return self.filter(Exists(self._recognitions().filter(stage__in=ON_THE_WAY)))

    def with_recognition(self):
        """Return the rows with ``stage_now`` and ``mend_by_now`` of the recognition
        that is on its way or in force; None without one."""
        running = self._recognitions().filter(stage__in=RUNNING)
        return self.annotate(
            stage_now=Subquery(running.values("stage")[:1]),
            mend_by_now=Subquery(running.values("mend_by")[:1]),
        )

    def _recognitions(self):
        recognitions = self.model.recognitions.rel.related_model._base_manager
        found = recognitions.filter(household=OuterRef("pk"), subject=Subject.HOUSEHOLD)
        return found.order_by()


class StandardQuerySet(LoggedQuerySet):
    def in_force(self, subject: str, day: date):
        """Return the standard for *subject* that applies on *day*; None before the
        first."""
        found = self.filter(subject=subject, applies_from__lte=day)
        return found.order_by("-applies_from").first()


class SeenQuerySet(BranchScopedQuerySet):
    """What was seen in a village, perhaps at a household (``household_lookup``)."""

    household_lookup = "household"

    def readable_by(self, user):
        """Return what *user* may see, and what was seen at a household that is hers
        today: the village it was in then may have merged since. For single rows."""
        paths = granted_paths(user, "families.view_inspection")
        was_here = lies_within(paths, self._path_lookup)
        is_here = lies_within(paths, f"{self.household_lookup}__branch__path")
        return self.filter(was_here | is_here)


class InspectionQuerySet(CountedQuerySet, SeenQuerySet):
    def of_households(self):
        return self.filter(household__isnull=False)

    def of_villages(self):
        return self.filter(household__isnull=True)

    def deciding_on_households(self):
        """Return those that a household's recognition goes by: not its own 自评."""
        return self.of_households().exclude(kind=InspectionKind.SELF)

    def deciding_on_villages(self):
        """Return those that a village's recognition goes by: from above only."""
        return self.of_villages().filter(kind__in=FROM_ABOVE)

    def made_within(self, first: date, end: date):
        return self.filter(inspected_on__gte=first, inspected_on__lt=end)


class InspectionPhotoQuerySet(LoggedQuerySet, SeenQuerySet):
    branch_lookup = "inspection__branch"
    household_lookup = "inspection__household"


class BatchQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def taking_part(self, user, permission: str = "families.view_batch"):
        """Return the batches of the branches *user* may see, and of those above them: a
        village takes part in the district's."""
        paths = granted_paths(user, permission)
        above = {step for path in paths if path for step in lineage_of(path)}
        # A join of two conditions in one filter: either, once.
        return self.filter(
            Q(pk__in=self.within_paths(paths).order_by().values("pk"))
            | Q(branch__path__in=above)
        )

    def taking_villages(self, day: date):
        """Return the batches of villages in which one can apply on *day*."""
        is_open = Q(published_from__isnull=True) | Q(published_from__gt=day)
        return self.filter(is_open, subject=Subject.VILLAGE, opened_on__lte=day)


class RecognitionQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def of_households(self):
        return self.filter(subject=Subject.HOUSEHOLD)

    def of_villages(self):
        return self.filter(subject=Subject.VILLAGE)

    def without_former(self):
        """Leave out what stands for a recognition's time in a village that has merged
        since: the recognition itself is elsewhere."""
        return self.filter(continued_as__isnull=True)

    def granted_within(self, first: date, end: date):
        """Return what was newly recognised in [first, end): one that merely went on in
        another village was not."""
        return self.filter(
            granted_on__gte=first, granted_on__lt=end, first_granted_on__isnull=True
        )

    def in_force(self, day: date):
        """Return what is recognised on *day*: granted by then and not revoked; on the
        day of its revocation it is no more. A household that left the register, or a
        village that closed, is nothing that could be."""
        granted = self.filter(
            Q(revoked_on__isnull=True) | Q(revoked_on__gt=day), granted_on__lte=day
        )
        return granted.still_there(day)

    def still_there(self, day: date):
        """Leave out the households that have left by *day*, and closed villages."""
        return self.filter(_is_there(day))

    def on_the_way(self):
        return self.filter(stage__in=ON_THE_WAY)

    def running(self):
        return self.filter(stage__in=RUNNING)

    def due_for_review(self, day: date):
        """Return what is recognised and whose 复核 is due on *day*."""
        granted = self.filter(stage=Stage.GRANTED, review_due_on__lte=day)
        return granted.still_there(day)

    def to_mend(self):
        """Return the recognitions under 限期整改, the earliest date first."""
        found = self.filter(stage=Stage.GRANTED, mend_by__isnull=False)
        return found.order_by("mend_by", "pk")

    def overdue_to_mend(self, day: date):
        """Return those whose 限期整改 is over on *day*, and nobody said how it went."""
        return self.to_mend().filter(mend_by__lt=day).still_there(day)

    def to_see_to(self, day: date) -> dict[str, int]:
        """Return how many stand at each stage on the way, and under ``due`` and
        ``overdue`` those in force whose 复核 or 整改 is: {name: rows}."""
        is_due = Q(stage=Stage.GRANTED, review_due_on__lte=day)
        is_overdue = Q(stage=Stage.GRANTED, mend_by__lt=day)
        rows = self.filter(Q(stage__in=ON_THE_WAY) | is_due | is_overdue)
        there = _is_there(day)
        counted = (
            rows.order_by()
            .values_list("stage")
            .annotate(
                rows=Count("pk"),
                due=Count("pk", filter=is_due & there),
                overdue=Count("pk", filter=is_overdue & there),
            )
        )
        found = {}
        for stage, number, due, overdue in counted:
            if stage == Stage.GRANTED:
                found |= {"due": due, "overdue": overdue}
            else:
                found[stage] = number
        return found


def _is_there(day: date) -> Q:
    # Few have left and few are closed: a short list of them, read once, instead of two
    # joins for each of 60,000 rows in each of 60 months.
    households = apps.get_model("families", "Household")._base_manager
    left = households.filter(left_on__lte=day).order_by()
    closed = Branch.objects.filter(closed_on__lt=day).order_by()
    stays = Q(household__isnull=True) | ~Q(household__in=left.values("pk"))
    return stays & ~Q(branch__in=closed.values("pk"))


class RecognitionStepQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "recognition__branch"


class PlateQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "recognition__branch"
