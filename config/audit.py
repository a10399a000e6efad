"""The audit log's middleware, with the address that can be trusted."""

from auditlog.middleware import AuditlogMiddleware

from config.client_address import client_address


class SiteAuditlogMiddleware(AuditlogMiddleware):
    """Note the browser's address as our own proxies saw it: the package's takes
    whatever stands first in X-Forwarded-For, which anyone may write."""

    @staticmethod
    def _get_remote_addr(request):
        return client_address(request) or None
