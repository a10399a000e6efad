"""An election's board: each branch in a line, with what is missing and the next step;
and for a street what all villages can be given at once."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponseRedirect

from federation import journal
from members import elections
from members.admin.elections.forms import TogetherForm
from members.admin.elections.pages import (
    CHANGE,
    CONFIRM,
    VIEW,
    ElectionPages,
    sent_to,
    structure_of,
)
from members.models import Post, Term
from members.models.choices import Title


@dataclass
class Line:
    """One branch on the board."""

    part: elections.TermPlan
    problems: list[elections.Problem]

    @property
    def term(self) -> Term:
        return self.part.term

    @property
    def errors(self):
        return [problem for problem in self.problems if problem.is_error]

    @property
    def is_ready(self) -> bool:
        return not self.errors

    @property
    def next_step(self) -> str:
        if not self.part.candidates:
            return "列候选人"
        if not self.part.elected:
            return "填结果"
        return "看一看" if self.is_ready else "去补上"


def lines_of(plan, problems) -> list[Line]:
    return [
        Line(part, [one for one in problems if one.term.pk == part.term.pk])
        for part in plan.parts
    ]


def by_sentence(problems) -> list[tuple[str, list[Term]]]:
    """Return each sentence once, with the terms it is true of: what 33 villages have
    in common is not said 33 times."""
    terms: dict[str, list[Term]] = {}
    for problem in problems:
        terms.setdefault(problem.sentence, []).append(problem.term)
    return list(terms.items())


class BoardPage(ElectionPages):
    """Stands where the admin has the form of a row."""

    def change_view(self, request, object_id, form_url="", extra_context=None):
        election = self.election_of(request, object_id, VIEW)
        if request.method == "POST":
            self.election_of(request, object_id, CHANGE)
            return self._together(request, election)
        if not election.is_open:
            return self._over(request, election)
        return self._board(request, election)

    def _board(self, request, election, form=None):
        plan = elections.plan_of(election)
        lines = lines_of(plan, elections.check(plan))
        kept, _ = sent_to(request)
        return self.page(
            request,
            "board",
            str(election),
            election=election,
            lines=lines,
            ready=sum(line.is_ready for line in lines),
            form=form or TogetherForm(kept),
            may_change=request.user.has_perm(CHANGE, election),
            may_confirm=request.user.has_perm(CONFIRM, election),
        )

    def _together(self, request, election):
        """Give all villages what the pressed button says, and what was typed."""
        form = TogetherForm(request.POST)
        if not form.is_valid():
            return self._board(request, election, form)
        try:
            elections.arrange(election, **form.cleaned_data)
            if "_committees" in request.POST:
                came = elections.take_committees(election.terms.all())
                messages.success(request, f"上届班子 {came} 人已列为候选人。")
            elif "_elect" in request.POST:
                elected = elections.elect_everybody(election)
                messages.success(request, f"{elected} 位候选人已记为当选，请逐村核对。")
            else:
                messages.success(request, "已用到各村。")
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        return HttpResponseRedirect(request.path)

    def _over(self, request, election):
        terms = election.terms.select_related("branch").annotate(
            people=Count("posts", filter=Q(posts__ended_on__isnull=True))
        )
        chairs = Post.objects.filter(term__election=election, title=Title.CHAIR)
        waiting = chairs.filter(post_grants__isnull=True, ended_on__isnull=True)
        return self.page(
            request,
            "over",
            str(election),
            election=election,
            terms=terms.order_by("branch__path"),
            waiting=waiting.select_related("member", "branch"),
            structure=structure_of(election),
            why_not=election.journal and journal.why_not(election.journal),
            may_change=request.user.has_perm(CHANGE, election),
            may_confirm=request.user.has_perm(CONFIRM, election),
        )
