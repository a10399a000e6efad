"""Questions one asks of branches and of the people who work for them."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.months import UNTIL_EVER, Month, local_today
from federation.scope import BranchScopedQuerySet


class BranchQuerySet(CountedQuerySet, BranchScopedQuerySet):
    branch_lookup = ""

    def existing_on(self, day: date):
        """Return the branches that are founded and not closed on *day*."""
        founded = Q(founded_on__isnull=True) | Q(founded_on__lte=day)
        return self.filter(founded, Q(closed_on__isnull=True) | Q(closed_on__gte=day))

    def active(self):
        """Return the branches that exist today."""
        return self.existing_on(local_today())

    def public(self):
        """Return what the public may see: every branch that exists."""
        return self.active()

    def matching(self, words: str):
        """Return the branches whose name, code or pinyin initials contain *words*."""
        words = words.strip()
        if not words:
            return self
        condition = (
            Q(name__contains=words)
            | Q(place_name__contains=words)
            | Q(code__startswith=words)
        )
        if words.isascii():
            condition |= Q(initials__contains=words.lower())
        return self.filter(condition)


class BranchManager(models.Manager.from_queryset(BranchQuerySet)):
    def root(self):
        """Return the branch this site belongs to; None on an empty database."""
        return self.filter(parent__isnull=True).order_by("path").first()

    def code_today(self, code: str) -> str:
        """Return the code of the branch that goes on for that of *code*: its own, or
        that of the one it merged into, and so on."""
        merged = {"predecessions__act": "merge"}
        while heir := self.filter(predecessions__branch__code=code, **merged).first():
            code = heir.code
        return code


class PlacementQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def covering(self, month: Month):
        """Return the tree of *month*."""
        day = month.first_day
        return self.filter(from_month__lte=day, until_month__gt=day)

    def current(self):
        """Return the open-ended placements: today's tree, closed branches left out."""
        return self.filter(until_month=UNTIL_EVER)


class SuccessionQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass


class BranchStatQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def newest(self, figure: str, day: date, known_by=None):
        """Return the number *figure* of each branch that holds on *day*: its newest
        one of that day or before, of those entered by *known_by*, a moment or an
        expression."""
        held = {"figure": figure, "as_of__lte": day}
        if known_by is not None:
            held["recorded_at__lte"] = known_by
        later = self.model._base_manager.filter(
            branch=OuterRef("branch"), as_of__gt=OuterRef("as_of"), **held
        )
        return self.filter(~Exists(later), **held)


class UserQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass


class GrantQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def in_force(self, day: date | None = None):
        """Return the grants in force on *day* (default today); the last day counts. A
        deputy's is, while that of whom she stands in for is."""
        day = day or local_today()
        lent = "stands_in_for"
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day
        ).filter(
            Q(**{f"{lent}__isnull": True})
            | Q(**{f"{lent}__ends_on__isnull": True})
            | Q(**{f"{lent}__ends_on__gte": day}),
            Q(**{f"{lent}__isnull": True})
            | Q(**{f"{lent}__starts_on__lte": day, f"{lent}__user__is_active": True}),
        )
