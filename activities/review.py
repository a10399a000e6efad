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

from activities.deciders import (
    ADD,
    CHANGE,
    DELETE,
    REVIEW,
    is_above,
    is_own,
    pending_of,
    principal_in,
    why_another,
)
from activities.models import Activity, ReviewRound
from activities.models.choices import Happening, Review

Decision = ReviewRound.Decision

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

MOVED_ON = "您打开页面之后，这条活动又有改动。请看过新的内容，再决定通过还是退回。"


def may_decide(user, activity: Activity) -> bool:
    """Tell whether *user* may approve what is submitted of *activity*: she may review
    this branch, and it is not her own entry."""
    return user.has_perm(REVIEW, activity) and not is_own(user, activity)


def may_discard(user, activity: Activity) -> bool:
    """Tell whether *user* may delete *activity*: her own draft, never approved."""
    return (
        activity.recorded_by_id == user.pk
        and activity.approved_at is None
        and activity.review != Review.SUBMITTED
        and user.has_perm(DELETE, activity)
        # A withdrawn record was published once: it stays, with its rounds.
        and not activity.rounds.filter(decision=Decision.APPROVED).exists()
    )


def may_change_partners(user, activity: Activity) -> bool:
    """Tell whether *user* may change the partners: they are published with the
    activity and are in no round, so of an approved one only whoever may decide."""
    if activity.pk is None or activity.approved_at is None:
        return True
    return may_decide(user, activity)


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
    return activity


def working_copy(activity: Activity) -> Activity:
    """Return *activity* as its editors see it: with the change that waits, if any."""
    if activity.proposal:
        apply_values(activity, activity.proposal)
    return activity


def seen_mark(activity: Activity) -> str:
    """Return what a reviewer has before her eyes, as a word for a hidden input: the
    round that waits and the photos that wait with it."""
    pending = pending_of(activity)
    photos = activity.photos.waiting().values_list("pk", flat=True)
    return "-".join(str(pk) for pk in (pending.pk if pending else 0, *photos))


@transaction.atomic
def save(activity: Activity, user, *, submit: bool = False, seen: str | None = None):
    """
    Keep what *user* typed on *activity* (an instance with her values, validated), and
    return it as stored.

    A record never approved is written as it stands. Of an approved one, a change by
    someone who may not decide it is kept beside it, as a proposal; by someone who may,
    it takes effect at once as a decided round. With *submit*, a round is opened. With
    *seen* (a ``seen_mark``), what was submitted meanwhile is not written over.
    """
    if activity.pk is None:
        if not user.has_perm(ADD, activity):
            raise PermissionDenied
        activity.recorded_by = user
        activity.is_on_behalf = is_above(user, activity.branch)
        activity.review = Review.DRAFT
        activity.save()
    else:
        stored = locked(activity)
        _refuse_unseen(stored, seen)
        _keep_change(stored, activity, user)
        activity.refresh_from_db()
    if submit and activity.review not in (Review.APPROVED, Review.SUBMITTED):
        _submit(activity, user)
    return activity


@transaction.atomic
def submit(activity: Activity, user) -> ReviewRound:
    """Hand a draft, or a returned one, to the reviewers."""
    stored = locked(activity)
    if not user.has_perm(CHANGE, stored):
        raise PermissionDenied
    if stored.review not in (Review.DRAFT, Review.RETURNED, Review.WITHDRAWN):
        raise ValidationError("只有草稿、被退回或已撤回的活动可以提交。")
    return _submit(stored, user)


@transaction.atomic
def approve(activity: Activity, user, *, seen: str | None = None) -> ReviewRound:
    """Let the pending round of *activity*, and the photos that wait with it, take
    effect in calendar and counts. With *seen*, only if it is what she saw."""
    stored, pending = _pending(activity, user)
    _refuse_unseen(stored, seen)
    apply_values(stored, pending.submitted)
    if not user.has_perm(REVIEW, stored):
        # The change moves it to a branch that is not hers to review.
        raise PermissionDenied
    stored.full_clean()
    stored.review = Review.APPROVED
    _take_effect(stored, pending.submitted)
    stored.photos.waiting().update(approved_at=timezone.now())
    return _decide(pending, Decision.APPROVED, user)


