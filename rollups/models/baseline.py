"""What was counted before the site was used (期初数)."""

from __future__ import annotations

from datetime import date

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.models import Programme, ReportingMonth
from federation.months import Month
from federation.scope import BranchScopedQuerySet
from rollups import registry
from rollups.models.reported import NOT_NEGATIVE, ReportedBatch, written
from rollups.models.submission import Expectation


class BaselineQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def along(self, branch):
        """Return those of *branch*, of what is above it and of what is below it: what
        one of them says, the others hold too."""
        above = [branch.path[: n + 1] for n, c in enumerate(branch.path) if c == "/"]
        return self.filter(
            Q(branch__path__startswith=branch.path) | Q(branch__path__in=above)
        )

    def of_indicator(self, code: str):
        """Return those of the indicator, of its batches, and of the campaign it is a
        batch of: what one of them says, the others hold too."""
        campaign = code.rpartition(".")[0] if code.count(".") > 1 else code
        return self.filter(
            Q(indicator__in=[code, campaign]) | Q(indicator__startswith=f"{code}.")
        )

    def meeting(self, first, last):
        """Return those that share a month with *first* to *last*."""
        return self.filter(first_month__lte=last, last_month__gte=first)

    def within_period(self, first, last):
        return self.filter(first_month__gte=first, last_month__lte=last)

    def refuse_counting(self, batch: ReportedBatch) -> None:
        """Raise ValidationError if *batch*, as it is to be, would be reported in months
        that a baseline of it tells already."""
        since = max(filter(None, (batch.from_month, site_since())))
        codes = {batch.code, batch.indicator.code}
        met = self.filter(indicator__in=codes, last_month__gte=since)
        if batch.until_month:
            met = met.filter(first_month__lte=batch.until_month)
        if other := met.select_related("branch").first():
            raise ValidationError(
                f"{other.branch}{other.period}已有期初数，这些月份不能再填报，"
                "否则会重复计算。请改起始月份，或先改那条期初数。"
            )


class Baseline(models.Model):
    """A value of an additive indicator for a branch and everything below it, for months
    that the site did not count (期初数), with the document it stands in. It is shown
    beside the figures and never added to them."""

    indicator = models.CharField("指标", max_length=64)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="baselines",
        verbose_name="妇联组织",
        help_text="这个数是它连同全部下级的合计。",
    )
    first_month = models.DateField("从（月）")
    last_month = models.DateField("到（月）")
    programme = models.ForeignKey(
        "federation.Programme",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="baselines",
        verbose_name="项目",
        help_text="不分项目的留空。",
    )
    value = models.DecimalField(
        "数值", max_digits=14, decimal_places=2, validators=[NOT_NEGATIVE]
    )
    is_exact = models.BooleanField(
        "准确数", default=True, help_text="不勾就是约数，显示时前面加“约”。"
    )
    source = models.CharField(
        "来源文件",
        max_length=200,
        validators=[refuse_id_number],
        help_text="这个数写在哪份文件里，如 2020 年工作总结第 3 页。",
    )

    objects = BaselineQuerySet.as_manager()

    class Meta:
        verbose_name = "期初数"
        verbose_name_plural = "期初数"
        ordering = ["indicator", "branch__path", "first_month"]
        default_permissions = ("view", "add", "change", "delete")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_month__gte=F("first_month")),
                name="baseline_ends_after_start",
                violation_error_message="截止月份不能早于起始月份。",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="baseline_not_negative",
                violation_error_message="请填 0 或更大的数。",
            ),
        ]

    def __str__(self):
        return f"{self.branch} {self.period}"

    @property
    def period(self) -> str:
        first, last = Month.of(self.first_month), Month.of(self.last_month)
        return first.label if first == last else f"{first.label}至 {last.label}"

    @property
    def shown_value(self) -> str:
        """Return ``1,200`` or ``约 1,200``."""
        return f"{'' if self.is_exact else '约 '}{written(self.value)}"

    def clean(self):
        super().clean()
        for name in ("first_month", "last_month"):
            if day := getattr(self, name):
                setattr(self, name, day.replace(day=1))
        if not (self.branch_id and self.first_month and self.last_month):
            return
        self._refuse_indicator()
        self._refuse_counted()
        self._refuse_double()

    def _refuse_indicator(self) -> None:
        try:
            is_additive = registry.indicator(self.indicator).is_additive
        except KeyError:
            is_additive = False
        if not is_additive:
            raise ValidationError({"indicator": "请从列表中选择一个能相加的指标。"})

    def _refuse_counted(self) -> None:
        since = counted_since(self.indicator)
        if self.last_month >= since:
            raise ValidationError(
                f"从 {Month.of(since).label}起由系统统计，期初数最晚写到 "
                f"{Month.of(since).previous().label}，否则会重复计算。"
            )

    def _refuse_double(self) -> None:
        others = (
            Baseline.objects.exclude(pk=self.pk)
            .of_indicator(self.indicator)
            .along(self.branch)
            .meeting(self.first_month, self.last_month)
        )
        if self.programme_id:
            related = related_programmes(self.programme)
            others = others.filter(Q(programme__isnull=True) | Q(programme__in=related))
        if other := others.select_related("branch").first():
            raise ValidationError(
                f"{other.branch}{other.period}已有这个指标的期初数，月份有重叠，"
                "上下级的数会重复计算。请改月份，或改那一条。"
            )


def site_since() -> date | None:
    """Return the first month the site counts: the first one expected, or the first one
    that was opened. None before the first."""
    expected = Expectation.objects.values_list("since", flat=True).first()
    months = ReportingMonth.objects.order_by("month")
    opened = months.values_list("month", flat=True).first()
    return min(filter(None, (expected, opened)), default=None)


def counted_since(code: str) -> date:
    """Return the first month in which the site itself counts the indicator."""
    since = site_since() or Month.current().first_day
    _, _, slug = code.partition("reported.")
    if not slug:
        return since
    slug, _, batch = slug.partition(".")
    batches = ReportedBatch.objects.filter(indicator__slug=slug)
    if batch:
        batches = batches.filter(slug=batch)
    reported = batches.order_by("from_month").values_list("from_month", flat=True)
    return max(since, reported.first() or since)


def related_programmes(programme: Programme) -> list[int]:
    """Return *programme*, those above and those below it: one holds the other."""
    below = Programme.objects.with_children(programme.slug)
    above, up = [], programme.parent
    while up is not None:
        above.append(up.pk)
        up = up.parent
    return [*below.values_list("pk", flat=True), *above]


auditlog.register(Baseline)
