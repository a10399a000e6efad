"""Figures that are typed in because no records exist (填报数)."""

from __future__ import annotations

from datetime import date

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from federation.counted import Bucket, CountedModel, CountedQuerySet
from federation.id_numbers import refuse_id_number
from federation.models.branches import Level
from federation.months import Month
from federation.scope import BranchScopedQuerySet
from rollups.models.reported import (
    NOT_NEGATIVE,
    VALUE,
    ReportedBatch,
    ReportedIndicator,
    written,
)


class ReportedFigureQuerySet(CountedQuerySet, BranchScopedQuerySet):
    def holding_at(self, month: Month):
        """Return of each branch and batch in force in *month* the last figure so far:
        the state of a stock at its end."""
        in_force = ReportedBatch.objects.in_force(month).values("pk")
        later = ReportedFigure.objects.filter(
            branch=OuterRef("branch"),
            batch=OuterRef("batch"),
            month__gt=OuterRef("month"),
            month__lte=month.first_day,
        )
        so_far = self.filter(batch__in=in_force, month__lte=month.first_day)
        return so_far.filter(~Exists(later))


class ReportedFigure(CountedModel):
    """What a branch reported of an indicator for a month (填报数): no row is silence,
    and silence is no zero."""

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="reported_figures",
        verbose_name="妇联组织",
    )
    month = models.DateField("月份")
    batch = models.ForeignKey(
        ReportedBatch,
        on_delete=models.PROTECT,
        related_name="figures",
        verbose_name="填报指标",
    )
    value = models.DecimalField("数值", validators=[NOT_NEGATIVE], **VALUE)
    explanation = models.CharField(
        "说明", max_length=200, blank=True, validators=[refuse_id_number]
    )
    entered_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="填报人",
    )
    entered_at = models.DateTimeField("填报时间", auto_now=True)

    counted_fields = ("branch_id", "month", "batch__indicator__kind")
    counted_facts = ("branch_id", "branch", "month", "batch_id", "batch", "value")

    objects = ReportedFigureQuerySet.as_manager()

    class Meta:
        verbose_name = "填报数"
        verbose_name_plural = "填报数"
        ordering = ["-month", "branch__path", "batch"]
        default_permissions = ("view",)
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "batch", "month"],
                name="reported_figure_once",
                violation_error_message="这个月已经填过这一项，请改那一个数。",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="reported_figure_not_negative",
                violation_error_message="请填 0 或更大的数。",
            ),
        ]
        indexes = [
            models.Index(fields=["month", "branch"], name="reported_month_branch")
        ]

    def __str__(self):
        return f"{self.branch} {self.batch}"

    @classmethod
    def buckets(cls, branch_id, month, kind):
        if branch_id is not None and month is not None:
            is_stock = kind == ReportedIndicator.Kind.STOCK
            yield Bucket(branch_id, month.replace(day=1), is_stock)

    def counted_values(self):
        if self.batch_id is None:
            return None
        month = self.month
        if hasattr(month, "resolve_expression"):
            return None
        try:
            month = self._meta.get_field("month").to_python(month)
        except ValidationError:
            return None
        return self.branch_id, month, self.batch.indicator.kind

    def save(self, *args, **kwargs):
        if isinstance(self.month, date):
            self.month = self.month.replace(day=1)
        super().save(*args, **kwargs)

    def clean(self):
        if not (self.branch_id and self.month and self.batch_id):
            return
        self.month = self.month.replace(day=1)
        super().clean()
        self._refuse_place()
        if self.value is None or self.value < 0:
            return
        indicator = self.batch.indicator
        try:
            indicator.refuse_value(self.value)
        except ValidationError as refusal:
            raise ValidationError({"value": refusal.messages}) from refusal
        self._refuse_unexplained(indicator)

    def _refuse_place(self) -> None:
        month = Month.of(self.month)
        if month > Month.current():
            raise ValidationError(f"{month.label}还没有到，到了再填。")
        if not self.batch.is_in_force(month):
            raise ValidationError(f"{month.label}不用填“{self.batch}”。")
        if self.branch.level not in self.batch.indicator.levels:
            level = Level(self.branch.level).label
            raise ValidationError(f"“{self.batch}”不由{level}填报。")

    def _refuse_unexplained(self, indicator: ReportedIndicator) -> None:
        previous = self.previous()
        if self.explanation.strip() or not previous:
            return
        if indicator.asks_why(self.value, previous.value):
            month = Month.of(previous.month).label
            raise ValidationError(
                {
                    "explanation": f"{month}填的是 {written(previous.value)} "
                    f"{indicator.unit}，这次是 {written(self.value)} "
                    f"{indicator.unit}，相差较大，请写一句说明。"
                }
            )

    def previous(self) -> ReportedFigure | None:
        """Return last month's figure; of a stock, the last one before this month."""
        earlier = ReportedFigure.objects.filter(
            branch=self.branch_id, batch=self.batch_id, month__lt=self.month
        )
        if not self.batch.indicator.is_stock:
            last_month = Month.of(self.month).previous()
            earlier = earlier.filter(month=last_month.first_day)
        return earlier.order_by("-month").first()


auditlog.register(ReportedFigure, exclude_fields=["entered_at"])
