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
from rollups.submissions import reporting
from rollups.submissions.deadlines import due_of
from rollups.submissions.reporting import NOTHING, Figures, Item
from rollups.submissions.settling import confirmed_by

VIEW = "rollups.view_submission"
REPORT = "rollups.report_submission"
RETURN = "rollups.return_submission"

Status = Submission.Status
NAMED = 3


@transaction.atomic
def confirm(submission: Submission, by, seen: Figures) -> Submission:
    """
    Let *by* confirm for the branch what the site counted, and she *saw*.

    Raises PermissionDenied, or ValidationError with the sentence for her: the month is
    closed or not over, something is unfinished, or the figures are others by now.
    """
    stored, month = _held(submission, by, REPORT)
    now = reporting.counted(stored.branch, month)
    if stored.status == Status.REPORTED and confirmed_by(stored) == now == seen:
        return stored
    _refuse_early(month)
    _refuse_left(month, reporting.unfinished(stored.branch, month), "再确认")
    if now.sessions == 0:
        raise ValidationError(
            f"{month.label}还没有已通过的活动可以确认。确实没有开展活动的，请点“零报告”。"
        )
    if now != seen:
        raise ValidationError(
            f"您打开页面之后，数字变成了 {now}。请看过清单，再点一次确认。"
        )
    return _say(stored, month, by, Status.REPORTED, now)


@transaction.atomic
def report_zero(submission: Submission, by) -> Submission:
    """
    Let *by* declare that the branch did nothing in the month: silence is not zero.

    Raises PermissionDenied, or ValidationError with the sentence for her: the month is
    closed or not over, or there are records that say otherwise.
    """
    stored, month = _held(submission, by, REPORT)
    now = reporting.counted(stored.branch, month)
    if stored.status == Status.ZERO and now == NOTHING:
        return stored
    _refuse_early(month)
    if now != NOTHING:
        raise ValidationError(
            f"{month.label}已有通过的活动：{now}（{_names(_counted(stored, month))}），"
            "不能报零。请改点“确认”；活动有误的，请联系审核员撤回后再报。"
        )
    left = reporting.unfinished(stored.branch, month)
    _refuse_left(month, left, "再报零")
    if waiting := reporting.in_review(stored.branch, month):
        raise ValidationError(
            f"{month.label}有活动正在等审核：{_names(waiting)}。"
            "请等审核员通过，通过后这个月自动算已报。"
        )
    return _say(stored, month, by, Status.ZERO, NOTHING)


@transaction.atomic
def send_back(submission: Submission, by, reason: str) -> Submission:
    """
    Return what the branch reported, with a *reason*; it stays with the branch until
    that says something again. That it once reported in time stays true.

    Raises PermissionDenied, or ValidationError with the sentence for *by*.
    """
    stored, month = _held(submission, by, RETURN)
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


def _held(submission: Submission, by, permission: str) -> tuple[Submission, Month]:
    """Return the stored row, locked, in its month, held open."""
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


def _counted(stored: Submission, month: Month) -> list[Item]:
    return reporting.items(stored.branch, month)


def _names(items: Iterable[Item]) -> str:
    items = list(items)
    first = "、".join(f"“{item.title}”（{item.note}）" for item in items[:NAMED])
    return f"{first}等" if len(items) > NAMED else first


def _say(stored: Submission, month: Month, by, status: str, figures: Figures):
    now = timezone.now()
    if stored.reported_at is None:
        stored.reported_at = now
        stored.is_late = now > due_of(month)
    stored.status, stored.has_changed, stored.reason = status, False, ""
    stored.sessions, stored.attendance = figures
    stored.reported_by, stored.confirmed_at = by, now
    stored.save()
    return stored
