"""Whose address a request comes from, with our own proxies taken off."""

from django.conf import settings


def client_address(request) -> str:
    """
    Return the address of the browser, as far as it can be trusted.

    X-Forwarded-For is written by anyone; only the entries that our own
    `NUM_PROXIES` proxies appended count, from the right.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    addresses = [part.strip() for part in forwarded.split(",") if part.strip()]
    if settings.NUM_PROXIES and addresses:
        return addresses[-min(settings.NUM_PROXIES, len(addresses))]
    return request.META.get("REMOTE_ADDR", "")
