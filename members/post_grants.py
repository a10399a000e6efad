"""The grants that come with posts: given with them, and gone on the day they end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.apps import apps

from federation.models import Branch, Grant
from federation.roles import Role

# What the chair of a branch may do with the site, by the level of her branch.
ROLE_OF_CHAIR = {Branch.Level.TOWN: Role.REVIEWER}


def role_of_chair(branch: Branch) -> Role:
    return ROLE_OF_CHAIR.get(branch.level, Role.CLERK)


def fit(grant: Grant, post) -> bool:
    """Make *grant* begin with *post* and end no later; tell whether it changed. What
    was ended earlier by hand stays ended."""
    last_day = post.ended_on and post.ended_on - timedelta(days=1)
    fitted = (post.started_on, grant.ends_on)
    if last_day and (grant.ends_on is None or grant.ends_on > last_day):
        fitted = (post.started_on, last_day)
    if fitted == (grant.starts_on, grant.ends_on):
        return False
    grant.starts_on, grant.ends_on = fitted
    return True


def follow(posts: Iterable) -> None:
    """Fit the grants of *posts*, which have just been written."""
    pks = [post.pk for post in posts]
    owned = apps.get_model("members", "PostGrant").objects.filter(post__in=pks)
    changed = [
        owns.grant
        for owns in owned.select_related("post", "grant").order_by("pk")
        if fit(owns.grant, owns.post)
    ]
    if changed:
        Grant.objects.bulk_update(changed, ["starts_on", "ends_on"])


def grants_of(posts) -> list[Grant]:
    """Return the grants that came with *posts* and are not ended by them yet."""
    pks = [post.pk for post in posts]
    return list(
        Grant.objects.filter(post_grant__post__in=pks, ends_on__isnull=True).order_by(
            "pk"
        )
    )
