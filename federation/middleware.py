"""A password that somebody else chose is changed before anything else."""

from django.conf import settings
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

# Besides the page itself: the way out, and what that page loads.
OPEN_VIEWS = {"admin:password_change", "admin:logout", "admin:jsi18n"}
REASON = "现在的密码是别人设的，请先改成自己的，再继续工作。"
SENTENCE = "请先登录工作台修改密码，再使用接口。"


class PasswordChangeMiddleware:
    """Lead accounts that must change their password to the page where they do."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None  # the public's pages ask for no account
        user = request.user
        if not (user.is_authenticated and user.must_change_password):
            return None
        if request.resolver_match.view_name in OPEN_VIEWS:
            return None
        if request.path_info.startswith("/api/"):
            return JsonResponse({"detail": SENTENCE}, status=403)
        messages.warning(request, REASON)
        return redirect(reverse("admin:password_change"))
