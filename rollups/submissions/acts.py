"""What people say to a month: the branch confirms or reports zero, a reviewer returns.

Each act is one transaction on a locked row, in a month held open; to tap twice does
what tapping once does.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from federation import locks
from federation.counted import Bucket
from federation.models import ReportingMonth
from federation.months import Month, local_today
from federation.wording import day_label
from rollups.models import Submission
from rollups.reported import Answers, answers_of
from rollups.submissions import reporting
from rollups.submissions.deadlines import due_of
from rollups.submissions.reporting import NOTHING, Figures, Item
from rollups.submissions.settling import Word, confirmed_by

VIEW = "rollups.view_submission"
REPORT = "rollups.report_submission"
RETURN = "rollups.return_submission"

Status = Submission.Status
NAMED = 3


@transaction.atomic
def confirm(
    submission: Submission, by, seen: Figures, seen_reported: str | None = None
) -> Submission:
    """
    Let *by* confirm for the branch what the site counted and it typed in, and she *saw*
    (the ``digest`` of the reported figures; None where none were shown).

    Raises PermissionDenied, or ValidationError with the sentence for her: the month is
    closed or not over, something is unfinished or not filled in, or the figures are
    others by now.
    """
    stored, month = held(submission, by, REPORT)
    answers = answers_of([month], [stored.branch_id])
    now = _word_of(stored, month, answers)
    is_seen = now.figures == seen and seen_reported in (None, digest(now.reported))
    if stored.status == Status.REPORTED and confirmed_by(stored) == now and is_seen:
        return stored
    _refuse_early(month)
    _refuse_left(month, reporting.unfinished(stored.branch, month), "再确认")
    _refuse_missing(stored, month, answers, "再确认")
    if now.is_nothing:
        raise ValidationError(
            f"{month.label}还没有已通过的活动可以确认。确实没有开展活动的，请点“零报告”。"
        )
    if not is_seen:
        raise ValidationError(
            f"您打开页面之后，数字变成了 {_spelled(stored, month, now, answers)}。"
            "请看过清单，再点一次确认。"
        )
    return _say(stored, month, by, Status.REPORTED, now)


@transaction.atomic
def report_zero(submission: Submission, by) -> Submission:
    """
    Let *by* declare that the branch did nothing in the month: silence is not zero.

    Raises PermissionDenied, or ValidationError with the sentence for her: the month is
    closed or not over, or there are records that say otherwise.
    """
    stored, month = held(submission, by, REPORT)
    answers = answers_of([month], [stored.branch_id])
    now = _word_of(stored, month, answers)
    if stored.status == Status.ZERO and now.is_nothing:
        return stored
    _refuse_early(month)
    if now.figures != NOTHING:
        raise ValidationError(
            f"{month.label}已有通过的活动：{now.figures}"
            f"（{_names(_counted(stored, month))}），"
            "不能报零。请改点“确认”；活动有误的，请联系审核员撤回后再报。"
        )
    if not now.is_nothing:
        filled = answers.named((stored.branch_id, stored.month))
        raise ValidationError(
            f"{month.label}的填报数里有：{filled}，不能报零。"
            "请改点“确认”；数填错了的，请先改正。"
        )
    left = reporting.unfinished(stored.branch, month)
    _refuse_left(month, left, "再报零")
    if waiting := reporting.in_review(stored.branch, month):
        raise ValidationError(
            f"{month.label}有活动正在等审核：{_names(waiting)}。"
            "请等审核员通过，通过后这个月自动算已报。"
        )
    _refuse_missing(stored, month, answers, "再报零")
    return _say(stored, month, by, Status.ZERO, now)


@transaction.atomic
def send_back(submission: Submission, by, reason: str) -> Submission:
    """
    Return what the branch reported, with a *reason*; it stays with the branch until
    that says something again. That it once reported in time stays true.

    Raises PermissionDenied, or ValidationError with the sentence for *by*.
    """
    stored, month = held(submission, by, RETURN)
    reason = reason.strip()[:200]
    if stored.status == Status.RETURNED and stored.reason == reason:
        return stored
    if stored.is_unreported:
        raise ValidationError(f"{stored.branch}还没有报，不用退回。")
    if not reason:
        raise ValidationError("请写明退回的原因，方便对方修改。")
    stored.status, stored.has_changed = Status.RETURNED, False
    stored.reason, stored.returned_by = reason, by
    stored.save()
    return stored


def held(submission: Submission, by, permission: str) -> tuple[Submission, Month]:
    """Return the stored row, locked, in its month, held open. Raises PermissionDenied
    if *by* lacks the permission there, ValidationError if the month is closed."""
    month = Month.of(submission.month)
    locks.share_months([month])
    stored = (
        Submission.objects.select_for_update(of=("self",), no_key=True)
        .select_related("branch")
        .get(pk=submission.pk)
    )
    if not by.has_perm(permission, stored):
        raise PermissionDenied
    place = Bucket(stored.branch_id, month.first_day)
    ReportingMonth.objects.refuse_closed_to([place])
    return stored, month


def _refuse_early(month: Month) -> None:
    if month.last_day > local_today():
        raise ValidationError(
            f"{month.label}还没有过完，{day_label(month.last_day)}起可以报。"
        )


def _refuse_left(month: Month, left: list[Item], then: str) -> None:
    if left:
        raise ValidationError(
            f"{month.label}还有 {len(left)} 场活动没有办完：{_names(left)}。"
            f"请先办完（提交、补人次或删除），{then}。"
        )


def _refuse_missing(
    stored: Submission, month: Month, answers: Answers, then: str
) -> None:
    place = stored.branch_id, stored.month
    if missing := answers.missing(place, stored.branch.level):
        names = "、".join(str(batch) for batch in missing)
        raise ValidationError(
            f"{month.label}还有 {len(missing)} 项没有填：{names}。"
            f"请先填好（没有的填 0），{then}。"
        )


def _word_of(stored: Submission, month: Month, answers: Answers) -> Word:
    counted = reporting.counted(stored.branch, month)
    return Word(counted, answers.entered((stored.branch_id, month.first_day)))


def digest(reported: dict[str, str]) -> str:
    """Return reported figures as one word, to tell whether they are still the same."""
    return ";".join(f"{batch}={value}" for batch, value in sorted(reported.items()))


def _spelled(stored: Submission, month: Month, now: Word, answers: Answers) -> str:
    filled = answers.named((stored.branch_id, month.first_day))
    return f"{now.figures}，{filled}" if filled else str(now.figures)


def _counted(stored: Submission, month: Month) -> list[Item]:
    return reporting.items(stored.branch, month)


def _names(items: Iterable[Item]) -> str:
    items = list(items)
    first = "、".join(f"“{item.title}”（{item.note}）" for item in items[:NAMED])
    return f"{first}等" if len(items) > NAMED else first


def _say(stored: Submission, month: Month, by, status: str, word: Word):
    now = timezone.now()
    if stored.reported_at is None:
        stored.reported_at = now
        stored.is_late = now > due_of(month)
    stored.status, stored.has_changed, stored.reason = status, False, ""
    stored.sessions, stored.attendance = word.figures
    stored.reported = word.reported
    stored.reported_by, stored.confirmed_at = by, now
    stored.save()
    return stored
