"""What a reminder says: plain lines, what to do next, and the address of the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from federation.months import Month
from federation.site import site_root
from federation.wording import day_label
from rollups.models import Reminder, Submission
from rollups.reminders.recipients import Recipient
from rollups.submissions.deadlines import due_dates

Status = Submission.Status


def text_for(one: Recipient, due: dict[Month, datetime], occasion: str) -> str:
    """Return the message for *one*: the first line is the subject. A text message is
    the subject and where to look."""
    month = next(iter(due))
    subject = f"【{site_root().title}】{_subject(one, month, due[month], occasion)}"
    if one.channel == Reminder.Channel.SMS:
        return f"{subject}。请登录 {settings.SITE_URL}{reverse('admin:index')}"
    return "\n".join([subject, "", *_own(one), *_below(one), *_foot()])


def _subject(one: Recipient, month: Month, due_at: datetime, occasion: str) -> str:
    what = "还没报完" if one.below or len(one.own) > 1 else _state(one.own[0])
    verb = "截止" if occasion == Reminder.Occasion.BEFORE else "已截止"
    return f"{month.label}活动报送{what}，{_moment(due_at)} {verb}"


def _state(submission: Submission) -> str:
    if submission.has_changed:
        return "确认后有变动"
    return "被退回" if submission.status == Status.RETURNED else "还没报"


def _own(one: Recipient) -> Iterator[str]:
    if not one.own:
        return
    due = due_dates(sorted({Month.of(row.month) for row in one.own}))
    yield "您还要报送："
    for row in one.own:
        month = Month.of(row.month)
        state = f"{_state(row)}，{_moment(due[month])} 截止"
        yield f"· {row.branch.short_name}　{month.label}：{state}"
        if row.status == Status.RETURNED:
            yield f"  退回原因：{row.reason}"
        page = reverse("rollups:report", args=[str(month), row.branch.code])
        yield f"  {settings.SITE_URL}{page}"
    yield "打开后点“确认”；没有活动的，点“零报告”。"
    yield ""


def _below(one: Recipient) -> Iterator[str]:
    for top, so_far in one.below:
        total = so_far.total
        yield (
            f"{top.name} {so_far.month.label}：应报 {total.expected}，"
            f"已报 {total.reported}，零报告 {total.zero}，还差 {total.left}。"
        )
        yield from so_far.left_lines
        query = f"month={so_far.month}&branch={top.code}"
        yield f"{settings.SITE_URL}{reverse('rollups:progress')}?{query}"
        yield ""


def _foot() -> Iterator[str]:
    yield "这封信由系统自动发出，每人每月最多两封，周末和节假日不发。"


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{day_label(local)} {local:%H:%M}"
