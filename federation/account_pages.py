"""The public page where a one-time code becomes a password."""

import hashlib

from axes.helpers import get_client_ip_address
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from federation.accounts import redeem_code

# An office of forty shares one address; a guesser needs far more than this.
FAILURES_AN_HOUR = 30
TOO_MANY = "这里输错的次数太多了，请一小时后再试，或联系上级妇联。"


class ResetForm(forms.Form):
    """Name, code and the new password twice; saving uses the code up."""

    username = forms.CharField(
        label="用户名",
        max_length=64,
        widget=forms.TextInput(
            {
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    code = forms.CharField(
        label="一次性重置码",
        max_length=20,
        help_text="上级发放的 10 位字母数字，24 小时内有效，只能用一次。",
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "characters"}
        ),
    )
    new_password = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一遍新密码",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_new_password(self):
        # Before the code is tried: a weak password must not cost an attempt.
        password = self.cleaned_data["new_password"]
        validate_password(password)
        return password

    def clean(self):
        password, again = (self.cleaned_data.get(k) for k in ("new_password", "again"))
        if password and again and password != again:
            self.add_error("again", "两次输入的密码不一样，请重新输入。")
        return self.cleaned_data

    def redeem(self) -> None:
        redeem_code(
            self.cleaned_data["username"],
            self.cleaned_data["code"],
            self.cleaned_data["new_password"],
        )


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class ResetView(FormView):
    """Set a new password with a one-time code; whoever guesses is slowed down."""

    form_class = ResetForm
    template_name = "federation/account_reset.html"
    success_url = reverse_lazy("admin:login")

    def get_initial(self):
        return {"username": self.request.GET.get("username", "")[:64]}

    def get_context_data(self, **kwargs):
        rules = password_validators_help_texts()
        return super().get_context_data(password_rules=rules, **kwargs)

    def form_valid(self, form):
        failures = _Failures(get_client_ip_address(self.request))
        if failures.are_too_many():
            form.add_error(None, TOO_MANY)
            response = self.form_invalid(form)
            response.status_code = 429
            return response
        try:
            form.redeem()
        except ValidationError as error:
            is_guess = getattr(error, "code", None) == "code"
            if is_guess:
                failures.count()
            form.add_error(None if is_guess else "new_password", error)
            return self.form_invalid(form)
        messages.success(self.request, "新密码已设好，请用它登录。")
        return super().form_valid(form)


class _Failures:
    """How often one address was wrong within the hour."""

    def __init__(self, address: str | None):
        digest = hashlib.sha256((address or "").encode()).hexdigest()
        self.key = f"account-reset-{digest[:32]}"

    def are_too_many(self) -> bool:
        return cache.get(self.key, 0) >= FAILURES_AN_HOUR

    def count(self) -> None:
        # Not incr: two guesses at once may count as one, an absent Redis does no harm.
        cache.set(self.key, cache.get(self.key, 0) + 1, timeout=3600)
