from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from federation.accounts import CODE_LIFE, issue_code
from federation.models import Branch, Grant, User
from federation.roles import Role


class Command(BaseCommand):
    help = "建立第一个区级管理员账号，并打印设置密码用的一次性重置码。"

    def add_arguments(self, parser):
        parser.add_argument("username", metavar="NAME", help="登录用的用户名")
        parser.add_argument("--name", help="姓名；不填就用用户名")

    def handle(self, *args, username, name, **options):
        root = Branch.objects.root()
        if root is None:
            raise CommandError(
                "还没有妇联组织。请先导入：manage.py import_branches FILE"
                "（章丘的在 federation/data/zhangqiu_divisions.csv）。"
            )
        code = self._create(username, name or username, root)
        hours = int(CODE_LIFE.total_seconds() // 3600)
        self.stdout.write(
            f"已建立区级管理员 {username}（{root}）。\n"
            f"一次性重置码：{code}\n"
            f"请在 {hours} 小时内打开 {reverse('federation:account_reset')} 设置密码。"
        )

    @transaction.atomic
    def _create(self, username: str, name: str, root: Branch) -> str:
        user = User(username=username, name=name, branch=root)
        user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as error:
            raise CommandError(
                f"{''.join(error.messages)}"
                f"（已有账号忘了密码时：manage.py changepassword {username}）"
            ) from error
        user.save()
        Grant.objects.create(user=user, branch=root, role=Role.DISTRICT_ADMIN)
        return issue_code(user, by=None)
