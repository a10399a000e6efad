"""What follows an election, or puts it off: approval (批复), filing (备案), and a later
date (延期)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from federation.models import Branch
from federation.months import local_today
from federation.wording import listed_names
from members.elections.starting import hold, refuse_closed, release
from members.models import Term
from members.post_rules import hold_committees

Status = Term.Status


def approve(terms: Iterable[Term], number: str, on: date) -> int:
    """Enter the approval of the elected *terms*, which a filed one keeps; return how
    many. Raises ValidationError for a day before one of the elections or to come."""
    return _enter(
        terms,
        {Status.ELECTED: Status.APPROVED, Status.APPROVED: Status.APPROVED},
        approval_number=number,
        approved_on=on,
    )


def file(terms: Iterable[Term], number: str, on: date) -> int:
    """Enter the filing of the approved *terms*; return how many. Raises
    ValidationError like ``approve``, and if none is approved."""
    filed = _enter(
        terms,
        {Status.APPROVED: Status.FILED, Status.FILED: Status.FILED},
        filing_number=number,
        filed_on=on,
    )
    if not filed:
        raise ValidationError({"filing_number": "还没有批复，请先填批复文号和日期。"})
    return filed


@transaction.atomic
def _enter(terms: Iterable[Term], moves: dict, **document) -> int:
    (day_field,) = (name for name in document if name.endswith("_on"))
    day = document[day_field]
    pks = [term.pk for term in terms]
    rows = Term.objects.filter(pk__in=pks, status__in=moves).select_related("branch")
    rows = list(rows.order_by("branch__path"))
    if day > local_today():
        raise ValidationError({day_field: "日期还没有到，请核对。"})
    early = [term.branch.name for term in rows if day < term.elected_on]
    if early:
        raise ValidationError(
            {day_field: f"日期早于选举日期（{listed_names(early)}），请核对。"}
        )
    for term in rows:
        term.status = moves[term.status]
        for name, value in document.items():
            setattr(term, name, value)
    Term.objects.bulk_update(rows, ["status", *document])
    return len(rows)


@transaction.atomic
def postpone(branch: Branch, to: date, note: str) -> Term:
    """
    Put the next election of *branch* off until *to*, for the reason in *note*. It
    leaves an election of many branches; one of its own waits with it.

    Raises ValidationError if *to* is not later than what was planned or is past.
    """
    hold_committees([branch.pk])
    term = branch.terms.being_prepared().order_by("number").first() or _next(branch)
    if to <= local_today() or (term.planned_on and to <= term.planned_on):
        raise ValidationError(
            {"planned_on": "请填一个以后的日期，要晚于今天和原计划的日期。"}
        )
    if term.election_id:
        election = hold(term.election)
        refuse_closed(election)
        if election.terms.count() > 1:
            release(Term.objects.filter(pk=term.pk))
            term.election = None
    term.planned_on, term.note, term.status = to, note, Status.POSTPONED
    term.full_clean()
    term.save()
    return term


def _next(branch: Branch) -> Term:
    highest = branch.terms.aggregate(number=Max("number"))["number"] or 0
    return Term(branch=branch, number=highest + 1)
