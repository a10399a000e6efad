"""How a preview says what changes: in the words of the register, phones masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from federation.wording import masked_phone


def shown(field, value) -> str:
    """Return *value* of a model's *field* for the reader."""
    if field.name == "phone":
        return masked_phone(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(dict(field.flatchoices).get(value, value))


def said_of_changes(
    model, old, facts: dict[str, object], shown: Callable = shown
) -> Iterator[str]:
    """Yield what changes of *old*, a row of *model* that still is what it was."""
    for name, value in facts.items():
        field = model._meta.get_field(name)
        before, after = (shown(field, one) for one in (getattr(old, name), value))
        yield f"{field.verbose_name}：{before or '（空）'} → {after}"
