"""Who is expected to report a month, and what became of it (报送)."""

from __future__ import annotations

from decimal import Decimal

from auditlog.registry import auditlog
from django.db import models
from django.db.models import Q

from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.months import Month
from federation.scope import BranchScopedQuerySet

REPORTING_LEVELS = (Branch.Level.TOWN, Branch.Level.VILLAGE, Branch.Level.UNIT)


def usual_levels() -> list[str]:
    return [level.value for level in REPORTING_LEVELS]


def all_kinds() -> list[str]:
    return list(Branch.Kind.values)


def this_month():
    return Month.current().first_day


class Expectation(models.Model):
    """Which branches report every month (报送范围): one row, set by the district."""

    THE_ONE = 1

    levels = models.JSONField("层级", default=usual_levels)
    kinds = models.JSONField("类别", default=all_kinds)
    # Months before the site's first are no one's to report.
    since = models.DateField("自（月）起报送", default=this_month)
    sends_reminders = models.BooleanField("发送催报", default=True)

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "报送范围"
        verbose_name_plural = "报送范围"
        default_permissions = ()

    def __str__(self):
        return f"{Month.of(self.since)} 起"

    def covers(self, month: Month) -> bool:
        return self.since <= month.first_day

    def branches(self):
        """Return the branches, of today and of old, that report."""
        return Branch.objects.filter(level__in=self.levels, kind__in=self.kinds)


class SubmissionQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def of_month(self, month: Month):
        return self.filter(month=month.first_day)

    def unreported(self):
        """Return what the branches still have to say something to."""
        return self.filter(status__in=Submission.UNREPORTED)


class Submission(models.Model):
    """
    What a branch said to a month (报送). The rows of a month are its expected list.

    sessions    what was confirmed, at that moment; 0 for a 零报告; None while nobody
    attendance  confirmed anything: an approved activity reports by itself
    is_late     the first report came after the deadline; a return does not make it so
    reported    ``{batch: value}`` of the reported figures, as they were confirmed
    has_changed what is counted now is not what was confirmed (有变动)

    ``rollups.submissions`` is the only writer.
    """

    class Status(models.TextChoices):
        MISSING = "missing", "未报"
        REPORTED = "reported", "已报"
        ZERO = "zero", "零报告"
        RETURNED = "returned", "退回"

    UNREPORTED = (Status.MISSING, Status.RETURNED)

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="submissions",
        verbose_name="妇联组织",
    )
    month = models.DateField("月份")
    status = models.CharField(
        "状态", max_length=8, choices=Status, default=Status.MISSING
    )
    is_late = models.BooleanField("逾期", default=False)
    has_changed = models.BooleanField("有变动", default=False)
    reported_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    reported_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="确认人",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    sessions = models.PositiveIntegerField("确认的场次", null=True, blank=True)
    attendance = models.PositiveIntegerField("确认的人次", null=True, blank=True)
    reported = models.JSONField("确认的填报数", default=dict, blank=True)
    reason = models.CharField("退回原因", max_length=200, blank=True)
    returned_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="退回人",
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "报送"
        verbose_name_plural = "报送"
        ordering = ["-month", "branch__path"]
        default_permissions = ("view",)
        permissions = [
            ("report_submission", "确认或零报告"),
            ("return_submission", "退回报送"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "branch"], name="submission_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(sessions__isnull=True, attendance__isnull=True)
                | Q(sessions__isnull=False, attendance__isnull=False),
                name="submission_confirms_both_figures",
            ),
            models.CheckConstraint(
                condition=~Q(status="zero") | Q(sessions=0, attendance=0),
                name="submission_zero_is_zero",
            ),
        ]

    def __str__(self):
        return f"{Month.of(self.month).label}{self.branch}"

    @property
    def label(self) -> str:
        return self.get_status_display()

    @property
    def confirms_reported(self) -> bool:
        """Whether something that is not zero was typed in when it was confirmed."""
        return any(map(Decimal, self.reported.values()))

    @property
    def is_unreported(self) -> bool:
        return self.status in self.UNREPORTED


auditlog.register(Expectation)
auditlog.register(Submission)
