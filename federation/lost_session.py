"""A session that ran out loses nothing that was typed.

A form sent after it is kept in the (new) session of the same browser; after the login
the form comes back filled in. Nothing is saved by that: she looks and presses the
button again. The same for a form that is older than the last login, whose CSRF token
no longer holds.
"""

import secrets
import time
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.csrf import csrf_failure as plain_csrf_failure

KEY = "lost_forms"
PARAMETER = "restore"
MOST_FORMS = 3
MOST_CHARACTERS = 60_000  # 4,000 Chinese characters of summary, and the rest
KEPT_SECONDS = 24 * 3600

LOGIN_FIRST = "登录已过期。您刚才填的内容已经留好，登录后会回到填好的表。"
RESTORED = "这是您刚才填的内容，还没有保存。请核对后再点一次保存或提交。"


class LostSessionMiddleware:
    """Keeps a form of the admin that arrives without a login."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not is_form_sent(request) or request.user.is_staff:
            return None
        return _to_login(request)


def csrf_failure(request, reason=""):
    """Bring a form back whose page is older than the last login. What another site
    sent is refused as ever."""
    if not (is_form_sent(request) and _comes_from_here(request)):
        return plain_csrf_failure(request, reason)
    if not request.user.is_staff:
        return _to_login(request)
    return HttpResponseRedirect(_address_with(request, keep(request)))


def is_form_sent(request) -> bool:
    """Tell whether *request* sends a form that adds or changes a record."""
    match = request.resolver_match
    return (
        request.method == "POST"
        and match is not None
        and match.namespaces == ["admin"]
        and (
            match.url_name.endswith("_add")
            # Not the form of one's own password, whose name ends alike.
            or (match.url_name.endswith("_change") and "object_id" in match.kwargs)
        )
    )


def keep(request, path: str | None = None, fields=None) -> str | None:
    """Keep the fields of *request* for the page at its *path*; return the word under
    which they are found again, None if they are too many."""
    fields = (fields or request.POST).copy()
    for name in [name for name in fields if _is_secret(name)]:
        del fields[name]
    sent = fields.urlencode()
    if len(sent) > MOST_CHARACTERS:
        return None
    kept = _kept(request)
    token = secrets.token_urlsafe(16)
    kept[token] = {"path": path or request.path, "sent": sent, "at": int(time.time())}
    for oldest in list(kept)[:-MOST_FORMS]:
        del kept[oldest]
    request.session[KEY] = kept
    return token


def kept_fields(request) -> QueryDict | None:
    """Return the fields that were kept for this page, if it asks for them."""
    entry = _kept(request).get(request.GET.get(PARAMETER, ""))
    if entry is None or entry["path"] != request.path:
        return None
    return QueryDict(entry["sent"], mutable=True)


def _is_secret(name: str) -> bool:
    return name == "csrfmiddlewaretoken" or "password" in name


def _kept(request) -> dict:
    since = time.time() - KEPT_SECONDS
    entries = request.session.get(KEY, {})
    return {token: e for token, e in entries.items() if e["at"] > since}


def _to_login(request):
    token = keep(request)
    if token:
        messages.info(request, LOGIN_FIRST)
    return redirect_to_login(_address_with(request, token), reverse("admin:login"))


def _address_with(request, token: str | None) -> str:
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    if token:
        query[PARAMETER] = token
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _comes_from_here(request) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if not origin:
        return True
    # Behind a proxy the scheme may be unknown here; the name is what matters.
    return urlsplit(origin).netloc == request.get_host()
