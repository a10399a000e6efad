"""The staff's first page: what is to do, before everything else."""

from federation.panels import filled_panels


def with_panels(request, context: dict) -> dict:
    """Put the apps' panels on the admin's first page (Unfold's dashboard callback)."""
    return context | {"panels": filled_panels("staff", request)}
