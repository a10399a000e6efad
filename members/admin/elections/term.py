"""One branch's page: ① 名额, ② 候选人, ③ 结果, saved together."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from federation import lost_session
from members import elections
from members.admin.elections import forms as paper
from members.admin.elections.pages import (
    CHANGE,
    ElectionPages,
    board_of,
    row_of,
    sent_to,
)
from members.elections import candidates
from members.elections.starting import hold, refuse_closed


class Sheet:
    """All forms of one branch's page, filled with *data* or as stored."""

    def __init__(self, term, user, data=None):
        self.term = term
        standing = list(term.candidates.select_related("member__branch"))
        standing.sort(key=lambda one: candidates.ORDER[one.title])
        known = {one.member_id for one in standing}
        sitting = candidates.committees([term])[term.branch_id]
        self.waiting = [post for post in sitting if post.member_id not in known]
        self.frame = paper.TermForm(data, instance=term)
        self.candidates = [paper.candidate_form(one, data) for one in standing]
        self.person = paper.PersonForm(data)
        self.add = paper.AddForm(data, committee=self.waiting, user=user)

    @property
    def all(self):
        return [self.frame, *self.candidates, self.person, self.add]

    @property
    def is_decided(self) -> bool:
        return any(form.instance.is_elected for form in self.candidates)

    @property
    def media(self):
        return self.add.media

    def is_valid(self) -> bool:
        # All of them, so that every mistake is shown at once.
        return not [form for form in self.all if not form.is_valid()]

    @property
    def errors(self) -> list[str]:
        return [str(one) for form in self.all for one in form.non_field_errors()]

    @transaction.atomic
    def save(self) -> None:
        """Write what was filled in; raises ValidationError if the election is over."""
        refuse_closed(hold(self.term.election))
        self.frame.save()
        for form in self.candidates:
            if form.cleaned_data["remove"]:
                form.instance.delete()
            else:
                form.save()
        ticked = [int(pk) for pk in self.add.cleaned_data["committee"]]
        candidates.take_committees([self.term], ticked)
        candidates.add_members(self.term, self.add.cleaned_data["members"])
        if not self.person.is_empty:
            candidates.add_person(self.term, self.person.instance)


class TermPage(ElectionPages):
    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "<int:object_id>/terms/<int:term_id>/",
                closed(self.term_view),
                name="members_election_term_change",
            ),
            path(
                "<int:object_id>/terms/<int:term_id>/leave-out/",
                closed(self.leave_out_view),
                name="members_election_leave_out",
            ),
            *super().get_urls(),
        ]

    def term_view(self, request, object_id, term_id):
        election = self.election_of(request, object_id, CHANGE)
        term = row_of(election.terms.select_related("branch"), term_id)
        if not election.is_open:
            return HttpResponseRedirect(board_of(election))
        term.election = election
        data, is_sent = sent_to(request)
        sheet = Sheet(term, request.user, data)
        refusal = []
        if is_sent and sheet.is_valid():
            try:
                sheet.save()
            except ValidationError as error:
                refusal = error.messages
            else:
                return self._next(request, election, term)
        return self.page(
            request,
            "term",
            f"{term.branch}换届",
            election=election,
            term=term,
            sheet=sheet,
            media=sheet.media,
            refusal=refusal,
            is_alone=election.terms.count() == 1,
            restored=lost_session.RESTORED if data is not None and not is_sent else "",
        )

    def _next(self, request, election, term):
        """Do what the pressed button says beside saving, and go where it leads."""
        here = request.path
        if "_committee" in request.POST:
            elections.take_committees([term])
            messages.success(request, "上届班子已列为候选人。")
        elif "_elect" in request.POST:
            count = elections.elect_everybody(election, term)
            told = f"{count} 位候选人已记为当选。" if count else "当选人已经选过了。"
            messages.success(request, told)
        elif "_next" in request.POST:
            messages.success(request, f"{term.branch}已保存。")
            return HttpResponseRedirect(self._address_after(election, term))
        else:
            messages.success(request, f"{term.branch}已保存。")
        return HttpResponseRedirect(here)

    def _address_after(self, election, term) -> str:
        later = election.terms.filter(branch__path__gt=term.branch.path)
        following = later.order_by("branch__path").first()
        if following is None:
            return board_of(election)
        return reverse(
            "admin:members_election_term_change", args=[election.pk, following.pk]
        )

    def leave_out_view(self, request, object_id, term_id):
        election = self.election_of(request, object_id, CHANGE)
        term = row_of(election.terms.select_related("branch"), term_id)
        term.election = election
        if request.method == "POST":
            try:
                elections.leave_out(term)
            except ValidationError as refusal:
                messages.error(request, "".join(refusal.messages))
            else:
                messages.success(request, f"{term.branch}这次不换届。")
            return HttpResponseRedirect(board_of(election))
        return self.page(
            request,
            "ask",
            f"{term.branch}这次不换届",
            explanation="这个组织从这次换届里去掉，已列的候选人一并清除；"
            "以后可以单独启动。",
            button="这次不换",
            back=reverse(
                "admin:members_election_term_change", args=[election.pk, term.pk]
            ),
        )
