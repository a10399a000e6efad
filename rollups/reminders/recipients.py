"""Who is to be reminded, and of what: whoever may report is told what her very own
branches have left, whoever returns reports how far the branches below her are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from federation.models import Branch, Grant, User
from federation.months import Month
from federation.roles import roles_with
from federation.scope import granted_paths
from rollups.models import Reminder, Submission
from rollups.reminders.channels import addresses_of
from rollups.submissions import acts
from rollups.submissions.progress import Progress, progress
from rollups.submissions.reading import left_to_report


@dataclass(slots=True)
class Recipient:
    """Somebody who has something left, and where a message reaches her."""

    user: User
    channel: str
    address: str
    own: list[Submission]
    below: list[tuple[Branch, Progress]] = field(default_factory=list)

    @property
    def left(self) -> int:
        return len(self.own) + sum(each.total.left for _, each in self.below)


def recipients(
    due: dict[Month, datetime], occasion: str, now: datetime
) -> Iterator[Recipient]:
    """Yield whoever is to be reminded of the months *due* (newest first) and was not,
    one after the other: what she has left is read when her turn comes."""
    month = next(iter(due))
    users = _waiting(month, occasion, now)
    addresses = addresses_of(users)
    for user in users:
        if user.pk not in addresses:
            continue
        one = Recipient(user, *addresses[user.pk], own=own_left(user.pk))
        one.below = list(_below(user, due))
        if one.left:
            yield one


def reporters() -> Iterable:
    """Return the grants in force that let an account in use report."""
    roles = roles_with(acts.REPORT)
    return Grant.objects.in_force().filter(role__in=roles, user__is_active=True)


def own_left(user_id: int) -> list[Submission]:
    """Return what the very branches *user_id* was given have left, oldest first."""
    branches = reporters().filter(user=user_id).values("branch")
    left = left_to_report().filter(branch__in=branches).select_related("branch")
    return list(left.order_by("month", "branch__path"))


def _waiting(month: Month, occasion: str, now: datetime) -> list[User]:
    """Return who has something left or returns reports, and was not reminded on this
    occasion, or in vain on an earlier day."""
    ours = Reminder.objects.filter(month=month.first_day, occasion=occasion)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0)
    again = Q(status=Reminder.Status.FAILED, attempts=1, tried_at__lt=midnight)
    done = ours.exclude(again).values("user")
    left = reporters().filter(branch__in=left_to_report().values("branch"))
    above = reporters().filter(role__in=roles_with(acts.RETURN))
    concerned = Q(pk__in=left.values("user")) | Q(pk__in=above.values("user"))
    users = User.objects.filter(concerned).exclude(pk__in=done)
    return list(users.order_by("branch__path", "pk"))


def _below(user: User, due: dict[Month, datetime]) -> Iterator[tuple[Branch, Progress]]:
    paths = granted_paths(user, acts.RETURN)
    tops = list(Branch.objects.filter(path__in=paths).order_by("path"))
    seen = Submission.objects.visible_to(user)
    for month, due_at in due.items():
        for top in tops:
            so_far = progress(seen, top, month, due_at)
            if so_far.total.left:
                yield top, so_far


def by_branch(branch_ids) -> dict[int, list[User]]:
    """Return the accounts that report for each of *branch_ids* itself."""
    found = defaultdict(list)
    grants = reporters().filter(branch__in=branch_ids).select_related("user")
    for grant in grants.order_by("pk"):
        found[grant.branch_id].append(grant.user)
    return found
