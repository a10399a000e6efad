"""Questions one asks of people, posts, terms, honours and elections."""

from datetime import date

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.scope import BranchScopedQuerySet
from members import post_grants, post_rules
from members.ages import AgeOn
from members.models.choices import (
    BEFORE_ELECTION,
    OPEN_ELECTION,
    HonourState,
    Title,
)


class MemberQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def current(self):
        """Return the people without the rows that were merged into another one."""
        return self.filter(merged_into__isnull=True)

    def in_post(self, on: date):
        """Return the people who hold a post on *on*, each once."""
        posts = self.model.posts.rel.related_model.objects.in_post(on)
        return self.filter(pk__in=posts.values("member"))

    def matching(self, words: str):
        """Return the people whose name, given name or pinyin initials begin with
        *words*, or who are registered in a branch of that name."""
        words = words.strip()
        if not words:
            return self
        if words.isascii():
            return self.filter(initials__startswith=words.lower())
        # Keys instead of a join: an OR over two tables would read everybody.
        named = Branch.objects.filter(name__contains=words)
        return self.filter(
            Q(name__startswith=words)
            | Q(given_name__startswith=words)
            | Q(branch__in=list(named.values_list("pk", flat=True)))
        )


class PostQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def in_post(self, on: date):
        """Return the posts held on *on*; on the day a post ends it is held no more."""
        return self.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on), started_on__lte=on
        )

    def one_for_each_person(self, on: date):
        """Return the posts held on *on*, of each person one in a branch."""
        another = self.model._base_manager.in_post(on).filter(
            member=OuterRef("member"), branch=OuterRef("branch"), pk__lt=OuterRef("pk")
        )
        return self.in_post(on).filter(~Exists(another))

    def with_ages(self, on: date):
        """Return one post of each person in post on *on* whose month of birth is
        known, with her ``age`` on that day."""
        posts = self.one_for_each_person(on).filter(member__birth_month__isnull=False)
        return posts.annotate(age=AgeOn("member__birth_month", on))

    def chairs(self):
        return self.filter(title=Title.CHAIR)

    def public(self, on: date):
        """Return what the public may see: chairs in post who agreed in writing."""
        return self.in_post(on).chairs().filter(member__publishes_name=True)

    def bulk_create(self, objs, **kwargs):
        objs = list(objs)
        with post_rules.enforced(self.model, objs):
            return super().bulk_create(objs, **kwargs)

    def update(self, **kwargs):
        if not post_rules.FIELDS & set(kwargs):
            return super().update(**kwargs)
        with transaction.atomic(savepoint=False):
            rows = self.order_by().values_list("pk", "branch_id")
            pks, branch_ids = zip(*rows, strict=True) if rows else ((), ())
            post_rules.hold_committees(branch_ids)
            count = super().update(**kwargs)
            changed = self.model._base_manager.filter(pk__in=pks)
            changed = list(changed.select_related("member", "term"))
            post_rules.refuse(self.model, changed)
            post_grants.follow(changed)
        return count

    update.alters_data = True


class PostGrantQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "post__branch"


class TermQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def elected(self):
        return self.filter(elected_on__isnull=False)

    def running(self, on: date):
        """Return the term of each branch that runs on *on*, overdue or not: elected by
        then, and no later one is."""
        later = self.model._base_manager.filter(
            branch=OuterRef("branch"),
            number__gt=OuterRef("number"),
            elected_on__lte=on,
        )
        return self.filter(~Exists(later), elected_on__lte=on)

    def overdue(self, on: date):
        """Return the terms still running on *on* that were due before, of branches
        that exist."""
        closed = Q(branch__closed_on__lt=on)
        return self.running(on).filter(due_on__lt=on).exclude(closed)

    def with_complete_committee(self, on: date):
        """Return the terms running on *on* whose branch has a chair in post and as
        many people in post as there are seats; nobody knows of a term without a number
        of seats."""
        posts = self.model.posts.rel.related_model._base_manager.in_post(on)
        posts = posts.filter(branch=OuterRef("branch")).order_by()
        people = posts.values("branch").annotate(count=Count("member", distinct=True))
        return self.running(on).filter(
            Exists(posts.chairs()), seats_planned__lte=Subquery(people.values("count"))
        )

    def due_by(self, on: date, *, by: date):
        """Return the terms running on *on* that are due on *by* or before."""
        return self.running(on).filter(due_on__lte=by)

    def being_prepared(self):
        """Return the terms that are planned and not elected yet."""
        return self.filter(status__in=BEFORE_ELECTION)


class HonourQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def awarded(self):
        return self.filter(state=HonourState.AWARDED)

    def public(self):
        """Return what the public may see: awarded, with the holder's consent."""
        return self.awarded().filter(publishes=True)


class DelegateQuerySet(CountedQuerySet, BranchScopedQuerySet):
    pass


class ElectionQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def open(self):
        """Return the elections one still works on: begun, or taken back to correct."""
        return self.filter(status__in=OPEN_ELECTION)


class CandidateQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "term__branch"
