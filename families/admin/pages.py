"""What the pages of 出彩人家 in the admin have in common."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse

from families.models import Batch
from federation.models import Branch


class FamilyPages:
    """Finds what a page is about, and answers in the admin's frame."""

    def page(self, request, template: str, title: str, status=200, **context):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            **context,
        }
        template = f"admin/families/{template}.html"
        return TemplateResponse(request, template, context, status=status)

    def batch_of(self, request, pk) -> Batch:
        """Return the batch *pk*; 404 if the user takes no part in it."""
        batches = Batch.objects.taking_part(request.user).select_related("branch")
        return row_of(batches, pk)


def row_of(rows, pk):
    """Return the row with the key *pk*, as it stands in an address."""
    is_key = str(pk).isdecimal() and len(str(pk)) < 19
    row = rows.filter(pk=pk).first() if is_key else None
    if row is None:
        raise Http404
    return row


def asked_for(request, name: str) -> str:
    """Return what the form or the address says about *name*."""
    return request.POST.get(name) or request.GET.get(name, "")


def branch_of(request, permission: str) -> Branch | None:
    """Return the branch that is asked for; None without one, 404 out of sight."""
    asked = asked_for(request, "branch")
    if not asked:
        return None
    return row_of(Branch.objects.visible_to(request.user, permission), asked)


def allowed(user, permission: str, row) -> None:
    if not user.has_perm(permission, row):
        raise PermissionDenied


def refuse(form, refusal) -> None:
    """Show a refusal beside the question it concerns."""
    if not hasattr(refusal, "error_dict"):
        for sentence in refusal.messages:
            form.add_error(None, sentence)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