@transaction.atomic
def send_back(
    activity: Activity, user, reason: str, *, seen: str | None = None
) -> ReviewRound:
    """Return the pending round with a *reason*; what was approved before stays."""
    stored, pending = _pending(activity, user)
    _refuse_unseen(stored, seen)
    if not reason.strip():
        raise ValidationError("请写明退回的理由，方便对方修改。")
    stored.review = Review.RETURNED
    stored.save()
    return _decide(pending, Decision.RETURNED, user, reason.strip())


@transaction.atomic
def withdraw(activity: Activity, user, reason: str = "") -> Activity:
    """Take *activity* back: out of the queue, out of the calendar, out of the counts.
    It is a draft from then on: whatever it says next has to be approved anew."""
    stored = locked(activity)
    if not may_withdraw(user, stored):
        raise PermissionDenied
    pending = pending_of(stored)
    if pending:
        _decide(pending, Decision.WITHDRAWN, user, reason)
    return _taken_out(stored)


def may_withdraw(user, activity: Activity) -> bool:
    """Tell whether *user* may withdraw: before the first approval whoever may change
    it, afterwards whoever may review it."""
    if activity.approved_at is None:
        return user.has_perm(CHANGE, activity)
    return user.has_perm(REVIEW, activity)


@transaction.atomic
def discard(activity: Activity, user) -> None:
    """Delete *user*'s own draft that was never approved, with all that hangs on it."""
    stored = locked(activity)
    if not may_discard(user, stored):
        raise PermissionDenied
    stored.delete()


@transaction.atomic
def enter(activity: Activity, values: dict, *, author, reviewer, releaser, reason):
    """Let *values* take effect on *activity*, a new one or a locked row: a correction
    of a closed month, decided outside by *reviewer* and *releaser*. It is kept as a
    round of *author*'s."""
    apply_values(activity, values)
    activity.full_clean()
    activity.review = Review.APPROVED
    if activity.pk is None:
        activity.save()
    _supersede(activity, releaser)
    submitted = values_of(activity)
    _take_effect(activity, submitted)
    opened = _open_round(activity, author, submitted)
    _decide(opened, Decision.APPROVED, reviewer, reason, releaser)
    note_photos(activity, author)


@transaction.atomic
def take_back(activity: Activity, *, author, reviewer, releaser, reason):
    """Take *activity*, a locked row, out of the counts: a correction of a closed month,
    decided outside. It is kept as a round of *author*'s."""
    _supersede(activity, releaser)
    opened = _open_round(activity, author, values_of(activity))
    _decide(opened, Decision.WITHDRAWN, reviewer, reason, releaser)
    return _taken_out(activity)


def note_photos(stored: Activity, user) -> None:
    """
    Bring the state in line with the photos of *stored*, a locked row, after a change.

    Late photos of an approved record open a round by themselves; when none waits any
    more and nothing else does, the record stands as approved.
    """
    if stored.approved_at is None:
        return
    if stored.photos.waiting().exists():
        if stored.review == Review.APPROVED:
            _submit(stored, user)
    elif stored.proposal is None and stored.review != Review.APPROVED:
        _supersede(stored, user)
        stored.review = Review.APPROVED
        stored.save()


def changed_fields(before: dict, after: dict) -> list[str]:
    """Return the reviewed fields that differ, in the order of the form."""
    return [
        name for name in Activity.REVIEWED_FIELDS if before.get(name) != after.get(name)
    ]


def resembling_titles(activity: Activity) -> Iterable[str]:
    """Return the titles of 疑似重复, for a warning; they are never refused."""
    return Activity.objects.resembling(activity).values_list("title", flat=True)


def locked(activity: Activity) -> Activity:
    """Return *activity* as stored, locked to the end of the transaction."""
    return (
        Activity.objects.select_for_update(of=("self",))
        .select_related("branch")
        .get(pk=activity.pk)
    )


def _keep_change(stored: Activity, activity: Activity, user) -> None:
    """Write what *activity* holds in memory where it belongs."""
    # The second question: she must not move it to a branch that is not hers.
    if not (user.has_perm(CHANGE, stored) and user.has_perm(CHANGE, activity)):
        raise PermissionDenied
    typed = values_of(activity)
    if not changed_fields(stored.proposal or values_of(stored), typed):
        return  # sent twice, or nothing but photos and partners
    decides = may_decide(user, stored) and user.has_perm(REVIEW, activity)
    if stored.approved_at is None:
        _change_draft(stored, user, typed, decides)
    else:
        _change_approved(stored, user, typed, decides)


