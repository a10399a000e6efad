"""Recognition as 出彩人家 (认定): applied for in batches, granted, reviewed, revoked,
regained. The row says where it stands, its steps how it came there."""

import secrets

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from families.models.choices import RUNNING, Act, Stage, Subject
from families.querysets import (
    BatchQuerySet,
    PlateQuerySet,
    RecognitionQuerySet,
    RecognitionStepQuerySet,
)
from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.models import Branch

# No letters or digits that are taken for one another when read from a plate.
TOKEN_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # noqa: S105
TOKEN_LENGTH = 12


class Batch(models.Model):
    """One round of recognitions (批次) of a district or street, with its 公示."""

    Subject = Subject

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="recognition_batches",
        verbose_name="组织开展的妇联",
    )
    subject = models.CharField("对象", max_length=12, choices=Subject)
    name = models.CharField("批次名称", max_length=100, validators=[refuse_id_number])
    opened_on = models.DateField("开始申报日期")
    published_from = models.DateField("公示自", null=True, blank=True)
    published_until = models.DateField("公示至", null=True, blank=True)
    document_number = models.CharField("认定文号", max_length=100, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "认定批次"
        verbose_name_plural = "认定批次"
        ordering = ["-opened_on", "-pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "subject", "name"],
                name="batch_named_once",
                violation_error_message="已有同名的批次，请换一个名称。",
            ),
            models.CheckConstraint(
                condition=Q(published_from__isnull=True, published_until__isnull=True)
                | Q(published_until__gte=F("published_from")),
                name="batch_published_from_until",
                violation_error_message="公示要写起止两天，止日不能早于起日。",
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.pk and self.recognitions.filter(steps__act=Act.PUBLISH).exists():
            self._refuse_to_shorten()

    def _refuse_to_shorten(self) -> None:
        stored = Batch.objects.get(pk=self.pk)
        first, last = self.published_from, self.published_until
        if first != stored.published_from or not last or last < stored.published_until:
            raise ValidationError(
                {
                    "published_until": "公示已经开始：起日不能改，"
                    f"止日不能早于 {stored.published_until}，可以延长。"
                }
            )


class Recognition(CountedModel):
    """
    One household's, or one village's, way through a batch, and what became of it.

    branch          the village; of a village's own recognition, the recognised one
    granted_on      from this day it counts, in this village
    first_granted_on   of one whose village has merged: when it was granted; its
                    granted_on is then the day of the merger
    continued_as    as in ``Household``: of a row that stands for its time in a village
                    that has merged since
    revoked_on      from this day it counts no more; regained, it is a new row
    review_due_on   when 复核 is due
    mend_by         until when a 限期整改 runs; empty when there is none
    """

    Stage = Stage
    Subject = Subject

    subject = models.CharField("对象", max_length=12, choices=Subject)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="recognitions",
        verbose_name="村（社区）妇联",
    )
    household = models.ForeignKey(
        "families.Household",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recognitions",
        verbose_name="家庭户",
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        related_name="recognitions",
        verbose_name="批次",
    )
    stage = models.CharField(
        "进度", max_length=12, choices=Stage, default=Stage.APPLIED
    )
    granted_on = models.DateField("认定日期", null=True, blank=True)
    first_granted_on = models.DateField("首次认定日期", null=True, blank=True)
    review_due_on = models.DateField("复核到期日", null=True, blank=True)
    mend_by = models.DateField("整改期限", null=True, blank=True)
    revoked_on = models.DateField("摘牌日期", null=True, blank=True)
    known_on = models.DateField("录入日期", auto_now_add=True)
    continued_as = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,  # few have one: see the index below
        related_name="former",
        verbose_name="转到",
    )

    counted_fields = ("branch_id", "granted_on", "revoked_on")
    counted_facts = (
        "branch",
        "branch_id",
        "granted_on",
        "first_granted_on",
        "revoked_on",
    )
    is_dated_fact = True

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = "认定"
        verbose_name_plural = "认定"
        ordering = ["branch__path", "household__number", "pk"]
        default_permissions = ("view",)
        permissions = [
            ("apply_recognition", "申报和村初评"),
            ("review_recognition", "街道复核和公示"),
            ("grant_recognition", "区认定"),
            ("revoke_recognition", "限期整改和摘牌"),
        ]
        indexes = [
            models.Index(
                fields=["branch", "subject", "stage"], name="recognition_place"
            ),
            models.Index(fields=["stage", "review_due_on"], name="recognition_due"),
            # What is recognised at a month's end, from the index alone.
            models.Index(
                fields=["branch", "granted_on", "revoked_on", "subject", "household"],
                condition=Q(granted_on__isnull=False),
                name="recognition_in_force",
            ),
            models.Index(
                fields=["household"],
                condition=Q(mend_by__isnull=False),
                name="recognition_to_mend",
            ),
            # The database looks here before a row goes.
            models.Index(
                fields=["continued_as"],
                condition=Q(continued_as__isnull=False),
                name="recognition_former",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(stage__in=RUNNING, subject="household"),
                name="household_recognised_once",
                violation_error_message="这一户已在申报或已认定，不用再报。",
            ),
            models.UniqueConstraint(
                fields=["branch"],
                condition=Q(stage__in=RUNNING, subject="village"),
                name="village_recognised_once",
                violation_error_message="这个村已在申报或已认定，不用再报。",
            ),
            models.CheckConstraint(
                condition=Q(subject="household", household__isnull=False)
                | Q(subject="village", household__isnull=True),
                name="recognition_of_what",
            ),
            models.CheckConstraint(
                condition=Q(
                    stage__in=("granted", "revoked"),
                    granted_on__isnull=False,
                    review_due_on__isnull=False,
                )
                | Q(
                    granted_on__isnull=True,
                    review_due_on__isnull=True,
                    mend_by__isnull=True,
                )
                & ~Q(stage__in=("granted", "revoked")),
                name="recognition_granted_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(stage="revoked", revoked_on__gt=F("granted_on"))
                # It may be lost on the very day of the merger.
                | Q(
                    stage="revoked",
                    first_granted_on__isnull=False,
                    revoked_on=F("granted_on"),
                )
                | ~Q(stage="revoked") & Q(revoked_on__isnull=True),
                name="recognition_revoked_after_granted",
                violation_error_message="摘牌日期必须晚于认定日期。",
            ),
            models.CheckConstraint(
                condition=Q(first_granted_on__isnull=True)
                | Q(granted_on__gt=F("first_granted_on")),
                name="recognition_first_granted_before",
            ),
        ]

    def __str__(self):
        return f"{self.household or self.branch}（{self.get_stage_display()}）"

    @classmethod
    def buckets(cls, branch_id, granted_on, revoked_on):
        """It counts from its grant until its revocation; both are figures of their
        own month as well."""
        if branch_id is not None:
            for day in filter(None, (granted_on, revoked_on)):
                yield Bucket(branch_id, day.replace(day=1), onward=True)

    @property
    def recognised_on(self):
        """The day of the grant, whichever village it was in then."""
        return self.first_granted_on or self.granted_on

    def clean(self):
        super().clean()
        if self.household_id and not self.household.was_in(self.branch_id):
            raise ValidationError({"household": "这一户不在这个村。"})
        if self.branch_id and self.branch.level != Branch.Level.VILLAGE:
            raise ValidationError({"branch": "出彩人家只认定村（社区）和家庭户。"})


