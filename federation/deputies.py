"""Standing in for somebody (代理): her role at her branch, for a few weeks, never more
than she holds herself. It ends by itself, and earlier if her own grant ends."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from federation.accounts import may_grant
from federation.models import Grant, User
from federation.models.accounts import DEPUTYS_DAYS, TOO_LONG
from federation.months import local_today
from federation.roles import Role
from federation.scope import held_grants, holds

APPOINT = "federation.add_grant"
# Who decides about others' work; a clerk's place is simply given to another clerk.
LENT_ROLES = (Role.REVIEWER, Role.DISTRICT_ADMIN)


def lendable(user: User) -> list[Grant]:
    """Return the grants in which *user* may let somebody stand in: her own first, then
    those she could have given. What is lent already is not lent on."""
    grants = (
        Grant.objects.in_force()
        .filter(role__in=LENT_ROLES, stands_in_for=None, user__is_active=True)
        .visible_to(user, APPOINT)
        .select_related("user", "branch")
        .order_by("branch__path", "user__name", "pk")
    )
    found = [grant for grant in grants if may_lend(user, grant)]
    return sorted(found, key=lambda grant: grant.user_id != user.pk)


def may_lend(user: User, grant: Grant) -> bool:
    """Tell whether *user* may appoint, and dismiss, a deputy for *grant*."""
    if not holds(user, APPOINT, grant.branch.path):
        return False
    return grant.user_id == user.pk or may_grant(user, grant.role, grant.branch)


def colleagues(user: User, grant: Grant):
    """Return the accounts that may stand in for *grant*: of its branch, of those right
    below, and beside it, as far as *user* sees them."""
    branch = grant.branch
    near = Q(branch=branch) | Q(branch__parent=branch)
    if branch.parent_id:
        near |= Q(branch__parent=branch.parent_id)
    accounts = User.objects.visible_to(user, "federation.view_user").filter(
        near, is_active=True, is_superuser=False
    )
    chosen = accounts.exclude(pk__in=[grant.user_id, user.pk])
    return chosen.select_related("branch").order_by("branch__path", "name", "pk")


def deputies_of(user: User) -> list[Grant]:
    """Return the deputies, now or to come, whom *user* may dismiss."""
    lent = (
        Grant.objects.filter(stands_in_for__isnull=False, ends_on__gte=local_today())
        .visible_to(user, APPOINT)
        .select_related("user", "branch", "stands_in_for__user", "granted_by")
        .order_by("starts_on", "pk")
    )
    return [grant for grant in lent if may_lend(user, lent_of(grant))]


def standing_in(user: User) -> list[Grant]:
    """Return the grants in force by which *user* stands in for somebody."""
    if not any(principal for *_, principal in held_grants(user)):
        return []
    lent = Grant.objects.in_force().filter(user=user, stands_in_for__isnull=False)
    return list(lent.select_related("branch", "stands_in_for__user"))


def lent_of(grant: Grant) -> Grant:
    """Return the grant a deputy's *grant* stands in for, at the same branch."""
    principal = grant.stands_in_for
    principal.branch = grant.branch
    return principal


@transaction.atomic
def appoint(
    grant: Grant, deputy: User, starts_on: date, ends_on: date, by: User, note: str = ""
) -> Grant:
    """Let *deputy* stand in for *grant* from one day to another, both included."""
    grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    _refuse(grant, deputy, starts_on, ends_on)
    lent = Grant(
        user=deputy,
        branch=grant.branch,
        role=grant.role,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by,
        note=note,
        stands_in_for=grant,
    )
    lent.full_clean()
    lent.save()
    return lent


@transaction.atomic
def dismiss(grant: Grant) -> None:
    """End a deputy's *grant* now. One that has not begun before today leaves only its
    entries in the log."""
    held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    today = local_today()
    if held.ends_on < today:
        return
    if held.starts_on >= today:
        held.delete()
        return
    held.ends_on = today - timedelta(days=1)
    held.save()


def _refuse(grant: Grant, deputy: User, starts_on: date, ends_on: date) -> None:
    errors = {}
    if deputy.pk == grant.user_id:
        errors["deputy"] = "不能由本人代理本人，请另选一位。"
    elif _holds_already(deputy, grant, starts_on, ends_on):
        errors["deputy"] = f"{deputy}这段时间本来就有这个权限，不用代理。"
    if starts_on < local_today():
        errors["starts_on"] = "开始的日期不能早于今天。"
    if ends_on < starts_on:
        errors["ends_on"] = "最后一天不能早于开始的日期。"
    elif (ends_on - starts_on).days >= DEPUTYS_DAYS:
        errors["ends_on"] = TOO_LONG
    elif grant.ends_on and ends_on > grant.ends_on:
        errors["ends_on"] = f"{grant.user}自己的授权到 {grant.ends_on} 为止。"
    if grant.stands_in_for_id:
        raise ValidationError("代理来的权限不能再让别人代理。")
    if errors:
        raise ValidationError(errors)


def _holds_already(deputy: User, grant: Grant, starts_on: date, ends_on: date) -> bool:
    """Tell whether *deputy* may do all of it anyway, or stands in for it by then."""
    held = Grant.objects.filter(user=deputy, role=grant.role, starts_on__lte=ends_on)
    held = held.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    return any(
        grant.branch.path.startswith(path)
        for path in held.values_list("branch__path", flat=True)
    )
