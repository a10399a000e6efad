"""Write the two standards a district starts from, unless it has its own."""

from datetime import date

from django.core.management.base import BaseCommand

from families.standards import load_first
from federation.months import local_today


class Command(BaseCommand):
    help = "Write the first 评选标准 of households and of villages."

    def add_arguments(self, parser):
        parser.add_argument(
            "--from",
            dest="applies_from",
            type=date.fromisoformat,
            default=None,
            help="since when they apply, 2022-01-01; today unless given",
        )

    def handle(self, *args, applies_from, **options):
        loaded = load_first(applies_from or local_today())
        for standard in loaded:
            self.stdout.write(f"已写入：{standard}")
        if not loaded:
            self.stdout.write("已有评选标准，没有改动。")
