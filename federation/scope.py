"""One rule for who sees and touches which branch's rows.

It asks for the permission and not only for the place: an account that may view the
district and edit village A edits village A only. Public pages never come here; they
read through ``.public()``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models import Q

from federation.months import local_today
from federation.roles import permissions_of


def view_permission(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.view_{model._meta.model_name}"


def grants_in_force(user) -> list[tuple[str, str]]:
    """Return (branch path, role) of each grant of *user* that is in force today."""
    return [(path, role) for path, role, _ in held_grants(user)]


def reach_of(user, permission: str) -> list[tuple[str, int | None]]:
    """Return (branch path, principal) of each grant by which *user* holds
    *permission*: the key of the account she stands in for, None where the grant is
    her own."""
    return [
        (path, principal)
        for path, role, principal in held_grants(user)
        if permission in permissions_of(role)
    ]


def principals_of(user, permission: str, path: str) -> set[int]:
    """Return the accounts *user* stands in for when she uses *permission* for the
    branch at *path*; none where a grant of her own reaches."""
    reaching = {
        principal
        for granted, principal in reach_of(user, permission)
        if path.startswith(granted)
    }
    return set() if None in reaching else reaching


def holds_everywhere(user, permission: str) -> bool:
    """Tell whether *user* holds *permission* for the whole tree; nobody does while
    there is none."""
    root = apps.get_model("federation", "Branch").objects.root()
    return root is not None and holds(user, permission, root.path)


def only_stands_in_for(user, permission: str, path: str, accounts) -> bool:
    """Tell whether *user* holds *permission* for the branch at *path* only in the place
    of some of *accounts*: what these may not decide, their deputy may not either."""
    principals = principals_of(user, permission, path)
    return bool(principals) and principals <= set(accounts)


def held_grants(user) -> list[tuple[str, str, int | None]]:
    """
    Return (branch path, role, principal) of each grant in force today.

    Remembered on the user object, which lives for one request, and only for the day
    it was read on; ``User.forget_grants`` drops it.
    """
    if not (user.is_authenticated and user.is_active):
        return []
    today = local_today()
    remembered = getattr(user, "_grants_in_force", None)
    if remembered is None or remembered[0] != today:
        grants = apps.get_model("federation", "Grant").objects.in_force(today)
        rows = grants.filter(user_id=user.pk).values_list(
            "branch__path", "role", "stands_in_for__user"
        )
        remembered = user._grants_in_force = (today, list(rows))
    return remembered[1]


def granted_paths(user, permission: str) -> list[str]:
    """Return the paths of the branches for which *user* holds *permission*, reduced:
    a branch below another one in the list is left out."""
    if user.is_active and user.is_superuser:
        return [""]
    paths = sorted(
        path
        for path, role in grants_in_force(user)
        if permission in permissions_of(role)
    )
    roots: list[str] = []
    for path in paths:
        if not (roots and path.startswith(roots[-1])):
            roots.append(path)
    return roots


def holds(user, permission: str, path: str | None = None) -> bool:
    """Tell whether *user* holds *permission*, for the branch at *path* or anywhere."""
    paths = granted_paths(user, permission)
    if path is None:
        return bool(paths)
    return any(path.startswith(granted) for granted in paths)


def lies_within(paths: Iterable[str], lookup: str) -> Q:
    """Return the condition that the branch path at *lookup* is one of *paths*, or below
    one of them; nothing meets it without paths."""
    conditions = [Q(**{f"{lookup}__startswith": path}) for path in paths]
    # Beside another alternative a join would be an outer one, and slower.
    return reduce(or_, conditions) if conditions else Q(pk__in=[])


class BranchScopedQuerySet(models.QuerySet):
    """Rows that belong to a branch, directly or through ``branch_lookup``."""

    branch_lookup = "branch"  # "activity__branch" for a child row, "" for Branch

    def visible_to(self, user, permission: str | None = None):
        """Return the rows in branches for which *user* holds *permission*
        (default: the view permission of this model)."""
        paths = granted_paths(user, permission or view_permission(self.model))
        return self.within_paths(paths)

    def within(self, branch):
        """Return the rows of *branch* and of every branch below it today."""
        return self.within_paths([branch.path])

    def within_paths(self, paths: Iterable[str]):
        paths = list(paths)
        if "" in paths:
            return self
        if not paths:
            return self.none()
        return self.filter(lies_within(paths, self._path_lookup))

    @property
    def _path_lookup(self) -> str:
        return f"{self.branch_lookup}__path" if self.branch_lookup else "path"


def scope_path(row: models.Model) -> str | None:
    """Return the path of the branch *row* belongs to; None when it has none (yet)."""
    lookup = scoped_queryset(type(row)).branch_lookup
    place = row
    for step in filter(None, lookup.split("__")):
        if getattr(place, f"{step}_id") is None:
            return None
        place = getattr(place, step)
    return place.path or None


def scoped_queryset(model) -> BranchScopedQuerySet | None:
    """Return *model*'s default queryset if it is scoped, else None."""
    queryset = model._default_manager.all()
    return queryset if isinstance(queryset, BranchScopedQuerySet) else None


def is_scoped(model) -> bool:
    return scoped_queryset(model) is not None


def visible_choices(model, user, permission: str | None = None):
    """Return the rows of *model* that may be offered to, and accepted from, *user*."""
    queryset = scoped_queryset(model)
    if queryset is None:
        return model._default_manager.all()
    return queryset.visible_to(user, permission)
