"""What was sent to whom, so that nobody is reminded more often than she should be."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from federation.months import Month
from federation.scope import BranchScopedQuerySet


class ReminderQuerySet(BranchScopedQuerySet):
    branch_lookup = "user__branch"


class Reminder(models.Model):
    """
    One message to one person about a month's reporting (催报).

    month     the month that is to be reported
    occasion  before its deadline or after it: one message each
    sent_in   first day of the calendar month in which it goes out, and
    number    the how manieth of hers it is there: the third is refused here
    status    written before the message leaves. A worker that dies while it sends
              leaves 发送中, and nobody sends that one again: rather one reminder
              too few than two
    attempts  a message that failed is tried once more, on the next workday

    ``rollups.reminders`` is the only writer.
    """

    MOST = 2

    class Occasion(models.TextChoices):
        BEFORE = "before", "截止前"
        AFTER = "after", "截止后"

    class Channel(models.TextChoices):
        EMAIL = "email", "邮件"
        SMS = "sms", "短信"

    class Status(models.TextChoices):
        SENDING = "sending", "发送中"
        SENT = "sent", "已发"
        FAILED = "failed", "没发出"

    # An account that an undone election takes back takes its messages along.
    user = models.ForeignKey(
        "federation.User",
        on_delete=models.CASCADE,
        related_name="reminders",
        verbose_name="收件人",
    )
    month = models.DateField("报送月份")
    occasion = models.CharField("时机", max_length=8, choices=Occasion)
    sent_in = models.DateField("发送月份")
    number = models.PositiveSmallIntegerField("当月第几次")
    channel = models.CharField("方式", max_length=8, choices=Channel)
    status = models.CharField(
        "状态", max_length=8, choices=Status, default=Status.SENDING
    )
    attempts = models.PositiveSmallIntegerField("发送次数", default=1)
    tried_at = models.DateTimeField("发送时间")
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    text = models.TextField("内容")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = "催报"
        verbose_name_plural = "催报"
        ordering = ["-month", "-tried_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["user", "month", "occasion"], name="reminder_once_an_occasion"
            ),
            models.UniqueConstraint(
                fields=["user", "sent_in", "number"], name="reminder_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=2),
                name="reminder_twice_a_month_at_most",
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=1, attempts__lte=2),
                name="reminder_tried_twice_at_most",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="reminder_sent_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{Month.of(self.month).label}{self.get_occasion_display()}催报"
