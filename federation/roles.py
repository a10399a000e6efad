"""Roles are code; which account has one is a dated row (``Grant``).

Each app's own ``roles.py`` calls ``allow`` for its models; a role's permissions are
the union of what the apps declare. docs/permissions.md is the table in words.
"""

from collections import defaultdict

from django.db.models import TextChoices


class Role(TextChoices):
    CLERK = "clerk", "录入员"
    REVIEWER = "reviewer", "审核员"
    DISTRICT_ADMIN = "district_admin", "区级管理员"
    AUDITOR = "auditor", "只读审计"


_permissions: dict[str, set[str]] = defaultdict(set)


def allow(role: Role, *permissions: str) -> None:
    """Declare that *role* holds *permissions* (``"app.codename"``)."""
    for permission in permissions:
        app, _, codename = permission.partition(".")
        if not (app and codename):
            raise ValueError(f"write permissions as app.codename: {permission!r}")
        _permissions[role].add(permission)


def permissions_of(role: str) -> frozenset[str]:
    """Return every permission of *role*, whatever the place."""
    return frozenset(_permissions[role])


def roles_with(permission: str) -> list[str]:
    """Return the roles that hold *permission*."""
    return [role for role in Role.values if permission in _permissions[role]]


# Who may hand out which role. A street's reviewer makes village accounts; only the
# district makes reviewers, auditors and its own kind.
GRANTABLE = {
    Role.CLERK: (),
    Role.REVIEWER: (Role.CLERK,),
    Role.DISTRICT_ADMIN: tuple(Role),
    Role.AUDITOR: (),
}

_READ = (
    "federation.view_branch",
    "federation.view_placement",
    "federation.view_succession",
    "federation.view_chapter",
    "federation.view_programme",
    "federation.view_branchstat",
    "federation.view_reportingmonth",
)
_KEEP_ACCOUNTS = (
    "federation.view_user",
    "federation.add_user",
    "federation.change_user",
    "federation.view_grant",
    "federation.add_grant",
    "federation.change_grant",
)
allow(Role.CLERK, *_READ)
allow(Role.REVIEWER, *_READ, *_KEEP_ACCOUNTS, "federation.view_importrun")
allow(
    Role.DISTRICT_ADMIN,
    *_READ,
    *_KEEP_ACCOUNTS,
    "federation.view_importrun",
    "federation.change_branch",
    "federation.succeed_branch",
    "federation.add_branchstat",
    "federation.change_branchstat",
    "federation.add_chapter",
    "federation.change_chapter",
    "federation.add_programme",
    "federation.change_programme",
    "federation.change_reportingmonth",
    "federation.close_reportingmonth",
    "auditlog.view_logentry",
)
allow(
    Role.AUDITOR,
    *_READ,
    "federation.view_user",
    "federation.view_grant",
    "federation.view_importrun",
    "auditlog.view_logentry",
)