class RecognitionStep(models.Model):
    """One dated act on a recognition: who, when, why. Written by
    ``families.recognition`` only, and never changed."""

    Act = Act

    recognition = models.ForeignKey(
        Recognition,
        on_delete=models.CASCADE,
        related_name="steps",
        verbose_name="认定",
    )
    act = models.CharField("事项", max_length=12, choices=Act)
    done_on = models.DateField("日期")
    reason = models.CharField(
        "原因", max_length=200, blank=True, validators=[refuse_id_number]
    )
    done_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="经办人",
    )
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = RecognitionStepQuerySet.as_manager()

    class Meta:
        verbose_name = "认定经过"
        verbose_name_plural = "认定经过"
        ordering = ["recognition", "pk"]
        default_permissions = ()

    def __str__(self):
        return f"{self.done_on} {self.get_act_display()}"


def new_token() -> str:
    """Return a plate's address: 12 characters nobody guesses."""
    return "".join(secrets.choice(TOKEN_ALPHABET) for _ in range(TOKEN_LENGTH))


class Plate(models.Model):
    """The sign at the door (门牌). The page behind its QR code says that it is
    genuine, the level, the village and the date: nothing of the family."""

    recognition = models.OneToOneField(
        Recognition,
        on_delete=models.PROTECT,
        related_name="plate",
        verbose_name="认定",
    )
    token = models.CharField(
        "编号", max_length=16, unique=True, default=new_token, editable=False
    )
    issued_on = models.DateField("制作日期")

    objects = PlateQuerySet.as_manager()

    class Meta:
        verbose_name = "门牌"
        verbose_name_plural = "门牌"
        ordering = ["recognition"]
        default_permissions = ("view",)
        permissions = [("print_plate", "打印门牌")]

    def __str__(self):
        return self.token


auditlog.register(Batch)
auditlog.register(Recognition)
# A reason may speak of a family: it is on the record, not in the log.
auditlog.register(RecognitionStep, mask_fields=["reason"])
auditlog.register(Plate)
