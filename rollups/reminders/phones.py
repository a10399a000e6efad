"""Phones of accounts, for text messages. An account has none of its own: an app that
registers its people's declares here how they are found, and is asked only while a
channel for text messages is in use."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Lookup = Callable[[list[int]], dict[int, str]]  # account ids -> {account id: phone}

_lookups: dict[str, Lookup] = {}


def register_phones(name: str, lookup: Lookup) -> None:
    """Add *lookup*. Raises ValueError for a name that is taken."""
    if name in _lookups:
        raise ValueError(f"two sources of phones named {name!r}")
    _lookups[name] = lookup


def phones_of(user_ids: Iterable[int]) -> dict[int, str]:
    """Return ``{account id: phone}`` of those that have one."""
    user_ids = list(user_ids)
    found: dict[int, str] = {}
    for name in sorted(_lookups):
        found = _lookups[name](user_ids) | found
    return found
