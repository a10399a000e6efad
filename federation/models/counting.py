"""The state of the months, the marks that wait, and the pulse of the workers."""

from collections.abc import Iterable
from datetime import date

from auditlog.registry import auditlog
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef
from django.utils import timezone

from federation.logged import LoggedQuerySet
from federation.months import Month, local_today
from federation.scope import BranchScopedQuerySet
from federation.wording import day_label


class ReportingMonthQuerySet(LoggedQuerySet):
    def closed(self):
        """Return what nobody writes into and nobody counts."""
        return self.filter(status=ReportingMonth.Status.CLOSED)

    def not_open(self):
        """Return what is closed to some branches at least."""
        return self.exclude(status=ReportingMonth.Status.OPEN)

    def partly_open(self):
        return self.filter(status=ReportingMonth.Status.PARTLY)

    def refuse_closed(self, *days: date) -> None:
        """Raise ValidationError naming the first of the months *days* (each a first
        day) that is not open to everybody."""
        shut = self.not_open().filter(month__in=days).order_by("month")
        if days and (first := shut.select_related("closed_by").first()):
            raise ValidationError(first.refusal, code="month_closed")

    def refuse_closed_to(self, buckets: Iterable) -> None:
        """Raise ValidationError naming the first month among *buckets* that is closed
        to its branch."""
        if refusal := self.why_closed_to(buckets):
            raise ValidationError(refusal, code="month_closed")

    def why_closed_to(self, buckets: Iterable) -> str:
        """Return the sentence for whoever wants to write into *buckets*; "" if she
        may. Call it under the months' locks where it matters."""
        buckets = list(buckets)
        days = {bucket.month for bucket in buckets}
        if not days:
            return ""
        shut = self.not_open().filter(month__in=days).order_by("month")
        for state in shut.select_related("closed_by"):
            wanted = {b.branch_id for b in buckets if b.month == state.month}
            if refusal := state.refusal_to(wanted):
                return refusal
        return ""


class ReportingMonth(models.Model):
    """A month the site counts (月份). A month without a row is open.

    Partly open: closed, with its newest revision, to everybody but the branches of its
    ``MonthOpening`` rows; counted as an open month is, until it is closed again.
    """

    class Status(models.TextChoices):
        OPEN = "open", "未结账"
        PARTLY = "partly", "部分开账"
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
        return f"{self.closing}，不能再改动这个月的记录。{ASK}"

    @property
    def closing(self) -> str:
        """Who closed it, when, and which revision that made."""
        who = f"由{self.closed_by}" if self.closed_by else ""
        # Local time: at 01:00 the database still counts yesterday.
        day = self.closed_at and timezone.localdate(self.closed_at)
        when = f"于 {day} " if day else ""
        return f"{self}已{who}{when}结账（第 {self.revision} 版）"

    def refusal_to(self, branch_ids: set[int]) -> str:
        """Return why one of these branches may not write into this month, which is not
        open; "" if each may."""
        if self.status != self.Status.PARTLY:
            return self.refusal
        openings = list(MonthOpening.objects.of_month(self.month).not_ended())
        current = [opening for opening in openings if opening.is_in_force]
        if branch_ids <= _opened(self.month, current, branch_ids):
            return ""
        told = "、".join(str(opening) for opening in current)
        if told:
            return f"{self.closing}，现在只对{told}重新开账，别的组织不能改动。{ASK}"
        told = "、".join(str(opening) for opening in openings)
        return f"{self.closing}，对{told}的重新开账已经到期，不能再改动。{ASK}"


ASK = "请联系区妇联办公室，由区里重新开账后再改。"


class MonthOpeningQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def of_month(self, day: date):
        return self.filter(month=day).select_related("branch").order_by("pk")

    def not_ended(self):
        """Return those whose month is not closed again yet, expired ones too."""
        return self.filter(ended_at__isnull=True)

    def in_force(self):
        return self.not_ended().filter(until__gte=local_today())

    def for_row(self):
        """Return, for use in ``Exists``, those in force that cover the outer row's
        month and, in today's tree, its branch."""
        return (
            self.in_force()
            .filter(month=OuterRef("month"))
            .annotate(
                outer_path=ExpressionWrapper(
                    OuterRef("branch__path"), output_field=models.CharField()
                )
            )
            .filter(outer_path__startswith=F("branch__path"))
            .order_by()
        )


class MonthOpening(models.Model):
    """A closed month opened for one branch and those below it (部分开账), until a day,
    that day included. It goes on being counted until ``ended_at``, when the month is
    closed again."""

    month = models.DateField("月份")
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="妇联组织",
    )
    until = models.DateField("到哪一天为止")
    reason = models.CharField("原因", max_length=200)
    opened_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="重新开账人",
    )
    opened_at = models.DateTimeField("重新开账时间", auto_now_add=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = MonthOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = "部分开账"
        verbose_name_plural = "部分开账"
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["month"], name="opening_month")]

    def __str__(self):
        return f"{self.branch}（到 {day_label(self.until)}）"

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None and local_today() <= self.until


def _opened(day: date, openings: list, branch_ids: set[int]) -> set[int]:
    """Return those of *branch_ids* that stood, in the tree of the month, at or below
    the branch of one of *openings*."""
    wanted = {opening.branch_id for opening in openings} | branch_ids
    branches = apps.get_model("federation", "Branch").objects.filter(pk__in=wanted)
    # Who has left the tree keeps today's place.
    paths = dict(branches.values_list("pk", "path"))
    tree = apps.get_model("federation", "Placement").objects.covering(Month.of(day))
    paths |= dict(tree.filter(branch__in=wanted).values_list("branch_id", "path"))
    tops = tuple(paths[opening.branch_id] for opening in openings)
    return {pk for pk in branch_ids if pk in paths and paths[pk].startswith(tops)}


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
auditlog.register(MonthOpening)
