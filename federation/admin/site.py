"""What the admin site itself does otherwise: autocompletes are scoped, a password
that was changed need not be changed again; groups do not exist here, and tokens are
issued by a command, shown once and never listed."""

from auditlog import admin as auditlog_admin  # noqa: F401  registers before we do
from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.urls import path, reverse
from rest_framework.authtoken import admin as token_admin  # noqa: F401
from rest_framework.authtoken.models import TokenProxy

from federation.admin.autocomplete import ScopedAutocompleteView
from federation.login import OwnPasswordForm


def change_password(request):
    request.current_app = admin.site.name
    return PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )(request)


def autocomplete(request):
    return ScopedAutocompleteView.as_view(admin_site=admin.site)(request)


def extra_urls():
    """Return the addresses that Unfold puts before Django's of the same name."""
    closed = admin.site.admin_view
    return [
        path(
            "password_change/",
            closed(change_password, cacheable=True),
            name="password_change",
        ),
        path("autocomplete/", closed(autocomplete), name="autocomplete"),
    ]


admin.site.extra_urls = extra_urls
admin.site.index_title = "工作台"
admin.site.unregister([Group, TokenProxy])
