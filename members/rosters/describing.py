"""How a preview of a roster says what changes, in the words of the register."""

from __future__ import annotations

from collections.abc import Iterator

from federation.imports import describing
from members.models import Member, Post


def said_of_post(post: Post) -> str:
    """Return when *post* begins or ends, and why."""
    if post.ended_on is None:
        return f"{post.started_on} 起"
    reason = post.get_ending_display()
    if post.pk is None:
        return f"{post.started_on} 起，{post.ended_on} 卸任（{reason}）"
    return f"{post.ended_on} 卸任（{reason}）"


def said_of_changes(member: Member, facts: dict[str, object]) -> Iterator[str]:
    """Yield what changes of *member*, who still is what she was."""
    return describing.said_of_changes(Member, member, facts, _shown)


def _shown(field, value) -> str:
    if field.name == "birth_month":
        return f"{value:%Y-%m}" if value else ""
    return describing.shown(field, value)
