"""Review in rounds (审核轮次): what was submitted, by whom, and what was decided."""

from auditlog.registry import auditlog
from django.db import models

from activities.models.activity import Activity
from activities.models.choices import Stage
from activities.querysets import ReviewRoundQuerySet
from federation.id_numbers import refuse_id_number


class ReviewRound(models.Model):
    """One submission of an activity and its decision. Rounds are never changed after
    the decision, and all are kept."""

    class Decision(models.TextChoices):
        PENDING = "pending", "待审"
        APPROVED = "approved", "通过"
        RETURNED = "returned", "退回"
        WITHDRAWN = "withdrawn", "撤回"

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="rounds", verbose_name="活动"
    )
    number = models.PositiveIntegerField("轮次")
    stage = models.CharField("阶段", max_length=8, choices=Stage)
    submitted = models.JSONField("提交内容")
    author = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="提交人",
    )
    submitted_at = models.DateTimeField("提交时间")
    decision = models.CharField(
        "决定", max_length=12, choices=Decision, default=Decision.PENDING
    )
    reviewer = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="审核人",
    )
    releaser = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="签发人",
    )
    # Author, reviewer and releaser (三审) are who did it; this is in whose place.
    stood_in_for = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="代谁审核",
    )
    reason = models.CharField(
        "理由", max_length=200, blank=True, validators=[refuse_id_number]
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)

    Stage = Stage

    objects = ReviewRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "审核轮次"
        verbose_name_plural = "审核轮次"
        ordering = ["activity", "number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "number"], name="round_numbered_once"
            ),
            models.UniqueConstraint(
                fields=["activity"],
                condition=models.Q(decision="pending"),
                name="one_pending_round",
                violation_error_message="这条活动已有一轮正在审核。",
            ),
        ]

    def __str__(self):
        return f"{self.activity} 第 {self.number} 轮"


auditlog.register(ReviewRound)
