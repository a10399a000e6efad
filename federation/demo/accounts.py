"""The five people who can log in to the demo."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from federation.demo.loading import load
from federation.demo.registry import Demo, at, step
from federation.models import Branch, Grant, User
from federation.roles import Role

# Printed on the screen, and only where DEBUG is on: no secret.
PASSWORD = "mingshui-baimai-quan"  # noqa: S105


class Account(NamedTuple):
    username: str
    name: str
    role: Role
    branch_code: str
    email: str = ""


ACCOUNTS = (
    Account(
        "district", "宁书岚", Role.DISTRICT_ADMIN, "370114", "district@example.com"
    ),
    Account("street", "景春燕", Role.REVIEWER, "370114001", "street@example.com"),
    Account("village", "柴若琳", Role.CLERK, "370114001001"),
    # 明一社区 is blocks of flats; 张家村 has courtyards, and all of 出彩人家 in it:
    # households, a round under way, some of them to mend (families/demo).
    Account("families", "曹文秀", Role.CLERK, "370114001204"),
    Account("auditor", "逯文静", Role.AUDITOR, "370114"),
)


@step(50, "账号")
def make_accounts(demo: Demo) -> None:
    """Make the accounts, each with one grant since before the first record."""
    since = demo.first_month.first_day
    hashed = make_password(PASSWORD)  # once: hashing is slow on purpose
    branches = Branch.objects.in_bulk(field_name="code")
    users = [
        User(
            username=account.username,
            password=hashed,
            name=account.name,
            email=account.email,
            branch=branches[account.branch_code],
            created_at=at(since, 9),
        )
        for account in ACCOUNTS
    ]
    load(User, users)
    for account, user in zip(ACCOUNTS, users, strict=True):
        Grant.objects.create(
            user=user, branch=user.branch, role=account.role, starts_on=since
        )


def account_lines() -> list[str]:
    """Return ``name / password`` of each demo account."""
    return [f"{account.username} / {PASSWORD}" for account in ACCOUNTS]