def _change_draft(stored: Activity, user, typed: dict, decides: bool) -> None:
    pending = pending_of(stored)
    apply_values(stored, typed)
    if pending and decides:
        _correct(pending, typed)
    elif stored.review in (Review.SUBMITTED, Review.WITHDRAWN):
        _supersede(stored, user)
        stored.review = Review.DRAFT
    stored.save()


def _change_approved(stored: Activity, user, typed: dict, decides: bool) -> None:
    pending = pending_of(stored)
    is_back = not changed_fields(values_of(stored), typed)
    if decides and pending:
        _correct(pending, typed)
        stored.proposal = typed
    elif decides and stored.proposal is None:
        _decide_at_once(stored, user, typed)
        return
    elif is_back and not stored.photos.waiting().exists():
        # Typed back to what is approved: there is nothing left to decide.
        _supersede(stored, user)
        stored.proposal = None
        stored.review = Review.APPROVED
    else:
        _supersede(stored, user)
        stored.proposal = None if is_back else typed
        if stored.review != Review.RETURNED:
            stored.review = Review.DRAFT
    stored.save()


def _correct(pending: ReviewRound, typed: dict) -> None:
    """A reviewer's own correction is part of what she then decides."""
    pending.submitted = typed
    pending.stage = _stage(typed)
    pending.save()


def _supersede(stored: Activity, user) -> None:
    pending = pending_of(stored)
    if pending:
        _decide(pending, Decision.WITHDRAWN, user, "提交后又作了修改")


def _submit(activity: Activity, user) -> ReviewRound:
    _supersede(activity, user)
    activity.review = Review.SUBMITTED
    activity.save()
    return _open_round(activity, user, activity.proposal or values_of(activity))


def _open_round(activity: Activity, user, submitted: dict) -> ReviewRound:
    return ReviewRound.objects.create(
        activity=activity,
        number=activity.rounds.count() + 1,
        stage=_stage(submitted),
        submitted=submitted,
        author=user,
        submitted_at=timezone.now(),
    )


def _stage(submitted: dict) -> str:
    held = submitted["happening"] == Happening.HELD
    return ReviewRound.Stage.RESULT if held else ReviewRound.Stage.PLAN


def _decide_at_once(stored: Activity, user, typed: dict) -> None:
    """Let a reviewer's change take effect. Photos that wait, or were returned, are
    not what she changed: they go on waiting."""
    apply_values(stored, typed)
    _take_effect(stored, typed)
    opened = _open_round(stored, user, typed)
    _decide(opened, Decision.APPROVED, user, "审核人直接更正")


def _take_effect(stored: Activity, submitted: dict) -> None:
    now = timezone.now()
    approved = Activity.objects.get(pk=stored.pk)
    if set(changed_fields(values_of(approved), submitted)) & PUBLIC_FIELDS:
        stored.sequence += 1
    stored.approved_at = stored.approved_at or now
    if submitted["happening"] == Happening.HELD and stored.attendance is not None:
        stored.result_approved_at = stored.result_approved_at or now
    else:
        stored.result_approved_at = None
    stored.proposal = None
    stored.save()


def _taken_out(stored: Activity) -> Activity:
    stored.review = Review.WITHDRAWN
    stored.proposal = None
    stored.approved_at = None
    stored.result_approved_at = None
    stored.sequence += 1
    stored.save()
    return stored


def _decide(pending, decision: str, user, reason: str = "", releaser=None):
    pending.decision = decision
    pending.reviewer = user
    if decision != Decision.WITHDRAWN:
        pending.stood_in_for_id = principal_in(pending, user)
    if decision == Decision.APPROVED:
        pending.releaser = releaser or user
    pending.reason = reason[:200]
    pending.decided_at = timezone.now()
    pending.full_clean(
        exclude=["activity", "author", "reviewer", "releaser", "stood_in_for"]
    )
    pending.save()
    return pending


def _pending(activity: Activity, user) -> tuple[Activity, ReviewRound]:
    stored = locked(activity)
    if not user.has_perm(REVIEW, stored):
        raise PermissionDenied
    pending = pending_of(stored)
    if pending is None:
        raise ValidationError("这条活动没有待审的内容，可能已由别人处理。")
    if is_own(user, stored):
        raise ValidationError(why_another(user, stored))
    return stored, pending


def _refuse_unseen(stored: Activity, seen: str | None) -> None:
    if seen is not None and seen != seen_mark(stored):
        raise ValidationError(MOVED_ON, code="moved_on")
