"""Confirming an election and taking it back: everything or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import journal as journals
from federation.journal import Recorder
from federation.models import Journal
from members.elections import handover
from members.elections.checking import Problem, check, errors
from members.elections.plan import Plan, plan_of
from members.elections.starting import hold, refuse_closed
from members.models import Election
from members.models.choices import Title
from members.post_rules import hold_committees

# The copy of a person on the ballot ends when she has a row of her own.
FORGOTTEN = ("phone", "occupation", "work_unit")


@dataclass
class Outcome:
    """What the confirmation wrote, and what the chairs are to be told: their codes
    can be read here and nowhere else."""

    election: Election
    ended: int
    begun: int
    newcomers: int
    grants_ended: int
    handovers: list[handover.Handover]


class RefusedError(ValidationError):
    """The checks found errors: *problems*."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__(
            [f"{problem.term.branch}：{problem.sentence}" for problem in problems]
        )


def confirm(election: Election, by) -> Outcome:
    """
    End the old terms' posts and the grants that came with them, begin the new ones,
    and give the chairs their rights: in one transaction, logged, undone by ``undo``.

    Raises RefusedError with the errors of the checks, ValidationError if it is
    confirmed already or given up.
    """
    outcome = _write(election, by)
    handover.issue_codes(outcome.handovers, by)
    return outcome


@transaction.atomic
def undo(election: Election, by) -> None:
    """
    Take the confirmation back as a whole; the election can then be corrected and
    confirmed again.

    Raises ValidationError with the sentence for the reader if it is not confirmed, too
    old, or a record stands on it.
    """
    election = hold(election)
    if not election.is_confirmed:
        raise ValidationError("这次换届没有确认，不用撤销。")
    hold_committees(election.terms.values_list("branch", flat=True))
    journals.undo(election.journal, by)
    election.status = Election.Status.UNDONE
    election.save(update_fields=["status"])


@transaction.atomic
def _write(election: Election, by) -> Outcome:
    election = hold(election)
    refuse_closed(election)
    hold_committees(election.terms.values_list("branch", flat=True))
    plan = plan_of(election)
    if refused := errors(check(plan)):
        raise RefusedError(refused)
    journal = Journal.objects.create(
        branch=election.branch, title=str(election)[:100], made_by=by
    )
    recorder = Recorder(journal)
    # Backwards, each of these steps leaves what the rules of posts allow.
    _end_the_old(plan, recorder)
    newcomers = _begin_the_new(plan, recorder)
    chairs = [post for post in plan.all("beginning") if post.title == Title.CHAIR]
    outcome = Outcome(
        election,
        ended=len(plan.all("ending")),
        begun=len(plan.all("beginning")),
        newcomers=newcomers,
        grants_ended=len(plan.all("ending_grants")),
        handovers=handover.write(chairs, by, recorder),
    )
    election.status, election.journal = Election.Status.CONFIRMED, journal
    election.confirmed_by, election.confirmed_at = by, timezone.now()
    election.save(update_fields=["status", "journal", "confirmed_by", "confirmed_at"])
    return outcome


def _end_the_old(plan: Plan, recorder: Recorder) -> None:
    # The grants first: ending a post ends them too, but writes nothing down to undo.
    recorder.update(plan.all("ending_grants"), ["starts_on", "ends_on"])
    recorder.update(plan.all("ending"), ["ended_on", "ending"])


def _begin_the_new(plan: Plan, recorder: Recorder) -> int:
    """Elect the terms, register who is new, begin the posts; return how many were
    new."""
    terms = [part.term for part in plan.parts]
    recorder.update(terms, ["status", "elected_on", "due_on"])
    posts = plan.all("beginning")
    new = [post.member for post in posts if post.member.pk is None]
    for member in new:
        member.describe()
    recorder.create(new)
    for post in posts:
        post.member = post.member  # its key is known now
    recorder.create(posts)
    _link_candidates(plan, recorder)
    return len(new)


def _link_candidates(plan: Plan, recorder: Recorder) -> None:
    linked = []
    for part in plan.parts:
        for candidate, post in zip(part.elected, part.beginning, strict=True):
            if candidate.member_id is None:
                candidate.member = post.member
                for name in FORGOTTEN:
                    setattr(candidate, name, "")
                linked.append(candidate)
    recorder.update(linked, ["member", *FORGOTTEN])
