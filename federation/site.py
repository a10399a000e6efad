"""Whose site this is: the root branch, read once in a while."""

from typing import NamedTuple

from django.core.cache import cache

from federation.models import Branch

CACHE_KEY = "federation.site_root"
CACHE_SECONDS = 60


class SiteRoot(NamedTuple):
    """The root branch as the head and foot of each page name it."""

    code: str
    name: str
    title: str


UNNAMED = SiteRoot("", "妇联", "数智妇联")


def site_root() -> SiteRoot:
    """Return the root branch; a generic name while there is no tree yet."""
    remembered = cache.get(CACHE_KEY)
    if remembered:
        return SiteRoot(*remembered)
    root = _read_root()
    # A site without a tree gets one soon: nothing to remember.
    if root is None:
        return UNNAMED
    cache.set(CACHE_KEY, tuple(root), CACHE_SECONDS)
    return root


def _read_root() -> SiteRoot | None:
    root = (
        Branch.objects.filter(parent=None)
        .order_by("path")
        .values_list("code", "name", "place_name", "short_name")
        .first()
    )
    if root is None:
        return None
    code, name, place_name, short_name = root
    return SiteRoot(code, name, site_title(place_name or short_name))


def site_title(place: str) -> str:
    """Return the site's name from its place's: 章丘区 → 章丘数智妇联."""
    bare = place.removesuffix("妇联")
    # A one-character rest would no longer name the place: 吴县 stays 吴县.
    if len(bare) > 2 and bare[-1] in "区县市旗":
        bare = bare[:-1]
    return f"{bare}数智妇联"
