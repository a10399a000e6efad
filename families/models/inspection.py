"""What was seen at a household or in a village (评比), by the standard of its day."""

import uuid

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from families.models.choices import Grade, InspectionKind, Outcome, Subject
from families.querysets import InspectionPhotoQuerySet, InspectionQuerySet
from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.months import local_today


def photo_path(photo, filename: str) -> str:
    """Return a path that tells nothing and collides with nothing."""
    return f"inspections/{photo.inspection_id}/{photo.key}.jpg"


class Inspection(CountedModel):
    """
    One look at a household, or at a village when *household* is empty.

    scores        {criterion id: points}, whole points from 0 to the weight; a veto is
                  {criterion id: 1} when it applies
    points, grade what the scores are worth by *standard*, kept with them
    client_token  the phone's own name for this entry: sent again, it makes no second
    """

    Kind = InspectionKind
    Outcome = Outcome

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="inspections",
        verbose_name="村（社区）妇联",
    )
    household = models.ForeignKey(
        "families.Household",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name="家庭户",
    )
    kind = models.CharField("类别", max_length=12, choices=InspectionKind)
    inspected_on = models.DateField("日期", default=local_today)
    standard = models.ForeignKey(
        "families.Standard",
        on_delete=models.PROTECT,
        related_name="inspections",
        verbose_name="标准",
    )
    scores = models.JSONField("各项得分", default=dict)
    points = models.PositiveSmallIntegerField("总分", editable=False)
    grade = models.CharField("等次", max_length=8, choices=Grade, editable=False)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    mend_by = models.DateField("整改期限", null=True, blank=True)
    inspectors = models.CharField(
        "评比人", max_length=100, blank=True, validators=[refuse_id_number]
    )
    remark = models.CharField(
        "备注", max_length=200, blank=True, validators=[refuse_id_number]
    )
    recorded_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="录入人",
    )
    client_token = models.UUIDField(
        "表单编号", unique=True, default=uuid.uuid4, editable=False
    )
    known_on = models.DateField("录入日期", auto_now_add=True)

    counted_fields = ("branch_id", "inspected_on")
    counted_facts = ("branch", "branch_id", "household", "inspected_on", "kind")
    # A phone may come back into the network after the month is closed.
    is_dated_fact = True

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = "评比"
        verbose_name_plural = "评比"
        ordering = ["-inspected_on", "-pk"]
        default_permissions = ("view", "add", "change")
        indexes = [
            models.Index(
                fields=["household", "inspected_on"], name="inspection_household_day"
            ),
            models.Index(fields=["branch", "inspected_on"], name="inspection_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="to_mend", mend_by__isnull=False)
                | ~Q(outcome="to_mend") & Q(mend_by__isnull=True),
                name="inspection_to_mend_by_a_day",
                violation_error_message="限期整改要写整改期限；其他结果不写。",
            ),
        ]

    def __str__(self):
        what = self.household or self.branch
        return f"{what} {self.inspected_on} {self.get_kind_display()}"

    @property
    def subject(self) -> str:
        return Subject.HOUSEHOLD if self.household_id else Subject.VILLAGE

    @property
    def is_model(self) -> bool:
        """Tell whether it carries a recognition."""
        return self.grade == Grade.MODEL and self.outcome == Outcome.MET

    @classmethod
    def buckets(cls, branch_id, inspected_on):
        if branch_id is not None and inspected_on is not None:
            yield Bucket(branch_id, inspected_on.replace(day=1))

    def clean(self):
        super().clean()
        if self.household_id and not self.household.was_in(self.branch_id):
            raise ValidationError({"household": "这一户不在这个村。"})
        if self.inspected_on and self.inspected_on > local_today():
            raise ValidationError({"inspected_on": "评比日期在今天之后，请核对。"})
        if self.mend_by and self.inspected_on and self.mend_by <= self.inspected_on:
            raise ValidationError({"mend_by": "整改期限要在评比日期之后。"})


class InspectionPhoto(models.Model):
    """A photo of an inspection. Never public."""

    inspection = models.ForeignKey(
        Inspection,
        on_delete=models.CASCADE,
        related_name="photos",
        verbose_name="评比",
    )
    key = models.UUIDField("编号", unique=True, default=uuid.uuid4, editable=False)
    image = models.ImageField("照片", upload_to=photo_path)
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = InspectionPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "评比照片"
        verbose_name_plural = "评比照片"
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self):
        return f"照片 {self.pk}"


# What was seen at whose house is on the record, not in the log.
auditlog.register(Inspection, mask_fields=["remark"])
auditlog.register(InspectionPhoto)
