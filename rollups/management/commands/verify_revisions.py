"""``manage.py verify_revisions``: what was closed is still what it was."""

from django.core.management.base import BaseCommand, CommandError

from rollups.closings import chain_head, verify
from rollups.models import Revision


class Command(BaseCommand):
    help = (
        "核对所有版本：校验值、文件逐行和库里的数据、合计和本级加下级。"
        "有留存在纸上或导出文件里的校验值时，用 --head 一并核对。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            help="留存的校验值，如 2026-10/1:ab12…，可重复",
        )

    def handle(self, head, **options):
        faults = 0
        for fault in verify(head):
            self.stderr.write(str(fault))
            faults += 1
        if faults:
            raise CommandError(f"有 {faults} 处被改动过或不完整。")
        count = Revision.objects.count()
        self.stdout.write(f"{count} 个版本都完好。校验值：{chain_head() or '（无）'}")
