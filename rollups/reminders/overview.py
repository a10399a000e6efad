"""What the month's page says of reminders: how many went out and when, and which
branches nobody can be reminded for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from federation.models import Branch
from federation.months import Month
from federation.wording import day_label, listed_names
from rollups.models import Reminder, Submission
from rollups.reminders.channels import addresses_of
from rollups.reminders.recipients import by_branch

NAMED = 12
Status = Reminder.Status


@dataclass(frozen=True, slots=True)
class Sent:
    """The messages of one day by one channel."""

    occasion: str
    channel: str
    day: date
    sent: int
    to_retry: int
    lost: int
    in_doubt: int

    def __str__(self):
        parts = [f"{self.channel}发出 {self.sent} 条"]
        if self.to_retry:
            parts.append(f"没发出 {self.to_retry} 条，下个工作日再发一次")
        if self.lost:
            parts.append(f"两次都没发出 {self.lost} 条，请打电话")
        if self.in_doubt:
            parts.append(f"不确定发没发出 {self.in_doubt} 条")
        return f"{day_label(self.day)}（{self.occasion}）{'，'.join(parts)}"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Branches that have something left and nobody who could be reminded."""

    without_account: list[str]
    without_address: list[str]

    def __bool__(self):
        return bool(self.count)

    @property
    def count(self) -> int:
        return len(self.without_account) + len(self.without_address)

    @property
    def lines(self) -> list[str]:
        groups = (
            ("没有能报送的账号", self.without_account),
            ("账号没有填邮箱", self.without_address),
        )
        return [
            f"{title}（{len(names)} 个）：{listed_names(names, NAMED)}"
            for title, names in groups
            if names
        ]


def sent_for(month: Month, user) -> list[Sent]:
    """Return what went out for *month* to the accounts *user* may see, oldest first."""
    rows = Reminder.objects.visible_to(user).filter(month=month.first_day)
    grouped = rows.order_by().values("occasion", "channel", day=TruncDate("tried_at"))
    failed = Q(status=Status.FAILED)
    grouped = grouped.annotate(
        sent=Count("pk", filter=Q(status=Status.SENT)),
        to_retry=Count("pk", filter=failed & Q(attempts=1)),
        lost=Count("pk", filter=failed & Q(attempts=2)),
        in_doubt=Count("pk", filter=Q(status=Status.SENDING)),
    )
    return [
        Sent(
            **row
            | {
                "occasion": Reminder.Occasion(row["occasion"]).label,
                "channel": Reminder.Channel(row["channel"]).label,
            }
        )
        for row in grouped.order_by("day", "occasion", "channel")
    ]


def unreachable(month: Month, user) -> Unreachable:
    """Return the branches *user* may see that have *month* left and that no message
    reaches, in tree order."""
    left = Submission.objects.visible_to(user).of_month(month).unreported()
    branches = Branch.objects.filter(pk__in=left.values("branch")).order_by("path")
    accounts = by_branch(left.values("branch"))
    reached = addresses_of({one for some in accounts.values() for one in some})
    found = Unreachable([], [])
    for pk, name in branches.values_list("pk", "short_name"):
        if pk not in accounts:
            found.without_account.append(name)
        elif not any(one.pk in reached for one in accounts[pk]):
            found.without_address.append(name)
    return found
