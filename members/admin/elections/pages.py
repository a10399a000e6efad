"""What the pages of an election have in common."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse

from federation import lost_session
from members.models import Election

VIEW = "members.view_election"
ADD = "members.add_election"
CHANGE = "members.change_election"
CONFIRM = "members.confirm_election"


class ElectionPages:
    """Finds the election a page is about, and answers in the admin's frame."""

    def election_of(self, request, pk, permission: str = CHANGE) -> Election:
        """Return the election *pk*; 404 out of sight, 403 without *permission*."""
        seen = Election.objects.visible_to(request.user, VIEW)
        election = row_of(
            seen.select_related("branch", "started_by", "confirmed_by", "journal"), pk
        )
        return allowed(request, permission, election)

    def page(self, request, template: str, title: str, status=200, **context):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            **context,
        }
        template = f"admin/members/election/{template}.html"
        return TemplateResponse(request, template, context, status=status)


def row_of(rows, pk):
    """Return the row with the key *pk*, as it stands in an address."""
    row = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
    if row is None:
        raise Http404
    return row


def allowed(request, permission: str, row):
    if not request.user.has_perm(permission, row):
        raise PermissionDenied
    return row


def sent_to(request):
    """Return (fields, whether they are to be saved): what was sent, or what a session
    that ran out has kept; None for a page that is only opened."""
    if request.method == "POST":
        return request.POST, True
    return lost_session.kept_fields(request), False


def refuse(form, refusal: ValidationError) -> None:
    """Show a refusal beside the question it concerns."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, ValidationError(refusal.messages))
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def board_of(election) -> str:
    return reverse("admin:members_election_change", args=[election.pk])


def structure_of(election) -> str:
    """Return the address of the structure report."""
    return reverse("admin:members_election_structure", args=[election.pk])
