"""By what households and villages are measured (评选标准): versioned, dated."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from families.models.choices import Grade, Subject
from families.querysets import StandardQuerySet
from federation.logged import LoggedQuerySet


class Standard(models.Model):
    """
    One version of the criteria. It applies from its day until a newer one does; old
    inspections keep theirs.

    model_mark, fair_mark   least points for 示范户 and for 合格, of 100
    least_share             of villages: least share of recognised households, per cent
    """

    Subject = Subject

    subject = models.CharField(
        "对象", max_length=12, choices=Subject, default=Subject.HOUSEHOLD
    )
    name = models.CharField("名称", max_length=100)
    applies_from = models.DateField("自何日起执行")
    document_number = models.CharField("依据文号", max_length=100, blank=True)
    model_mark = models.PositiveSmallIntegerField(
        "示范线", default=85, validators=[MaxValueValidator(100)]
    )
    fair_mark = models.PositiveSmallIntegerField(
        "合格线", default=70, validators=[MaxValueValidator(100)]
    )
    least_share = models.PositiveSmallIntegerField(
        "示范户占比不低于（%）",
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text="只用于村的标准。",
    )
    review_after = models.PositiveSmallIntegerField(
        "多少个月后复核", default=12, validators=[MinValueValidator(1)]
    )

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = "评选标准"
        verbose_name_plural = "评选标准"
        ordering = ["subject", "-applies_from"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "applies_from"],
                name="standard_once_a_day",
                violation_error_message="这一天已有一版标准，请直接修改那一版。",
            ),
            models.CheckConstraint(
                condition=Q(fair_mark__lt=F("model_mark")),
                name="standard_fair_below_model",
                violation_error_message="合格线要低于示范线。",
            ),
        ]

    def __str__(self):
        return f"{self.name}（{self.applies_from} 起）"

    def clean(self):
        super().clean()
        if self.subject == Subject.HOUSEHOLD and self.least_share is not None:
            raise ValidationError({"least_share": "家庭户的标准不填占比，请清空。"})
        if self.applies_from is None:
            return
        older = Standard.objects.filter(
            subject=self.subject, applies_from__lt=self.applies_from
        )
        judged = Standard.inspections.rel.related_model.objects.filter(
            standard__in=older.exclude(pk=self.pk), inspected_on__gte=self.applies_from
        )
        # Whoever was seen under the old one keeps it; nothing is judged backwards.
        if judged.exists():
            raise ValidationError(
                {"applies_from": "这一天以后已有按旧标准做的评比，请把执行日期往后改。"}
            )

    @property
    def is_used(self) -> bool:
        return self.pk is not None and self.inspections.exists()

    def grade_of(self, points: int, *, vetoed: bool) -> str:
        """Return what *points* are worth; a veto outweighs them all."""
        if vetoed or points < self.fair_mark:
            return Grade.BELOW
        return Grade.MODEL if points >= self.model_mark else Grade.FAIR


class Criterion(models.Model):
    """One line of a standard: so many points for so much, or a veto (一票否决), which
    is yes or no and never asks for a reason."""

    standard = models.ForeignKey(
        Standard,
        on_delete=models.CASCADE,
        related_name="criteria",
        verbose_name="标准",
    )
    position = models.PositiveSmallIntegerField("顺序", default=0)
    name = models.CharField("项目", max_length=50)
    weight = models.PositiveSmallIntegerField(
        "分值", default=0, validators=[MaxValueValidator(100)]
    )
    is_veto = models.BooleanField("一票否决", default=False)
    hint = models.TextField("看什么", blank=True, max_length=500)

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "评选项目"
        verbose_name_plural = "评选项目"
        ordering = ["standard", "position", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "name"],
                name="criterion_named_once",
                violation_error_message="这一版标准里已有同名的项目。",
            ),
            models.CheckConstraint(
                condition=Q(is_veto=True, weight=0) | Q(is_veto=False, weight__gt=0),
                name="criterion_is_points_or_veto",
                violation_error_message="计分项目要有分值，一票否决不计分。",
            ),
        ]

    def __str__(self):
        return self.name


auditlog.register(Standard)
auditlog.register(Criterion)
