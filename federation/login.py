"""The forms of the staff's door: logging in, and changing one's own password."""

from django.core.exceptions import ValidationError
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm


class LoginForm(AuthenticationForm):
    """Says what to do when the door stays shut."""

    error_messages = {
        "invalid_login": (
            "用户名或密码不对，请核对后再试；忘了密码，请上级妇联发放一次性重置码。"
        ),
        "inactive": "这个账号已停用，请联系上级妇联。",
        "no_grant": "这个账号现在没有授权（可能已到期），请联系上级妇联开通。",
    }

    def confirm_login_allowed(self, user):
        if not user.is_active:
            raise ValidationError(self.error_messages["inactive"], code="inactive")
        if not user.is_staff:
            raise ValidationError(self.error_messages["no_grant"], code="no_grant")


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """A password one chose oneself need not be changed any more."""

    def save(self, commit=True):
        self.user.must_change_password = False
        return super().save(commit)
