"""Recount months by hand, or check that they are what the records give."""

from django.core.management.base import BaseCommand, CommandError

from federation.months import Month
from rollups import engine


def month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise CommandError(f"月份请写成 2026-01 的样子，不能是“{text}”。") from error


class Command(BaseCommand):
    help = "按记录重算各月汇总；加 --check 只核对，有差异时列出并以 1 退出。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--from", dest="first", required=True, help="起始月份，如 2026-01"
        )
        parser.add_argument(
            "--to", dest="last", required=True, help="截止月份，如 2026-11"
        )
        parser.add_argument(
            "--check", action="store_true", help="先汇总待办，再核对，不改数"
        )

    def handle(self, *, first, last, check, **options):
        first, last = month(first), month(last)
        if last < first:
            raise CommandError("截止月份不能早于起始月份。")
        if not check:
            engine.recount_range(first, last)
            self.stdout.write(f"已重算 {first} 至 {last}。")
            return
        engine.drain_marks()
        found = engine.differences(Month.range(first, last), repair=False)
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            raise CommandError(f"{len(found)} 处与记录不符。", returncode=1)
        self.stdout.write(f"{first} 至 {last} 与记录一致。")
