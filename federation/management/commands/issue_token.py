from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from federation.models import User
from federation.tokens import issue_token, revoke_token


class Command(BaseCommand):
    help = "给一个账号发放 API 令牌（旧的随即作废），或用 --revoke 收回。"

    def add_arguments(self, parser):
        parser.add_argument("username", help="用户名")
        parser.add_argument("--revoke", action="store_true", help="收回令牌")

    def handle(self, *args, username, revoke, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有用户名为 {username} 的账号，请核对。")
        if revoke:
            gone = revoke_token(user)
            self.stdout.write("令牌已收回。" if gone else "这个账号没有令牌。")
            return
        try:
            key = issue_token(user)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stderr.write("令牌只显示这一次，请妥善保存：")
        self.stdout.write(key)
