from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from federation.imports.branches import import_branches


class Command(BaseCommand):
    help = "从行政区划表（CSV 或 .xlsx）导入妇联组织；可以重复运行。"

    def add_arguments(self, parser):
        parser.add_argument("file", help="列：code、name、level、parent_code")
        parser.add_argument(
            "--skip-bad-lines",
            action="store_true",
            help="跳过有问题的行，导入其余的行；不加时，有一行不对就一行也不写。",
        )

    def handle(self, *args, file, skip_bad_lines, **options):
        try:
            report = import_branches(file, skip_bad_lines=skip_bad_lines)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        for number, reason in report.refused:
            self.stderr.write(f"第 {number} 行：{reason}")
        if not report.is_written:
            raise CommandError(
                f"有 {len(report.refused)} 行不能导入，什么也没有写入。"
                "请改正后重新导入，或加 --skip-bad-lines 跳过这些行。"
            )
        skipped = f"，跳过 {len(report.refused)}" if report.refused else ""
        self.stdout.write(
            f"新增 {report.created}，更新 {report.updated}，"
            f"未变 {report.unchanged}{skipped}。"
        )
