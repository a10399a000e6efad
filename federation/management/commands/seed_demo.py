"""Fill an empty database with five years of demo records."""

import gc
from argparse import BooleanOptionalAction
from contextlib import contextmanager
from datetime import date

from auditlog.context import disable_auditlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from federation.demo import Demo, run
from federation.demo.accounts import account_lines
from federation.models import Branch, User
from federation.months import local_today

BAR = 30


class Command(BaseCommand):
    help = "向空数据库载入五年的演示数据（只在 DEBUG 打开时）。"

    def add_arguments(self, parser):
        parser.add_argument("--today", type=_day, help="以哪一天为今天，如 2026-11-24")
        parser.add_argument("--seed", type=int, default=1, help="随机种子，默认 1")
        parser.add_argument(
            "--scale", type=int, default=1, help="基层日常活动的倍数，默认 1"
        )
        parser.add_argument(
            "--full",
            action=BooleanOptionalAction,
            default=True,
            help="连同出彩人家的 120703 户；--no-full 不载入这些户，快一些",
        )

    def handle(self, *, today, seed, scale, full, **options):
        self._refuse(scale)
        demo = Demo(today or local_today(), seed, scale, full)
        # All or nothing: a run that was broken off leaves the database empty.
        with transaction.atomic(), unobserved():
            for done, total, label in run(demo):
                self._show(done, total, label)
        self.stdout.write("演示账号（用户名 / 密码）：")
        for line in account_lines():
            self.stdout.write(line)

    def _refuse(self, scale: int) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "演示数据只在 DEBUG 打开时载入。正式网站请运行 "
                "create_district_account 创建第一个区级账号。"
            )
        if Branch.objects.exists() or User.objects.exists():
            raise CommandError(
                "数据库中已有组织或账号，没有载入演示数据。请换一个空数据库再运行。"
            )
        if scale < 0:
            raise CommandError("倍数不能是负数，请填写 0 或更大的整数。")

    def _show(self, done: int, total: int, label: str) -> None:
        filled = BAR * done // total
        bar = "█" * filled + "░" * (BAR - filled)
        line = f"{bar} {100 * done // total:3d}% {label}"
        # One line that moves on a terminal; in a log, a line for each step.
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K{line}", ending="\n" if done == total else "")
        else:
            self.stdout.write(line)
        self.stdout.flush()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"日期请写成 2026-11-24 的样子，不能是“{text}”。") from None


@contextmanager
def unobserved():
    """Leave out what watches ordinary writes and would cost more than they do."""
    # DEBUG remembers each statement with all its values quoted.
    connection.make_debug_cursor = connection.make_cursor
    gc.disable()  # hundreds of thousands of rows, and no cycle among them
    try:
        # Nobody did any of this: the audit log begins with the first real change.
        with disable_auditlog():
            yield
    finally:
        gc.enable()
        del connection.make_debug_cursor
