"""``manage.py reopen_month 2026-10 --reason … [--branch CODE --until 2026-11-20]``: let
the month be written again, by everybody or by one branch and those below it."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from federation.models import Branch
from rollups.closings import reopen
from rollups.management.months import month_of


class Command(BaseCommand):
    help = "重新开账：写明原因；以前的版本都保留，再结账时是新的版本。"

    def add_arguments(self, parser):
        parser.add_argument("month", type=month_of, help="如 2026-10")
        parser.add_argument("--reason", required=True, help="为什么要重新开账")
        parser.add_argument("--branch", help="只对这个编码的组织和它的下级开账")
        parser.add_argument("--until", type=_day, help="开到哪一天，如 2026-11-20")

    def handle(self, month, reason, branch, until, **options):
        if (branch is None) != (until is None):
            raise CommandError("只对一个组织开账时，--branch 和 --until 要一起写。")
        opened = self._branch(branch) if branch else None
        try:
            entered = reopen(month, None, reason=reason, branch=opened, until=until)
        except ValidationError as refusal:
            raise CommandError("".join(refusal.messages)) from None
        whom = f"只对{opened}，到 {until}。" if opened else ""
        self.stdout.write(f"{month.label}已重新开账。{whom}")
        if entered:
            self.stdout.write(f"已入账 {entered} 条补录／更正。")

    def _branch(self, code: str) -> Branch:
        if found := Branch.objects.filter(code=code.replace("\x00", "")).first():
            return found
        raise CommandError(f"没有编码为 {code} 的组织，请核对。")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是日期，请写成 2026-11-20。") from None
