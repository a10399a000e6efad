"""Everything that can be asked of the site: the resolver's routes, walked."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import admin
from django.urls import get_resolver
from django.views.generic import RedirectView


class Route(NamedTuple):
    """One address and what answers there. *name* is the route where it has no name."""

    name: str
    route: str
    callback: object
    arguments: tuple[str, ...]

    @property
    def view_class(self):
        return getattr(self.callback, "view_class", None)

    @property
    def api_methods(self) -> list[str]:
        """The methods of a viewset's route; none of any other."""
        allowed = getattr(getattr(self.callback, "cls", None), "http_method_names", ())
        actions = getattr(self.callback, "actions", None) or {}
        return [m.upper() for m in actions if m in allowed and m != "head"]


def all_routes() -> list[Route]:
    """Return each route once; Django's old address of a change page, which does
    nothing but redirect to the new one, left out."""
    found = {}
    for route in _walk(get_resolver().url_patterns, "", "", ()):
        if not _leads_to_the_change_page(route):
            found.setdefault(route.name, route)
    return list(found.values())


def _walk(patterns, namespace, prefix, arguments):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        names = arguments + tuple(pattern.pattern.regex.groupindex)
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern.url_patterns, inner or namespace, route, names)
        else:
            name = namespace + pattern.name if pattern.name else route
            yield Route(name, route, pattern.callback, names)


def _leads_to_the_change_page(route: Route) -> bool:
    initial = getattr(route.callback, "view_initkwargs", {})
    wrapped = getattr(route.callback, "__wrapped__", None)
    initial = initial or getattr(wrapped, "view_initkwargs", {})
    is_redirect = RedirectView in (
        route.view_class,
        getattr(wrapped, "view_class", None),
    )
    return is_redirect and initial.get("pattern_name", "").endswith("_change")


def admin_model(name: str):
    """Return the model whose admin has the route *name*, or None."""
    for model in admin.site._registry:
        options = model._meta
        prefix = f"admin:{options.app_label}_{options.model_name}_"
        if name.startswith(prefix):
            return model
    return None
