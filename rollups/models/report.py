"""Tables the district designs without programming (报表)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.models import Branch
from rollups import registry
from rollups.registry import Kind

Level = Branch.Level


class ReportTemplateQuerySet(LoggedQuerySet):
    def in_use(self):
        return self.filter(is_active=True)


def all_signatures() -> list[str]:
    return list(ReportTemplate.Signature.values)


class ReportTemplate(models.Model):
    """
    A named table of indicators, one row per branch (报表): what other offices ask for,
    filled from the rollups.

    listing      which branches have a row, below the branch that is asked about
    term_first   the first month of any term (届); a term has five years
    decimals     of what is no whole number
    signatures   the lines to sign on, in the order of ``Signature``
    """

    class PeriodKind(models.TextChoices):
        MONTH = "month", "每月"
        QUARTER = "quarter", "每季度"
        HALF_YEAR = "half_year", "每半年"
        YEAR = "year", "每年"
        TERM = "term", "每届（五年）"

    class Listing(models.TextChoices):
        CHILDREN = "children", "直接下级"
        TOWN = Level.TOWN.value, "各镇街"
        VILLAGE = Level.VILLAGE.value, "各村社区"
        UNIT = Level.UNIT.value, "各单位"
        TOTAL = "total", "只有合计一行"

    class Signature(models.TextChoices):
        HEAD = "head", "单位负责人"
        CHECKED = "checked", "审核人"
        FILLED = "filled", "填表人"
        PHONE = "phone", "联系电话"
        SENT_ON = "sent_on", "报出日期"

    slug = models.SlugField("标识", max_length=64, unique=True)
    title = models.CharField("标题", max_length=60, validators=[refuse_id_number])
    table_number = models.CharField("表号", max_length=30, blank=True)
    issued_by = models.CharField("制表机关", max_length=60, blank=True)
    document_number = models.CharField(
        "依据文号", max_length=60, blank=True, validators=[refuse_id_number]
    )
    period_kind = models.CharField(
        "期别", max_length=10, choices=PeriodKind, default=PeriodKind.MONTH
    )
    term_first = models.DateField("一届的第一个月", null=True, blank=True)
    listing = models.CharField(
        "每行", max_length=10, choices=Listing, default=Listing.CHILDREN
    )
    unit_line = models.CharField("计量单位", max_length=60, blank=True)
    decimals = models.PositiveSmallIntegerField(
        "小数位数", default=1, validators=[MaxValueValidator(2, "最多两位小数。")]
    )
    signatures = models.JSONField("签字栏", default=all_signatures, blank=True)
    notes = models.TextField(
        "说明", max_length=1000, blank=True, validators=[refuse_id_number]
    )
    is_active = models.BooleanField("启用", default=True)

    objects = ReportTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "报表"
        verbose_name_plural = "报表"
        ordering = ["table_number", "pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=~Q(period_kind="term") | Q(term_first__isnull=False),
                name="report_of_a_term_says_when",
                violation_error_message="每届的报表，请填“一届的第一个月”。",
            )
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("rollups:report_table", args=[self.slug])

    def clean(self):
        if self.term_first:
            self.term_first = self.term_first.replace(day=1)
        known = set(self.Signature.values)
        if not isinstance(self.signatures, list) or set(self.signatures) - known:
            raise ValidationError({"signatures": "签字栏请从列出的几项里选。"})

    @property
    def signature_labels(self) -> list[str]:
        """The chosen lines to sign on, in their usual order."""
        return [one.label for one in self.Signature if one.value in self.signatures]


class ReportColumn(models.Model):
    """One column of a report (列): an indicator, of one programme or of all, and what
    of it is shown."""

    class Aspect(models.TextChoices):
        NOW = "now", "本期数"
        BEFORE = "before", "上期数"
        CHANGE = "change", "比上期增减"
        YEAR_AGO = "year_ago", "去年同期"
        YEAR_CHANGE = "year_change", "同比增减"
        YEAR_TO_DATE = "year_to_date", "本年累计"
        TARGET = "target", "年度目标"
        COMPLETION = "completion", "完成率"
        SHARE = "share", "占比"

    # Of the shares; the others are in the indicator's own unit.
    PERCENTAGES = (
        Aspect.CHANGE,
        Aspect.YEAR_CHANGE,
        Aspect.COMPLETION,
        Aspect.SHARE,
    )
    AIMED_AT = (Aspect.TARGET, Aspect.COMPLETION)
    # Five years have no year before, and belong to no one year.
    OF_A_YEAR = (
        Aspect.YEAR_AGO,
        Aspect.YEAR_CHANGE,
        Aspect.YEAR_TO_DATE,
        *AIMED_AT,
    )

    template = models.ForeignKey(
        ReportTemplate,
        on_delete=models.CASCADE,
        related_name="columns",
        verbose_name="报表",
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    group = models.CharField("上层表头", max_length=30, blank=True)
    title = models.CharField("列名", max_length=40, blank=True)
    # A code, for indicators are code, or rows of several kinds.
    indicator = models.CharField("指标", max_length=64)
    programme = models.ForeignKey(
        "federation.Programme",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="项目",
    )
    aspect = models.CharField("取数", max_length=12, choices=Aspect, default=Aspect.NOW)

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "列"
        verbose_name_plural = "列"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.label

    @property
    def counted(self) -> registry.Indicator | None:
        """The indicator; None when it exists no more."""
        try:
            return registry.indicator(self.indicator)
        except KeyError:
            return None

    @property
    def is_percentage(self) -> bool:
        return self.aspect in self.PERCENTAGES

    @property
    def unit(self) -> str:
        if self.is_percentage:
            return "%"
        return self.counted.unit if self.counted else ""

    @property
    def label(self) -> str:
        """Return the column's own title, or the indicator's name and what is shown."""
        if self.title:
            return self.title
        name = registry.label_of(self.indicator)
        aspect = "" if self.aspect == self.Aspect.NOW else self.get_aspect_display()
        return f"{name}{aspect}"

    def clean(self):
        """Refuse what gives no figure, or one that means nothing."""
        counted = self.counted
        if counted is None:
            raise ValidationError({"indicator": "没有这个指标，请从列表中选择。"})
        if self.programme_id and not counted.has_programmes:
            raise ValidationError(
                {"programme": f"“{counted.label}”不分项目，请把项目留空。"}
            )
        if self.programme_id and self.aspect in self.AIMED_AT:
            raise ValidationError({"programme": "年度目标不分项目，请把项目留空。"})
        if refusal := self._refused_aspect(counted):
            raise ValidationError({"aspect": refusal})

    def _refused_aspect(self, counted: registry.Indicator) -> str:
        Aspect, PeriodKind = self.Aspect, ReportTemplate.PeriodKind  # noqa: N806
        Listing = ReportTemplate.Listing  # noqa: N806
        kind, shown = self.template.period_kind, self.get_aspect_display()
        listing = self.template.listing
        if kind == PeriodKind.TERM and self.aspect in self.OF_A_YEAR:
            return f"每届的报表跨五年，没有“{shown}”，请改选别的。"
        if self.aspect == Aspect.YEAR_TO_DATE:
            if kind == PeriodKind.YEAR:
                return "每年的报表，“本期数”就是全年数，不用“本年累计”。"
            if counted.kind is Kind.STOCK:
                return f"“{counted.label}”是月末的数，不能累计，请选“本期数”。"
        if self.aspect in self.AIMED_AT and listing in (Listing.VILLAGE, Listing.UNIT):
            return f"年度目标只定到区和镇街，这样的每行没有“{shown}”，请改选别的。"
        if self.aspect == Aspect.SHARE:
            if not counted.is_additive:
                return f"“{counted.label}”各行相加不等于合计，没有“占比”。"
            if listing == Listing.TOTAL:
                return "只有合计一行的报表，“占比”总是 100%，请改选别的。"
        return ""


auditlog.register(ReportTemplate)
auditlog.register(ReportColumn)
