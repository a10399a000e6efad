"""Answers to somebody who is known stay out of caches that others read from."""

from django.utils.cache import patch_cache_control


class PrivateAnswersMiddleware:
    """Mark as private what was answered to a login or a token, unless the view said
    itself how long its answer may be kept, and by whom."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_known = request.user.is_authenticated or "Authorization" in request.headers
        if is_known and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True)
        return response
