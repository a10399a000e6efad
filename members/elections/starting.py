"""Which branches elect, and from when on: an election is started, arranged, dropped."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max

from federation import batches
from federation.models import Branch
from federation.wording import listed_names
from members.models import Candidate, Election, Post, Term
from members.post_rules import hold_committees

Level = Branch.Level


def covered(branch: Branch, covers_below: bool, on: date):
    """Return the branches that elect: *branch* itself, or every village below it."""
    if not covers_below:
        return Branch.objects.filter(pk=branch.pk).existing_on(on)
    villages = Branch.objects.within(branch).filter(level=Level.VILLAGE)
    return villages.existing_on(on).order_by("path")


@transaction.atomic
def start(
    branch: Branch, *, covers_below: bool, elected_on: date, by, form_key: UUID
) -> Election:
    """
    Start the election of *branch*, or of all villages below it, and plan a term for
    each. The same *form_key* again returns what it started.

    Raises ValidationError if one of them is in another election, or there are none.
    """
    branches = list(covered(branch, covers_below, elected_on))
    # Whoever starts the same at this moment waits here.
    hold_committees([branch.pk, *(one.pk for one in branches)])
    if started := Election.objects.filter(form_key=form_key).first():
        return started
    _refuse(branch, covers_below, branches, elected_on)
    election = Election(
        branch=branch,
        covers_below=covers_below,
        elected_on=elected_on,
        started_by=by,
        form_key=form_key,
    )
    election.full_clean()
    election.save()
    _plan_terms(election, branches)
    return election


def _refuse(branch, covers_below, branches, elected_on) -> None:
    if covers_below and branch.level != Level.TOWN:
        raise ValidationError(
            {"covers_below": "只有镇街能连同各村（社区）一起换届，请去掉这个勾。"}
        )
    if not branches:
        what = f"{branch}下面没有" if covers_below else f"{branch}不是"
        raise ValidationError(
            {"branch": f"{what}{elected_on} 那天存在的组织，请核对组织和日期。"}
        )
    open_elections = Election.objects.open()
    busy = Term.objects.filter(election__in=open_elections, branch__in=branches)
    if terms := list(busy.select_related("branch", "election__started_by")):
        names = listed_names([term.branch.name for term in terms])
        election = terms[0].election
        raise ValidationError(
            {
                "branch": f"{names}正在换届（{election.started_at:%Y-%m-%d} "
                f"由{election.started_by}启动），请先办完或放弃那一次。"
            }
        )


def _plan_terms(election: Election, branches: list[Branch]) -> None:
    """Give each branch its next term: the one already planned, or a new one."""
    pks = [branch.pk for branch in branches]
    terms = Term.objects.filter(branch__in=pks)
    # Of several planned ones the next: the last to be written into the dict.
    waiting = terms.being_prepared().order_by("-number")
    planned = {term.branch_id: term for term in waiting}
    elected = terms.elected().order_by().values_list("branch")
    numbers = dict(elected.annotate(highest=Max("number")))
    seats = _seats_of(pks, election.elected_on)
    new, taken = [], []
    for branch in branches:
        term = planned.get(branch.pk)
        (taken if term else new).append(term or Term(branch=branch, number=0))
        term = term or new[-1]
        term.number = term.number or numbers.get(branch.pk, 0) + 1
        term.status = Term.Status.PREPARING
        term.planned_on = election.elected_on
        term.seats_planned = term.seats_planned or seats.get(branch.pk)
        term.election = election
    Term.objects.bulk_create(new, batch_size=batches.BATCH)
    fields = ["status", "planned_on", "seats_planned", "election"]
    Term.objects.bulk_update(taken, fields, batch_size=batches.BATCH)


def _seats_of(branch_ids: list[int], on: date) -> dict[int, int]:
    """Return ``{branch: seats}`` as they were: planned last time, else those filled."""
    filled = Post.objects.in_post(on).filter(branch__in=branch_ids).order_by()
    people = Count("member", distinct=True)
    seats = dict(filled.values_list("branch").annotate(people=people))
    running = Term.objects.running(on).filter(branch__in=branch_ids)
    planned = running.exclude(seats_planned=None).order_by()
    return seats | dict(planned.values_list("branch", "seats_planned"))


@transaction.atomic
def arrange(election: Election, **answers) -> int:
    """Set what all terms of *election* have in common (``planned_on``, ``method``,
    ``contest``); empty answers change nothing. Return how many terms were set."""
    refuse_closed(hold(election))
    told = {name: answer for name, answer in answers.items() if answer}
    return election.terms.update(**told) if told else 0


@transaction.atomic
def leave_out(term: Term) -> None:
    """Let *term*'s branch not elect this time: it is planned and nothing more."""
    election = hold(term.election)
    refuse_closed(election)
    if election.terms.count() == 1:
        raise ValidationError("这次换届只有这一个组织，不办了请放弃整次换届。")
    release(Term.objects.filter(pk=term.pk))


@transaction.atomic
def drop(election: Election) -> None:
    """Give *election* up: its terms are planned again, its candidates forgotten."""
    election = hold(election)
    refuse_closed(election)
    release(Term.objects.filter(election=election))
    election.status = Election.Status.DROPPED
    election.save(update_fields=["status"])


def release(terms) -> None:
    """Take *terms* out of their election, with whoever stood for them."""
    Candidate.objects.filter(term__in=terms).delete()
    terms.update(status=Term.Status.NOT_STARTED, election=None)


def hold(election: Election) -> Election:
    """Return *election* as it is now; nobody else changes it meanwhile."""
    return Election.objects.select_for_update(no_key=True).get(pk=election.pk)


def refuse_closed(election: Election) -> None:
    """Raise ValidationError if *election* is confirmed or given up."""
    if election.status == Election.Status.CONFIRMED:
        raise ValidationError(
            f"这次换届已由{election.confirmed_by}确认；要改动，请先撤销确认。",
            code="confirmed",
        )
    if election.status == Election.Status.DROPPED:
        raise ValidationError("这次换届已经放弃，请重新启动。", code="dropped")
