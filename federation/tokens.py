"""Tokens for programs that write through the API in the name of an account."""

from auditlog.context import auditlog_value
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token

from federation.models import User


class NotedTokenAuthentication(TokenAuthentication):
    """Tells the audit log whose token it is: its middleware knows sessions only."""

    def authenticate_credentials(self, key):
        user, token = super().authenticate_credentials(key)
        if noted := auditlog_value.get(None):
            noted["actor"] = user
        return user, token


@transaction.atomic
def issue_token(user: User) -> str:
    """Return a new token of *user*; an older one is void from now on."""
    if not user.is_staff or not user.is_active:
        raise ValidationError("这个账号没有有效的授权，请先核对授权日期，再发放令牌。")
    Token.objects.filter(user=user).delete()
    token = Token.objects.create(user=user)
    _log(user, "已发放")
    return token.key


@transaction.atomic
def revoke_token(user: User) -> bool:
    """Take the token of *user* back; tell whether there was one."""
    deleted, _ = Token.objects.filter(user=user).delete()
    if deleted:
        _log(user, "已收回")
    return bool(deleted)


def _log(user: User, what: str) -> None:
    # Token's own key is its primary key: registering it would log the secret.
    LogEntry.objects.log_create(
        user, action=LogEntry.Action.UPDATE, changes={"API 令牌": ["", what]}
    )
