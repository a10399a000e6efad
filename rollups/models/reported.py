"""What the district asks the branches for (填报指标), on which authority and when."""

from __future__ import annotations

from decimal import Decimal

from auditlog.registry import auditlog
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from federation.id_numbers import refuse_id_number
from federation.months import Month
from federation.wording import grouped
from rollups.models.definition import Definition, DefinitionQuerySet
from rollups.models.submission import REPORTING_LEVELS, usual_levels

VALUE = {"max_digits": 14, "decimal_places": 2}
NOT_NEGATIVE = MinValueValidator(0, "请填 0 或更大的数。")


def written(value: Decimal) -> str:
    """Return a value as people write it: ``1,200``, ``0.5``."""
    whole = value.to_integral_value()
    return grouped(int(whole)) if whole == value else f"{value.normalize():,f}"


class ReportedIndicator(Definition):
    """
    Something the branches report by a number (填报指标), defined by the district.

    slug            of its code, ``reported.<slug>``
    levels          of the branches that fill it in
    least, most     the range of one branch's value
    explain_beyond  an explanation is asked for when the value differs from last month's
                    by more than so many per cent; None: never
    """

    class Kind(models.TextChoices):
        FLOW = "flow", "每月新增（各月相加）"
        STOCK = "stock", "月末现有（以最后一次填的为准）"

    slug = models.SlugField(
        "标识",
        max_length=24,
        unique=True,
        help_text="英文字母、数字，如 mom_jobs；接口和文件里用它，定了不再改。",
    )
    name = models.CharField("名称", max_length=50)
    unit = models.CharField("单位", max_length=10, help_text="如 人、户、个、万元。")
    kind = models.CharField("算法", max_length=8, choices=Kind, default=Kind.FLOW)
    programme = models.ForeignKey(
        "federation.Programme",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reported_indicators",
        verbose_name="所属项目",
    )
    levels = models.JSONField("由谁填报", default=usual_levels)
    least = models.DecimalField(
        "最小", null=True, blank=True, validators=[NOT_NEGATIVE], **VALUE
    )
    most = models.DecimalField(
        "最大",
        null=True,
        blank=True,
        validators=[NOT_NEGATIVE],
        help_text="一个组织一个月不会超过的数，用来挡住手误。",
        **VALUE,
    )
    explain_beyond = models.PositiveSmallIntegerField(
        "波动超过多少 % 要说明",
        null=True,
        blank=True,
        help_text="和上月相比。留空就不要求说明。",
    )
    is_usual = models.BooleanField("默认显示在汇总表", default=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    counted_facts = ("slug", "kind", "programme_id")
    MEANING = {"slug": "标识", "unit": "单位", "kind": "算法"}

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = "填报指标"
        verbose_name_plural = "填报指标"
        ordering = ["position", "pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(least__isnull=True)
                | Q(most__isnull=True)
                | Q(least__lte=F("most")),
                name="reported_range_is_one",
                violation_error_message="最小不能大于最大。",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def code(self) -> str:
        return f"reported.{self.slug}"

    @property
    def is_stock(self) -> bool:
        return self.kind == self.Kind.STOCK

    def clean(self):
        super().clean()
        if not self.levels or not set(self.levels) <= set(REPORTING_LEVELS):
            raise ValidationError({"levels": "请从列出的层级中至少选一个。"})
        stored = self.stored()
        if stored is None:
            return
        changed = [n for n in self.MEANING if getattr(stored, n) != getattr(self, n)]
        if changed and self.has_figures():
            sentence = (
                f"“{stored.name}”已经有填报数，改{self.MEANING[changed[0]]}会让前后的"
                "数对不上。请写上它的截止月份，再另建一个新指标。"
            )
            raise ValidationError(dict.fromkeys(changed, sentence))

    def has_figures(self) -> bool:
        return self.batches.filter(figures__isnull=False).exists()

    def refuse_value(self, value: Decimal) -> None:
        """Raise ValidationError if one branch's *value* is out of the range."""
        if self.least is not None and value < self.least:
            raise ValidationError(
                f"不应少于 {written(self.least)} {self.unit}，请核对。"
            )
        if self.most is not None and value > self.most:
            raise ValidationError(
                f"不应超过 {written(self.most)} {self.unit}，请核对。"
            )

    def asks_why(self, value: Decimal, previous: Decimal | None) -> bool:
        """Tell whether *value* is so far from the *previous* one that it needs a word;
        there are no per cents of nothing."""
        if self.explain_beyond is None or not previous:
            return False
        return abs(value - previous) * 100 > self.explain_beyond * previous


class ReportedBatchQuerySet(DefinitionQuerySet):
    def in_force(self, first: Month, last: Month | None = None):
        """Return what is to be filled in in a month, or in some of the months."""
        last = last or first
        return self.filter(
            Q(until_month__isnull=True) | Q(until_month__gte=first.first_day),
            from_month__lte=last.first_day,
        )


class ReportedBatch(Definition):
    """
    On what authority, and from which month to which, an indicator is reported (依据).

    An indicator that is reported on and on has one without a name; a campaign has one
    for each of its batches (两癌 2021、2022、2023), kept apart: each counts by itself
    as ``reported.<indicator>.<batch>``, and all of them as the indicator.
    """

    indicator = models.ForeignKey(
        ReportedIndicator,
        on_delete=models.PROTECT,
        related_name="batches",
        verbose_name="填报指标",
    )
    slug = models.SlugField("批次标识", max_length=24, blank=True)
    name = models.CharField("批次名称", max_length=30, blank=True)
    document_number = models.CharField(
        "依据文号", max_length=100, validators=[refuse_id_number]
    )
    from_month = models.DateField("起（月）")
    until_month = models.DateField("止（月）", null=True, blank=True)

    counted_facts = ("indicator_id", "slug", "from_month", "until_month")

    objects = ReportedBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "依据和批次"
        verbose_name_plural = "依据和批次"
        ordering = ["indicator", "from_month", "pk"]
        default_permissions = ("view", "add", "change", "delete")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "slug"],
                name="reported_batch_once",
                violation_error_message="这个指标已有同样标识的批次；"
                "不分批的指标只留一行，续期时改它的截止月份。",
            ),
            models.CheckConstraint(
                condition=Q(slug="", name="") | ~Q(slug="") & ~Q(name=""),
                name="reported_batch_is_named",
                violation_error_message="分批的，批次名称和批次标识都要填；"
                "不分批的都留空。",
            ),
            models.CheckConstraint(
                condition=Q(until_month__isnull=True)
                | Q(until_month__gte=F("from_month")),
                name="reported_batch_ends_after_start",
                violation_error_message="截止月份不能早于起始月份。",
            ),
        ]

    def __str__(self):
        return f"{self.indicator.name} {self.name}".strip()

    @property
    def code(self) -> str:
        code = self.indicator.code
        return f"{code}.{self.slug}" if self.slug else code

    def is_in_force(self, month: Month) -> bool:
        day = month.first_day
        return self.from_month <= day and not (
            self.until_month and self.until_month < day
        )

    def clean(self):
        super().clean()
        for name in ("from_month", "until_month"):
            if day := getattr(self, name):
                setattr(self, name, day.replace(day=1))
        if not self.from_month:
            return
        if stored := self.stored():
            self._refuse_losing_figures(stored)
        if self.indicator_id and self.indicator.pk:
            apps.get_model("rollups", "Baseline").objects.refuse_counting(self)

    def _refuse_losing_figures(self, stored: ReportedBatch) -> None:
        figures = self.figures.order_by("month").values_list("month", flat=True)
        first, last = figures.first(), figures.last()
        if first is None:
            return
        if stored.slug != self.slug:
            raise ValidationError({"slug": "这一批已经有填报数，标识不能再改。"})
        is_within = self.from_month <= first and (
            self.until_month is None or self.until_month >= last
        )
        if not is_within:
            raise ValidationError(
                f"{Month.of(first).label}到 {Month.of(last).label}已经有填报数，"
                "起止月份要把它们包在里面。"
            )


auditlog.register(ReportedIndicator)
auditlog.register(ReportedBatch)
