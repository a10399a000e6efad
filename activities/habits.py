"""What somebody usually enters: so that the form is filled in before she begins."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.models import Activity
from federation.models import Branch, Programme
from federation.scope import visible_choices

REMEMBERED = 40
PROGRAMMES_OFFERED = 4
PLACES_OFFERED = 8


@dataclass
class Habits:
    """The last entries of somebody, newest first, each value once."""

    programmes: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    # {programme: kind}, as it was when the programme was last chosen
    kinds: dict[int, str] = field(default_factory=dict)
    branch_id: int | None = None


def habits_of(user) -> Habits:
    """Return what *user* entered last; of a new account, what her branch did."""
    rows = _last(Activity.objects.filter(recorded_by=user))
    if not rows and user.branch_id:
        rows = _last(Activity.objects.filter(branch=user.branch_id))
    habits = Habits()
    for programme, kind, place, branch in rows:
        habits.kinds.setdefault(programme, kind)
        habits.branch_id = habits.branch_id or branch
        if programme not in habits.programmes:
            habits.programmes.append(programme)
        if place and place not in habits.places:
            habits.places.append(place)
    del habits.programmes[PROGRAMMES_OFFERED:], habits.places[PLACES_OFFERED:]
    return habits


def usual_values(user, habits: Habits, branches) -> dict:
    """Return what a new form of *user* is filled with: the programme she chose last
    (at first the everyday one), the kind she chose with it, and the branch."""
    selectable = dict(Programme.objects.selectable().values_list("pk", "slug"))
    chosen = [pk for pk in habits.programmes if pk in selectable]
    everyday = [pk for pk, slug in selectable.items() if slug == Programme.EVERYDAY]
    programme = next(iter(chosen + everyday), None)
    filled = {
        "programme": programme,
        "kind": habits.kinds.get(programme),
        "branch": usual_branch(user, habits, branches),
    }
    return {name: value for name, value in filled.items() if value}


def branches_of(user, permission: str):
    """Return the existing branches for which *user* may enter, in tree order."""
    return visible_choices(Branch, user, permission).active().order_by("path")


def usual_branch(user, habits: Habits, branches) -> int | None:
    """Return the branch to fill in: her own, else the last, else the only one."""
    offered = list(branches.values_list("pk", flat=True)[:2])
    if len(offered) == 1:
        return offered[0]
    for branch_id in (user.branch_id, habits.branch_id):
        if branch_id and branches.filter(pk=branch_id).exists():
            return branch_id
    return None


def _last(activities):
    rows = activities.order_by("-pk").values_list(
        "programme_id", "kind", "place", "branch_id"
    )
    return list(rows[:REMEMBERED])
