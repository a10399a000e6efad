"""The first page: who elects, and when."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpResponseRedirect
from django.urls import reverse

from federation import lost_session
from federation.models import Branch
from members import elections
from members.admin.elections.forms import StartForm
from members.admin.elections.pages import (
    ADD,
    ElectionPages,
    board_of,
    refuse,
    sent_to,
)


class StartPage(ElectionPages):
    """Stands where the admin has the form for a new row."""

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        branches = Branch.objects.active().visible_to(request.user, ADD)
        data, is_sent = sent_to(request)
        initial = self._initial(request, branches)
        form = StartForm(data, initial=initial, branches=branches)
        if is_sent and form.is_valid() and (election := _started(request, form)):
            return HttpResponseRedirect(_first_page(election))
        return self.page(
            request,
            "start",
            "启动换届",
            form=form,
            media=form.media,
            restored=lost_session.RESTORED if data is not None and not is_sent else "",
        )

    def _initial(self, request, branches) -> dict:
        asked = request.GET.get("branch", "")
        branch = branches.filter(pk=asked).first() if asked.isdecimal() else None
        branch = branch or branches.filter(pk=request.user.branch_id or 0).first()
        is_street = branch is not None and branch.level == Branch.Level.TOWN
        # A street that asks for nothing in particular mostly means its villages.
        is_whole = "below" in request.GET or (is_street and not asked)
        return {
            "branch": branch,
            "covers": StartForm.WHOLE if is_whole else "own",
            "form_key": uuid.uuid4(),
        }


def _first_page(election) -> str:
    """Return where the work begins: of one branch its page, of several the board."""
    terms = list(election.terms.values_list("pk", flat=True)[:2])
    if len(terms) > 1:
        return board_of(election)
    return reverse("admin:members_election_term_change", args=[election.pk, *terms])


def _started(request, form):
    branch, answers = form.cleaned_data["branch"], form.answers
    try:
        return elections.start(branch, by=request.user, **answers)
    except IntegrityError:
        # Sent twice at the same moment; the other one started it.
        return elections.start(branch, by=request.user, **answers)
    except ValidationError as refusal:
        refuse(form, refusal)
        return None
