"""Pages made of several apps' parts: the public home, a branch's page and its page for
the staff, the staff's first page, what stands beside a table of figures. They live
here and are filled by each app's ``panels.py``.

A panel is a function that returns the context of its template, read through
``.public()`` or ``.visible_to(user)``; ``None`` leaves the panel out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Place = Literal["home", "branch", "branch_staff", "search", "staff", "figures", "month"]


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a page: where, after which others, by which template."""

    place: Place
    name: str
    template: str
    context: Callable  # (request, **page) -> dict | None
    position: int = 100


_panels: dict[tuple[str, str], Panel] = {}


def panel(place: Place, name: str, template: str, position: int = 100):
    """Register the decorated context function as a panel. Raises ValueError if the
    page already has a panel of that name."""

    def register(context):
        if (place, name) in _panels:
            raise ValueError(f"two panels named {name!r} on {place}")
        _panels[place, name] = Panel(place, name, template, context, position)
        return context

    return register


def filled_panels(place: Place, request, **page) -> list[tuple[str, dict]]:
    """Return (template, context) of each panel of *place* that has something to say."""
    chosen = [panel for panel in _panels.values() if panel.place == place]
    chosen.sort(key=lambda panel: (panel.position, panel.name))
    filled = ((panel.template, panel.context(request, **page)) for panel in chosen)
    return [(template, context) for template, context in filled if context is not None]
