"""``manage.py close_month 2026-10``: keep the month's figures for good."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from rollups.closings import close
from rollups.management.months import month_of


class Command(BaseCommand):
    help = "结账：核算一遍，存为新的版本，此后这个月不能再改。"

    def add_arguments(self, parser):
        parser.add_argument("month", type=month_of, help="如 2026-10")
        parser.add_argument("--reason", default="", help="说明（可不填）")

    def handle(self, month, reason, **options):
        try:
            revision = close(month, None, reason)
        except ValidationError as refusal:
            raise CommandError("".join(refusal.messages)) from None
        self.stdout.write(f"{revision}已结账，校验值：\n{revision.head}")
