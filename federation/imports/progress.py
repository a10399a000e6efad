"""How far the writing of an import is: in the cache, since the transaction that writes
shows nothing of itself to others until it is over. Where web and worker share no cache,
the page shows a bar without a figure."""

from __future__ import annotations

from django.core.cache import cache

SECONDS = 15 * 60


def tell(pk: int, done: int, total: int) -> None:
    cache.set(_key(pk), (done, total), SECONDS)


def share(pk: int) -> int | None:
    """Return how many percent are written; None if nobody told."""
    done, total = cache.get(_key(pk)) or (0, 0)
    return min(99, done * 100 // total) if total else None


def forget(pk: int) -> None:
    cache.delete(_key(pk))


def _key(pk: int) -> str:
    return f"import-progress:{pk}"
