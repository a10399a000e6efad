"""Look, confirm, take back, give up."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from federation.accounts import CODE_LIFE
from members import elections
from members.admin.elections.board import by_sentence, lines_of
from members.admin.elections.pages import (
    CHANGE,
    CONFIRM,
    ElectionPages,
    board_of,
    structure_of,
)
from members.elections.handover import refusal_of

CHANGED = "您看过以后，这次换届又有改动。请再看一遍下面的内容，再点确认。"


class ConfirmPages(ElectionPages):
    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "<int:object_id>/confirm/",
                closed(self.confirm_view),
                name="members_election_confirm",
            ),
            path(
                "<int:object_id>/undo/",
                closed(self.undo_view),
                name="members_election_undo",
            ),
            path(
                "<int:object_id>/drop/",
                closed(self.drop_view),
                name="members_election_drop",
            ),
            *super().get_urls(),
        ]

    def confirm_view(self, request, object_id):
        election = self.election_of(request, object_id, CONFIRM)
        if not election.is_open:
            if request.method == "POST":
                messages.info(request, "这次换届已经确认过，没有重复办理。")
            return HttpResponseRedirect(board_of(election))
        plan = elections.plan_of(election)
        if request.method == "POST":
            if request.POST.get("seen") != plan.fingerprint:
                messages.warning(request, CHANGED)
                return HttpResponseRedirect(request.path)
            try:
                return self._done(request, elections.confirm(election, request.user))
            except elections.RefusedError:
                return HttpResponseRedirect(request.path)  # which names what is wrong
            except ValidationError as refusal:
                messages.error(request, "".join(refusal.messages))
                return HttpResponseRedirect(request.path)
            except IntegrityError:
                # Somebody took one of the user names in this very moment.
                messages.warning(request, CHANGED)
                return HttpResponseRedirect(request.path)
        problems = elections.check(plan)
        stay = elections.grants_that_stay(plan).visible_to(request.user)
        chairs = [part for part in plan.parts if len(part.chairs) == 1]
        return self.page(
            request,
            "confirm",
            "检查并确认",
            election=election,
            plan=plan,
            lines=lines_of(plan, problems),
            errors=by_sentence(one for one in problems if one.is_error),
            warnings=by_sentence(one for one in problems if not one.is_error),
            stay=stay.select_related("user", "branch"),
            refusals={refusal_of(request.user, part.term.branch) for part in chairs}
            - {""},
        )

    def _done(self, request, outcome):
        """Answer at once and not after a redirect: the codes are stored nowhere."""
        election = outcome.election
        response = self.page(
            request,
            "done",
            f"{election}已确认",
            election=election,
            outcome=outcome,
            structure=structure_of(election),
            **codes_context(request),
        )
        response["Cache-Control"] = "no-store"
        return response

    def undo_view(self, request, object_id):
        election = self.election_of(request, object_id, CONFIRM)
        if request.method == "POST":
            try:
                elections.undo(election, request.user)
            except ValidationError as refusal:
                messages.error(request, "".join(refusal.messages))
            else:
                messages.success(request, "已撤销确认，可以更正后重新确认。")
            return HttpResponseRedirect(board_of(election))
        return self.page(
            request,
            "ask",
            "撤销确认",
            explanation=f"{election}的确认整个撤销：新任职和新账号取消，原来的任职和授权"
            "恢复，填过的内容都留着，更正后可以重新确认。已经有活动、批复等记录以它为依据的，"
            "不能撤销。",
            button="撤销确认",
            back=board_of(election),
        )

    def drop_view(self, request, object_id):
        election = self.election_of(request, object_id, CHANGE)
        if request.method == "POST":
            try:
                elections.drop(election)
            except ValidationError as refusal:
                messages.error(request, "".join(refusal.messages))
            else:
                messages.success(request, f"{election}已放弃。")
            return HttpResponseRedirect(reverse("admin:members_election_changelist"))
        return self.page(
            request,
            "ask",
            "放弃这次换届",
            explanation=f"{election}不办了：填过的候选人和结果都清除，现在的任职不变。",
            button="放弃",
            back=board_of(election),
        )


def codes_context(request) -> dict:
    """Return what a page with one-time codes says about them."""
    return {
        "address": request.build_absolute_uri(reverse("federation:account_reset")),
        "hours": int(CODE_LIFE.total_seconds() // 3600),
    }
