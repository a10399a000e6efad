"""What people do with a correction: keep it, approve it twice, give it up.

Each act is one transaction on a locked row and leaves a step; to tap twice does what
tapping once does.
"""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from federation.scope import holds_everywhere, only_stands_in_for
from rollups.corrections.entering import enter
from rollups.corrections.handlers import Proposal
from rollups.models import Correction, CorrectionStep
from rollups.models.correction import ONE_WAITS

VIEW = "rollups.view_correction"
ADD = "rollups.add_correction"
REVIEW = "rollups.review_correction"

State = Correction.State
Verb = CorrectionStep.Verb

REASON_MISSING = "请写明为什么要补录或更正，镇街和区里要看。"


def keep(proposal: Proposal, by, *, reason: str, token: uuid.UUID) -> Correction:
    """
    Keep *proposal* as a correction that waits for the street, or for the district if
    the street has nothing to add, and return it.

    The same *token* again gives the same correction; one that was returned to *by*
    takes what she typed this time and waits anew. Raises PermissionDenied, or
    ValidationError with the sentence for her.
    """
    try:
        return _keep(proposal, by, reason.strip(), token)
    except IntegrityError:
        # The same form arrived twice at the same moment; the other was faster.
        if sent := Correction.objects.filter(token=token, author=by).first():
            return sent
        raise ValidationError(ONE_WAITS) from None


@transaction.atomic
def _keep(proposal: Proposal, by, reason: str, token: uuid.UUID) -> Correction:
    stored = Correction.objects.select_for_update(of=("self",)).filter(token=token)
    row = stored.first()
    if row is not None and row.author_id != by.pk:
        raise ValidationError("这张表已由别人留下，请重新打开页面再填。")
    if row is not None and row.state != State.RETURNED:
        return row
    row = row or Correction(token=token, author=by)
    row.branch, row.month = proposal.branch, proposal.month.first_day
    row.record, row.act = proposal.record, proposal.act
    row.object_id, row.title = proposal.object_id, proposal.title[:200]
    row.before, row.values = proposal.before, proposal.values
    row.reason, row.problem = reason, ""
    row.street_by = row.district_by = None
    if not by.has_perm(ADD, row):
        raise PermissionDenied
    if not reason:
        raise ValidationError({"reason": REASON_MISSING})
    if proposal.act == Correction.Act.CHANGE and row.before == row.values:
        raise ValidationError("没有改动，不用更正。")
    row.state = _first_stage(row, by)
    row.full_clean(exclude=["branch", "author", "before", "values"])
    row.save()
    _note(row, Verb.SUBMITTED, by, reason)
    return row


def approve(correction: Correction, by) -> Correction:
    """Let *by* approve for the street or for the district, whichever is asked; what
    both have approved goes in as soon as its month is open, perhaps at once."""
    stored = _approve(correction, by)
    if stored.state == State.APPROVED:
        enter(stored, by)
        stored.refresh_from_db()
    return stored


@transaction.atomic
def _approve(correction: Correction, by) -> Correction:
    stored = _to_decide(correction, by)
    if stored.state == State.STREET:
        stored.state, stored.street_by = State.DISTRICT, by
        verb = Verb.STREET
    else:
        stored.state, stored.district_by = State.APPROVED, by
        verb = Verb.DISTRICT
    stored.save()
    _note(stored, verb, by)
    return stored


@transaction.atomic
def send_back(correction: Correction, by, reason: str) -> Correction:
    """Return the correction to its author with a *reason*; she changes it and hands it
    in again."""
    return _say_no(correction, by, State.RETURNED, Verb.RETURNED, reason)


@transaction.atomic
def decline(correction: Correction, by, reason: str) -> Correction:
    """Do not take the correction, for a *reason* that its author reads."""
    return _say_no(correction, by, State.DECLINED, Verb.DECLINED, reason)


@transaction.atomic
def withdraw(correction: Correction, by) -> Correction:
    """Let the author take her correction back while it waits."""
    stored = _locked(correction)
    if stored.author_id != by.pk:
        raise PermissionDenied
    if stored.state == State.WITHDRAWN:
        return stored
    if not stored.is_waiting:
        raise ValidationError(f"这条补录／更正{stored.label}，不能再撤回。")
    stored.state = State.WITHDRAWN
    stored.save()
    _note(stored, Verb.WITHDRAWN, by)
    return stored


def may_decide(user, correction: Correction) -> bool:
    return correction.state in Correction.IN_REVIEW and not why_not_decide(
        user, correction
    )


def why_not_decide(user, correction: Correction) -> str:
    """Return why *user* may not decide what *correction* waits for; "" if she may.
    The street's part is for whoever reviews the branch, the district's for whoever
    reviews the root; nobody decides twice, and nobody her own."""
    if correction.author_id == user.pk:
        return "自己报的，要由别人审。"
    path = correction.branch.path
    if only_stands_in_for(user, REVIEW, path, [correction.author_id]):
        return "这是您代的人报的，要由别人审。"
    if not user.has_perm(REVIEW, correction):
        return "等镇街审核。"
    if correction.state == State.STREET:
        return ""
    if not holds_everywhere(user, REVIEW):
        return "等区里审核。"
    if correction.street_by_id == user.pk:
        return "镇街这一步是您审的，区里这一步要由另一个人审。"
    return ""


def _first_stage(row: Correction, author) -> str:
    """Return who decides first: the street's own records, and what a reviewer of the
    street enters for a village, are no more for the street."""
    is_below_a_street = row.branch.depth > 1
    if is_below_a_street and not author.has_perm(REVIEW, row):
        return State.STREET
    return State.DISTRICT


def _to_decide(correction: Correction, by) -> Correction:
    stored = _locked(correction)
    if not by.has_perm(REVIEW, stored):
        raise PermissionDenied
    if stored.state not in Correction.IN_REVIEW:
        raise ValidationError(
            f"这条补录／更正不在等审（{stored.label}），可能已由别人处理。"
        )
    if refusal := why_not_decide(by, stored):
        raise ValidationError(refusal)
    return stored


def _say_no(correction, by, state: str, verb: str, reason: str) -> Correction:
    stored = _to_decide(correction, by)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("请写明理由，填报人会看到。")
    stored.state = state
    stored.save()
    _note(stored, verb, by, reason)
    return stored


def _locked(correction: Correction) -> Correction:
    return (
        Correction.objects.select_for_update(of=("self",), no_key=True)
        .select_related("branch", "revision")
        .get(pk=correction.pk)
    )


def _note(row: Correction, verb: str, by, reason: str = "") -> None:
    step = CorrectionStep(correction=row, verb=verb, by=by, reason=reason)
    step.full_clean(exclude=["correction", "by"])
    step.save()
