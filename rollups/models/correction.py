"""A late or wrong record of a closed month, kept until the district opens it again."""

from __future__ import annotations

import uuid

from auditlog.registry import auditlog
from django.db import models
from django.db.models import Q
from django.urls import reverse

from federation.counted import Bucket
from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.months import Month
from federation.scope import BranchScopedQuerySet

ONE_WAITS = (
    "这条记录已有一条补录／更正在等着入账。请等它办完，或请填报人撤回以后，再报新的。"
)


class CorrectionQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def waiting(self):
        """Return what is neither entered nor given up."""
        return self.filter(state__in=Correction.WAITING)

    def in_review(self):
        return self.filter(state__in=Correction.IN_REVIEW)

    def to_enter(self):
        """Return what goes in as soon as its month is open."""
        return self.filter(state=Correction.State.APPROVED)

    def entered(self):
        return self.filter(state=Correction.State.ENTERED)

    def of_month(self, month: Month):
        return self.filter(month=month.first_day)

    def of_record(self, record: str, object_id: int):
        return self.filter(record=record, object_id=object_id)


class CorrectionStepQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    branch_lookup = "correction__branch"


class Correction(models.Model):
    """
    What somebody would have written into a closed month (补录／更正).

    record    which kind, the name of an app's handler (``rollups.corrections``)
    object_id the record it is about; None for a new one until that is entered
    before    the record's values when this was written, as the handler keeps them
    values    what they are to be; for a 撤回 the same as *before*
    token     the form's own key: sent twice, it makes one correction
    revision  the closing that has it; None until the month is closed again
    problem   why it could not be entered the last time that was tried

    ``rollups.corrections`` is the only writer.
    """

    class Act(models.TextChoices):
        ADD = "add", "补录"
        CHANGE = "change", "更正"
        WITHDRAW = "withdraw", "撤回"

    class State(models.TextChoices):
        STREET = "street", "待镇街审"
        DISTRICT = "district", "待区审"
        RETURNED = "returned", "退回待改"
        APPROVED = "approved", "已通过，等重新开账"
        ENTERED = "entered", "已入账"
        DECLINED = "declined", "不予采纳"
        WITHDRAWN = "withdrawn", "已撤回"

    IN_REVIEW = (State.STREET, State.DISTRICT)
    WAITING = (*IN_REVIEW, State.RETURNED, State.APPROVED)

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name="妇联组织",
    )
    month = models.DateField("月份")
    act = models.CharField("事项", max_length=8, choices=Act)
    record = models.CharField("记录类别", max_length=64)
    object_id = models.BigIntegerField("记录编号", null=True, blank=True)
    title = models.CharField("名称", max_length=200)
    before = models.JSONField("原来的内容", default=dict)
    values = models.JSONField("内容", default=dict)
    reason = models.CharField("原因", max_length=200, validators=[refuse_id_number])
    state = models.CharField("状态", max_length=10, choices=State)
    author = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        related_name="corrections",
        verbose_name="填报人",
    )
    made_at = models.DateTimeField("填报时间", auto_now_add=True)
    street_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="镇街审核人",
    )
    district_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="区级审核人",
    )
    entered_at = models.DateTimeField("入账时间", null=True, blank=True)
    revision = models.ForeignKey(
        "rollups.Revision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name="入账版本",
    )
    problem = models.CharField("没能入账的原因", max_length=300, blank=True)
    token = models.UUIDField("表单编号", unique=True, default=uuid.uuid4)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "补录／更正"
        verbose_name_plural = "补录／更正"
        ordering = ["-pk"]
        default_permissions = ("view", "add")
        permissions = [("review_correction", "审核补录／更正")]
        indexes = [
            models.Index(fields=["month", "state"], name="correction_month_state"),
            models.Index(fields=["record", "object_id"], name="correction_record"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "object_id"],
                condition=Q(state__in=["street", "district", "returned", "approved"]),
                name="correction_one_waits",
                violation_error_message=ONE_WAITS,
            ),
            models.CheckConstraint(
                condition=Q(object_id__isnull=False)
                | Q(act="add") & ~Q(state="entered"),
                name="correction_has_its_record",
            ),
            models.CheckConstraint(
                condition=Q(revision__isnull=True) | Q(state="entered"),
                name="correction_in_a_revision_is_entered",
            ),
        ]

    def __str__(self):
        return f"{self.get_act_display()}《{self.title}》"

    def get_absolute_url(self):
        return reverse("rollups:correction", args=[self.pk])

    @property
    def label(self) -> str:
        """Return where it stands, in words."""
        if self.state != self.State.ENTERED:
            return self.get_state_display()
        if self.revision_id is None:
            return "已入账，等结账"
        return f"已入第 {self.revision.number} 版"

    def as_bucket(self) -> Bucket:
        return Bucket(self.branch_id, self.month)

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING


class CorrectionStep(models.Model):
    """What was done with a correction, by whom, when and why. Never changed."""

    class Verb(models.TextChoices):
        SUBMITTED = "submitted", "提交"
        STREET = "street", "镇街通过"
        DISTRICT = "district", "区级通过"
        RETURNED = "returned", "退回"
        DECLINED = "declined", "不予采纳"
        WITHDRAWN = "withdrawn", "撤回"
        ENTERED = "entered", "入账"
        HELD_UP = "held_up", "没能入账"

    correction = models.ForeignKey(
        Correction,
        on_delete=models.CASCADE,
        related_name="steps",
        verbose_name="补录／更正",
    )
    verb = models.CharField("事项", max_length=10, choices=Verb)
    by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="谁",
    )
    at = models.DateTimeField("时间", auto_now_add=True)
    reason = models.CharField(
        "理由", max_length=300, blank=True, validators=[refuse_id_number]
    )

    objects = CorrectionStepQuerySet.as_manager()

    class Meta:
        verbose_name = "补录／更正的经过"
        verbose_name_plural = "补录／更正的经过"
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self):
        return f"{self.correction}：{self.get_verb_display()}"


auditlog.register(Correction, exclude_fields=["before", "values", "token", "steps"])
auditlog.register(CorrectionStep)
