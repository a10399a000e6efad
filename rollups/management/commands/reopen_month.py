"""``manage.py reopen_month 2026-10 --reason …``: let the month be written again."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from rollups.closings import reopen
from rollups.management.months import month_of


class Command(BaseCommand):
    help = "重新开账：写明原因；以前的版本都保留，再结账时是新的版本。"

    def add_arguments(self, parser):
        parser.add_argument("month", type=month_of, help="如 2026-10")
        parser.add_argument("--reason", required=True, help="为什么要重新开账")

    def handle(self, month, reason, **options):
        try:
            reopen(month, None, reason=reason)
        except ValidationError as refusal:
            raise CommandError("".join(refusal.messages)) from None
        self.stdout.write(f"{month.label}已重新开账。")
