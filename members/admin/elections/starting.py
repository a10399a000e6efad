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
from members.admin.elections.pages import ADD, ElectionPages, refuse, sent_to


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
            return HttpResponseRedirect(
                reverse("admin:members_election_change", args=[election.pk])
            )
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
        is_whole = "below" in request.GET
        return {
            "branch": branch,
            "covers": StartForm.WHOLE if is_whole else "own",
            "form_key": uuid.uuid4(),
        }


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
