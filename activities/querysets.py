"""Questions one asks of activities."""

from datetime import date

from django.db.models import F, Q

from activities.models.choices import Happening, Review, Visibility
from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.months import Month, local_today
from federation.paths import lineage_of
from federation.scope import BranchScopedQuerySet


class ActivityQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def public(self):
        """Return what the public may see: approved once, public, not withdrawn.
        Cancelled ones stay, marked."""
        return self.filter(
            approved_at__isnull=False, visibility=Visibility.PUBLIC
        ).exclude(review=Review.WITHDRAWN)

    def counted(self):
        """Return what counts: held, attendance present, result approved."""
        return self.filter(
            Q(attendance_offline__isnull=False) | Q(attendance_online__isnull=False),
            happening=Happening.HELD,
            result_approved_at__isnull=False,
        ).exclude(review=Review.WITHDRAWN)

    def awaiting_figures(self, today: date | None = None):
        """Return 待补数: approved plans whose date has passed."""
        without = Q(attendance_offline__isnull=True, attendance_online__isnull=True)
        return self.filter(
            Q(happening=Happening.PLANNED) | Q(happening=Happening.HELD) & without,
            approved_at__isnull=False,
            ends_on__lt=today or local_today(),
        ).exclude(review=Review.WITHDRAWN)

    def awaiting_review(self):
        return self.filter(review=Review.SUBMITTED)

    def overlapping(self, first: date, end: date):
        """Return the activities that touch a day of the half-open ``[first, end)``."""
        # Two index ranges instead of one condition on both columns, which would read
        # every activity since the beginning to find the few that go on.
        begins = Q(starts_on__gte=first, starts_on__lt=end)
        goes_on = Q(ends_on__gt=F("starts_on"), ends_on__gte=first, starts_on__lt=first)
        return self.filter(begins | goes_on)

    def held_in(self, month: Month):
        """Return the activities of *month*, the month of ``starts_on``."""
        return self.filter(
            starts_on__gte=month.first_day, starts_on__lt=month.next_first_day
        )

    def joined_by(self, branches):
        """Return 参与联办: activities in which *branches* are partners only."""
        return (
            self.filter(partners__branch__in=branches)
            .exclude(branch__in=branches)
            .distinct()
        )

    def resembling(self, activity):
        """Return 疑似重复: same day, place and programme under the same street."""
        others = self.filter(
            starts_on=activity.starts_on,
            place=activity.place,
            programme=activity.programme,
            branch__path__startswith=_street_path(activity.branch),
        ).exclude(review=Review.WITHDRAWN)
        if not activity.place:
            return others.none()
        return others.exclude(pk=activity.pk)


def _street_path(branch) -> str:
    """Return the path of the branch's street; the branch's own when it is above."""
    return lineage_of(branch.path)[1] if branch.depth > 1 else branch.path


class SeriesQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass


class PartnerQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "activity__branch"


class PhotoQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "activity__branch"

    def waiting(self):
        """Return the photos that no approval has let out yet."""
        return self.filter(approved_at__isnull=True)

    def public(self):
        """Return approved photos of public activities; a recognisable minor needs a
        recorded consent."""
        return self.filter(
            Q(shows_minor=False) | Q(consent_on__isnull=False),
            approved_at__isnull=False,
            activity__approved_at__isnull=False,
            activity__visibility=Visibility.PUBLIC,
        ).exclude(activity__review=Review.WITHDRAWN)


class ReviewRoundQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "activity__branch"

    def pending(self):
        return self.filter(decision="pending")
