"""How a preview says what changes: in the words of the register, phones masked."""

from __future__ import annotations

from collections.abc import Iterator

from federation.wording import masked_phone
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
    for name, value in facts.items():
        field = Member._meta.get_field(name)
        old, new = (_shown(field, one) for one in (getattr(member, name), value))
        yield f"{field.verbose_name}：{old or '（空）'} → {new}"


def _shown(field, value) -> str:
    if field.name == "phone":
        return masked_phone(value)
    if field.name == "birth_month":
        return f"{value:%Y-%m}" if value else ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(dict(field.flatchoices).get(value, value))
