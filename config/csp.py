"""One strict Content-Security-Policy, and the admin's own beside it."""

from csp.middleware import CSPMiddleware
from django.conf import settings


class SiteCSPMiddleware(CSPMiddleware):
    """Send the strict policy everywhere, the relaxed one below `/admin/` alone."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith("/admin/"):
            parts.config = settings.ADMIN_CSP_DIRECTIVES
            # A nonce in the header would switch off the 'unsafe-inline' that
            # Unfold's Alpine needs.
            parts.nonce = None
        return parts
