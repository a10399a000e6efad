"""What a year is to bring (年度目标)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.models import Branch
from federation.scope import BranchScopedQuerySet
from rollups import registry

FIRST_YEAR, LAST_YEAR = 2000, 2099
TARGETED_LEVELS = (Branch.Level.DISTRICT, Branch.Level.TOWN)
ONLY_ABOVE_VILLAGES = "年度目标只定到区和镇街，不给村、社区和单位定目标。"


class TargetQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def of(self, indicator: str, year: int):
        return self.filter(indicator=indicator, year=year)

    def bulk_create(self, objs, **kwargs):
        for target in objs:
            target.level = target.branch.level
        return super().bulk_create(objs, **kwargs)


class Target(models.Model):
    """
    What one indicator is to reach in a year, for the district or a town.

    level   the branch's, kept here so that a constraint can see it: villages are
            given no targets
    """

    indicator = models.CharField("指标", max_length=64)
    year = models.PositiveSmallIntegerField(
        "年份",
        validators=[
            MinValueValidator(FIRST_YEAR, f"年份请从 {FIRST_YEAR} 年起。"),
            MaxValueValidator(LAST_YEAR, f"年份请到 {LAST_YEAR} 年为止。"),
        ],
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="targets",
        verbose_name="妇联组织",
    )
    level = models.CharField(
        "层级", max_length=16, choices=Branch.Level, editable=False
    )
    value = models.DecimalField("目标", max_digits=18, decimal_places=2)
    document_number = models.CharField(
        "依据文号", max_length=100, validators=[refuse_id_number]
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = "年度目标"
        verbose_name_plural = "年度目标"
        ordering = ["-year", "indicator", "branch__path"]
        default_permissions = ()
        permissions = [("view_target", "看年度目标"), ("change_target", "定年度目标")]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "indicator", "branch"],
                name="target_once_a_year",
                violation_error_message="这个组织这一年已有这个指标的目标，请直接修改。",
            ),
            models.CheckConstraint(
                condition=Q(level__in=[level.value for level in TARGETED_LEVELS]),
                name="target_of_district_or_town",
                violation_error_message=ONLY_ABOVE_VILLAGES,
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0),
                name="target_is_above_zero",
                violation_error_message="目标必须大于 0；不定目标就留空。",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                name="target_of_a_year",
                violation_error_message=(
                    f"年份请在 {FIRST_YEAR} 和 {LAST_YEAR} 之间选择。"
                ),
            ),
        ]

    def __str__(self):
        return f"{self.branch}{self.year} 年{registry.label_of(self.indicator)}目标"

    def save(self, *args, **kwargs):
        self.level = self.branch.level
        super().save(*args, **kwargs)

    def clean(self):
        if self.branch_id:
            self.level = self.branch.level
        if self.indicator not in {one.code for one in registry.all_indicators()}:
            raise ValidationError({"indicator": "没有这个指标，请从列表中选择。"})


auditlog.register(Target)
