"""Who saw personal data unmasked, and who took it away: noted once, never changed."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType

from federation.models import Branch, Disclosure
from federation.scope import scope_path


def note_opened(user, row) -> Disclosure:
    """Note that *user* saw *row*, a record of a branch, unmasked."""
    return Disclosure.objects.create(
        act=Disclosure.Act.OPENED,
        user=user,
        branch=Branch.objects.get(path=scope_path(row)),
        content_type=ContentType.objects.get_for_model(row),
        object_id=row.pk,
    )


def note_export(
    user, model, branch: Branch, *, purpose: str, recipient: str, selection: str, rows
) -> Disclosure:
    """Note that *user* took *rows* rows of *model* away, and for whom."""
    return Disclosure.objects.create(
        act=Disclosure.Act.EXPORTED,
        user=user,
        branch=branch,
        content_type=ContentType.objects.get_for_model(model),
        purpose=purpose,
        recipient=recipient,
        selection=selection,
        rows=rows,
    )
