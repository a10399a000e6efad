"""The life of an activity's record: drafted, submitted, decided, in rounds.

The only writer of an activity's states. Forms, admin actions and the API call these
verbs; each is one transaction on a locked row, so two clicks decide once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from activities.models import Activity, ReviewRound
from activities.models.choices import Happening, Review

REVIEW = "activities.review_activity"
CHANGE = "activities.change_activity"

# What subscribers of the calendar see: a change makes the feed's SEQUENCE grow.
PUBLIC_FIELDS = frozenset(
    {
        "title",
        "branch",
        "starts_on",
        "ends_on",
        "starts_at",
        "ends_at",
        "place",
        "summary",
        "happening",
        "visibility",
    }
)

RETURN_REASONS = ("人次有误", "板块不符", "照片不清", "涉个人信息", "重复")


def may_decide(user, activity: Activity) -> bool:
    """Tell whether *user* may approve what is submitted of *activity*: she may review
    this branch, and it is not her own entry."""
    if not user.has_perm(REVIEW, activity):
        return False
    pending = activity.rounds.pending().first() if activity.pk else None
    author = pending.author_id if pending else activity.recorded_by_id
    return author != user.pk


def values_of(activity: Activity) -> dict:
    """Return the reviewed fields of *activity* as they may stand in JSON."""
    values = {}
    for name in Activity.REVIEWED_FIELDS:
        field = Activity._meta.get_field(name)
        value = getattr(activity, field.attname)
        values[name] = value.isoformat() if isinstance(value, date | time) else value
    return values


def apply_values(activity: Activity, values: dict) -> Activity:
    """Put *values* (as ``values_of`` gave them) on *activity*, in memory only."""
    for name in Activity.REVIEWED_FIELDS:
        if name in values:
            field = Activity._meta.get_field(name)
            setattr(activity, field.attname, field.to_python(values[name]))
    if "branch" in values:
        activity.branch_id = values["branch"]
    if "programme" in values:
        activity.programme_id = values["programme"]
    return activity


def working_copy(activity: Activity) -> Activity:
    """Return *activity* as its editors see it: with the change that waits, if any."""
    if activity.proposal:
        apply_values(activity, activity.proposal)
    return activity


@transaction.atomic
def save(activity: Activity, user, *, submit: bool = False) -> Activity:
    """
    Keep what *user* typed on *activity* (an instance with her values, validated).

    A record never approved is written as it stands. Of an approved one, a change by
    someone who may not decide it is kept beside it, as a proposal; by someone who may,
    it takes effect at once as a decided round. With *submit*, a round is opened.
    """
    if activity.pk is None:
        activity.recorded_by = user
        activity.review = Review.DRAFT
        activity.save()
    else:
        _keep_change(activity, user)
    if submit and activity.review != Review.APPROVED:
        _submit(activity, user)
    return activity


@transaction.atomic
def submit(activity: Activity, user) -> ReviewRound:
    """Hand a draft, or a returned one, to the reviewers."""
    stored = _locked(activity)
    if not user.has_perm(CHANGE, stored):
        raise PermissionDenied
    if stored.review not in (Review.DRAFT, Review.RETURNED, Review.WITHDRAWN):
        raise ValidationError("只有草稿、被退回或已撤回的活动可以提交。")
    return _submit(stored, user)


@transaction.atomic
def approve(activity: Activity, user) -> ReviewRound:
    """Let the pending round of *activity* take effect in calendar and counts."""
    stored, pending = _pending(activity, user)
    apply_values(stored, pending.submitted)
    stored.full_clean()
    _take_effect(stored, pending.submitted)
    return _decide(pending, ReviewRound.Decision.APPROVED, user)


@transaction.atomic
def send_back(activity: Activity, user, reason: str) -> ReviewRound:
    """Return the pending round with a *reason*; what was approved before stays."""
    stored, pending = _pending(activity, user)
    if not reason.strip():
        raise ValidationError("请写明退回的理由，方便对方修改。")
    stored.review = Review.RETURNED
    stored.save()
    return _decide(pending, ReviewRound.Decision.RETURNED, user, reason.strip())


@transaction.atomic
def withdraw(activity: Activity, user, reason: str = "") -> Activity:
    """Take *activity* back: out of the queue, out of the calendar, out of the counts."""
    stored = _locked(activity)
    owns = user.has_perm(CHANGE, stored) and stored.approved_at is None
    if not (owns or user.has_perm(REVIEW, stored)):
        raise PermissionDenied
    pending = stored.rounds.pending().first()
    if pending:
        _decide(pending, ReviewRound.Decision.WITHDRAWN, user, reason)
    stored.review = Review.WITHDRAWN
    stored.proposal = None
    stored.sequence += 1
    stored.save()
    return stored


def changed_fields(before: dict, after: dict) -> list[str]:
    """Return the reviewed fields that differ, in the order of the form."""
    return [
        name
        for name in Activity.REVIEWED_FIELDS
        if before.get(name) != after.get(name)
    ]


def _keep_change(activity: Activity, user) -> None:
    """Write what *activity* holds in memory where it belongs, and leave the instance
    as stored."""
    stored = _locked(activity)
    typed = values_of(activity)
    if not user.has_perm(CHANGE, stored):
        raise PermissionDenied
    if stored.approved_at is None:
        apply_values(stored, typed)
        if stored.review == Review.SUBMITTED and not may_decide(user, stored):
            _supersede(stored, user)
        elif stored.review == Review.SUBMITTED:
            # The reviewer's own correction is part of what she then decides.
            pending = stored.rounds.pending().get()
            pending.submitted = typed
            pending.save()
        stored.save()
    elif changed_fields(values_of(stored), typed):
        if may_decide(user, stored) and stored.proposal is None:
            _decide_at_once(stored, user, typed)
        else:
            if stored.review == Review.SUBMITTED:
                _supersede(stored, user)
            stored.proposal = typed
            stored.review = Review.DRAFT
            stored.save()
    elif stored.proposal is not None:
        # Typed back to what is approved: there is nothing left to decide.
        if stored.review == Review.SUBMITTED:
            _supersede(stored, user)
        stored.proposal = None
        stored.review = Review.APPROVED
        stored.save()
    activity.refresh_from_db()


def _supersede(stored: Activity, user) -> None:
    pending = stored.rounds.pending().first()
    if pending:
        _decide(pending, ReviewRound.Decision.WITHDRAWN, user, "提交后又作了修改")
    stored.review = Review.DRAFT


def _submit(activity: Activity, user) -> ReviewRound:
    activity.rounds.pending().update(
        decision=ReviewRound.Decision.WITHDRAWN, decided_at=timezone.now()
    )
    activity.review = Review.SUBMITTED
    activity.save()
    submitted = activity.proposal or values_of(activity)
    return _open_round(activity, user, submitted)


def _open_round(activity: Activity, user, submitted: dict) -> ReviewRound:
    held = submitted["happening"] == Happening.HELD
    return ReviewRound.objects.create(
        activity=activity,
        number=activity.rounds.count() + 1,
        stage=ReviewRound.Stage.RESULT if held else ReviewRound.Stage.PLAN,
        submitted=submitted,
        author=user,
        submitted_at=timezone.now(),
    )


def _decide_at_once(stored: Activity, user, typed: dict) -> None:
    apply_values(stored, typed)
    _take_effect(stored, typed)
    opened = _open_round(stored, user, typed)
    _decide(opened, ReviewRound.Decision.APPROVED, user, "审核人直接更正")


def _take_effect(stored: Activity, submitted: dict) -> None:
    now = timezone.now()
    approved = Activity.objects.get(pk=stored.pk)
    if set(changed_fields(values_of(approved), submitted)) & PUBLIC_FIELDS:
        stored.sequence += 1
    stored.review = Review.APPROVED
    stored.approved_at = stored.approved_at or now
    if submitted["happening"] == Happening.HELD and stored.attendance is not None:
        stored.result_approved_at = stored.result_approved_at or now
    else:
        stored.result_approved_at = None
    stored.proposal = None
    stored.save()
    stored.photos.filter(approved_at__isnull=True).update(approved_at=now)


def _decide(pending: ReviewRound, decision: str, user, reason: str = ""):
    pending.decision = decision
    pending.reviewer = user
    if decision == ReviewRound.Decision.APPROVED:
        pending.releaser = user
    pending.reason = reason[:200]
    pending.decided_at = timezone.now()
    pending.full_clean(exclude=["activity", "author", "reviewer", "releaser"])
    pending.save()
    return pending


def _pending(activity: Activity, user) -> tuple[Activity, ReviewRound]:
    stored = _locked(activity)
    if not user.has_perm(REVIEW, stored):
        raise PermissionDenied
    pending = stored.rounds.pending().first()
    if pending is None:
        raise ValidationError("这条活动没有待审的内容，可能已由别人处理。")
    if pending.author_id == user.pk:
        raise ValidationError("自己提交的活动要由另一位审核员审核。")
    return stored, pending


def _locked(activity: Activity) -> Activity:
    return (
        Activity.objects.select_for_update(of=("self",))
        .select_related("branch")
        .get(pk=activity.pk)
    )


def resembling_titles(activity: Activity) -> Iterable[str]:
    """Return the titles of 疑似重复, for a warning; they are never refused."""
    return Activity.objects.resembling(activity).values_list("title", flat=True)

