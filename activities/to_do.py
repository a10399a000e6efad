"""What staff have to do with activities: the lines of their first page."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from activities import review
from activities.models import Activity, ReviewRound
from activities.models.choices import Review
from federation.models import Branch
from federation.roles import permissions_of
from federation.scope import grants_in_force, reach_of

ITEMS = 3


@dataclass
class Line:
    """One line: how many there are, the first of them, and where all of them are."""

    name: str
    label: str
    count: int
    query: dict
    items: list[Activity] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.items)

    @property
    def address(self) -> str:
        if self.name == "review":
            return reverse("admin:activities_activity_queue")
        listed = reverse("admin:activities_activity_changelist")
        return f"{listed}?{urlencode(self.query)}"


def own_activities(user):
    """Return the activities that are *user*'s to finish: of the very branches she was
    given, not of those below, and what she entered herself."""
    paths = [
        path
        for path, role in grants_in_force(user)
        if review.CHANGE in permissions_of(role)
    ]
    # Keys instead of a join: an OR over two tables would read every activity.
    branches = list(Branch.objects.filter(path__in=paths).values_list("pk", flat=True))
    mine = Q(branch__in=branches) | Q(recorded_by=user.pk)
    return Activity.objects.visible_to(user, review.CHANGE).filter(mine)


def awaiting_decision_of(user):
    """Return what waits for *user*'s decision: nobody decides her own entry, nor, where
    she only stands in for somebody, that of whom she stands in for."""
    waiting = Activity.objects.visible_to(user, review.REVIEW).awaiting_review()
    waiting = waiting.exclude(_entered_by(user.pk))
    reach = reach_of(user, review.REVIEW)
    for principal in {principal for _, principal in reach} - {None}:
        others = [path for path, lent_by in reach if lent_by != principal]
        decided = Activity.objects.within_paths(others).values("pk")
        waiting = waiting.exclude(_entered_by(principal) & ~Q(pk__in=decided))
    return waiting


def _entered_by(account_id: int) -> Q:
    rounds = ReviewRound.objects.pending().filter(
        activity=OuterRef("pk"), author=account_id
    )
    return Q(approved_at__isnull=True, recorded_by=account_id) | Q(Exists(rounds))


def lines_of(user) -> list[Line]:
    """Return what waits for *user*'s decision, if she decides, then 被退回, 待补数 and
    草稿: always in this order, the oldest of each first."""
    lines = []
    if user.has_perm(review.REVIEW):
        lines.append(_line("review", "待审", awaiting_decision_of(user), {}))
    if user.has_perm(review.CHANGE):
        lines += _own_lines(user)
    return lines


def _own_lines(user) -> list[Line]:
    own = own_activities(user)
    states = {"returned": ("被退回", Review.RETURNED), "draft": ("草稿", Review.DRAFT)}
    by_state = {
        name: _line(
            name,
            label,
            _with_reason(own.filter(review=state)),
            {"mine": "1", "review__exact": state.value},
        )
        for name, (label, state) in states.items()
    }
    # With its reviewer, or back among her drafts, it is on another line.
    figures = own.awaiting_figures().filter(review=Review.APPROVED)
    query = {"mine": "1", "todo": "figures"}
    return [
        by_state["returned"],
        _line("figures", "待补数", figures, query),
        by_state["draft"],
    ]


def _line(name: str, label: str, found, query: dict) -> Line:
    ordered = found.select_related("branch").order_by("starts_on", "pk")
    items = list(ordered[: ITEMS + 1])
    count = len(items) if len(items) <= ITEMS else found.count()
    return Line(name, label, count, query, items[:ITEMS])


def _with_reason(activities):
    """Annotate ``reason``: why it was returned last."""
    returned = ReviewRound.objects.filter(
        activity=OuterRef("pk"), decision=ReviewRound.Decision.RETURNED
    )
    reason = returned.order_by("-number").values("reason")[:1]
    return activities.annotate(reason=Subquery(reason))
