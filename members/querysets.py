"""Questions one asks of people, posts and terms."""

from datetime import date

from django.db.models import Q

from federation.counted import CountedQuerySet
from federation.logged import LoggedQuerySet
from federation.scope import BranchScopedQuerySet


class MemberQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def in_post(self, on: date):
        """Return the people who hold a post on *on*, each once."""
        posts = self.model.posts.rel.related_model.objects.in_post(on)
        return self.filter(pk__in=posts.values("member"))


class PostQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def in_post(self, on: date):
        """Return the posts held on *on*; on the day a post ends it is held no more."""
        return self.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on), started_on__lte=on
        )


class TermQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass
