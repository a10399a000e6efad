"""The state of the months, the marks that wait, and the pulse of the workers."""

from datetime import date

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models

from federation.logged import LoggedQuerySet
from federation.months import Month
from federation.scope import BranchScopedQuerySet


class ReportingMonthQuerySet(LoggedQuerySet):
    def closed(self):
        return self.filter(status=ReportingMonth.Status.CLOSED)

    def refuse_closed(self, *days: date) -> None:
        """Raise ValidationError naming the first closed month among *days*, each the
        first of a month."""
        closed = self.closed().filter(month__in=days).order_by("month")
        if days and (first := closed.select_related("closed_by").first()):
            raise ValidationError(first.refusal, code="month_closed")


class ReportingMonth(models.Model):
    """A month the site counts (月份). A month without a row is open."""

    class Status(models.TextChoices):
        OPEN = "open", "未结账"
        CLOSED = "closed", "已结账"

    month = models.DateField("月份", unique=True)
    status = models.CharField("状态", max_length=8, choices=Status, default=Status.OPEN)
    revision = models.PositiveIntegerField("版本", default=0)
    closed_at = models.DateTimeField("结账时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="结账人",
    )
    # Null: the usual deadline, as rollups.submissions.deadlines reckons it.
    due_at = models.DateTimeField("报送截止时间", null=True, blank=True)

    objects = ReportingMonthQuerySet.as_manager()

    class Meta:
        verbose_name = "月份"
        verbose_name_plural = "月份"
        ordering = ["-month"]
        default_permissions = ("view",)

    def __str__(self):
        return Month.of(self.month).label

    @property
    def refusal(self) -> str:
        """The sentence for whoever wants to write into this closed month."""
        who = f"由{self.closed_by}" if self.closed_by else ""
        when = f"于 {self.closed_at:%Y-%m-%d} " if self.closed_at else ""
        return (
            f"{self}已{who}{when}结账（第 {self.revision} 版），"
            "不能再改动这个月的记录。"
            "请联系区妇联办公室，由区里重新开账后再改。"
        )


class MarkQuerySet(BranchScopedQuerySet):
    pass


class Mark(models.Model):
    """A bucket whose sources changed and that is not recounted yet (待汇总).

    Append-only and without a unique key: a mark that a drain holds locked must not
    swallow the mark of a newer change.
    """

    branch = models.ForeignKey(
        "federation.Branch", on_delete=models.PROTECT, related_name="+"
    )
    month = models.DateField("月份")
    onward = models.BooleanField("及以后各月", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = "待汇总"
        verbose_name_plural = "待汇总"
        ordering = ["pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["onward", "month"], name="mark_month")]

    def __str__(self):
        return f"{self.branch_id} {self.month}"


class Heartbeat(models.Model):
    """When a part of the machinery was last seen alive: ``worker``, ``beat``,
    ``rollup``."""

    name = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = "心跳"
        verbose_name_plural = "心跳"
        default_permissions = ()

    def __str__(self):
        return self.name


auditlog.register(ReportingMonth)
