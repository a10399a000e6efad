"""What people and branches were honoured with (荣誉), and seats at the women's
congresses (妇女代表大会代表)."""

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from members.models import choices
from members.models.member import Member
from members.querysets import DelegateQuerySet, HonourQuerySet


class Honour(CountedModel):
    """An honour (荣誉) of a member, a branch, or somebody named in words."""

    Rank = choices.Rank
    State = choices.HonourState

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="honours",
        verbose_name="登记妇联",
        help_text="获奖人或获奖集体属于哪个组织。",
    )
    title = models.CharField("荣誉名称", max_length=100, validators=[refuse_id_number])
    rank = models.CharField("级别", max_length=16, choices=Rank)
    awarding_body = models.CharField(
        "授予单位", max_length=100, validators=[refuse_id_number]
    )
    awarded_on = models.DateField("授予日期")
    document_number = models.CharField(
        "文号", max_length=100, blank=True, validators=[refuse_id_number]
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="honours",
        verbose_name="获奖人",
    )
    is_of_branch = models.BooleanField("授予本组织", default=False)
    holder_name = models.CharField(
        "其他获奖者",
        max_length=100,
        blank=True,
        validators=[refuse_id_number],
        help_text="不在名册里的个人、家庭或集体，写明名称。",
    )
    state = models.CharField(
        "状态", max_length=16, choices=State, default=State.AWARDED
    )
    publishes = models.BooleanField(
        "同意公开", default=False, help_text="获奖者书面同意后，才在荣誉榜上显示。"
    )
    known_on = models.DateField("登记日期", auto_now_add=True)

    counted_fields = ("branch_id", "awarded_on", "state")
    is_dated_fact = True

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = "荣誉"
        verbose_name_plural = "荣誉"
        ordering = ["-awarded_on", "pk"]
        default_permissions = ("view", "add", "change")
        indexes = [
            models.Index(fields=["branch", "awarded_on"], name="honour_branch_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False, is_of_branch=False, holder_name="")
                | Q(member__isnull=True, is_of_branch=True, holder_name="")
                | Q(member__isnull=True, is_of_branch=False) & ~Q(holder_name=""),
                name="honour_has_one_holder",
                violation_error_message="获奖者填一个：名册里的人、本组织，"
                "或者写明其他获奖者。",
            ),
        ]

    def __str__(self):
        return f"{self.title}（{self.holder}）"

    @classmethod
    def buckets(cls, branch_id, awarded_on, state):
        is_known = branch_id is not None and awarded_on is not None
        if is_known and state == choices.HonourState.AWARDED:
            yield Bucket(branch_id, awarded_on.replace(day=1))

    @property
    def holder(self) -> str:
        if self.member_id:
            return self.member.name
        return self.branch.name if self.is_of_branch else self.holder_name


class Delegate(CountedModel):
    """A seat at a women's congress (妇女代表大会代表): no post, and no honour."""

    Level = choices.CongressLevel

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="seats", verbose_name="代表"
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="delegates",
        verbose_name="选出代表的妇联",
    )
    level = models.CharField("大会级别", max_length=16, choices=Level)
    congress = models.PositiveSmallIntegerField(
        "第几次大会", validators=[MinValueValidator(1)]
    )
    started_on = models.DateField("当选日期")
    ended_on = models.DateField("终止日期", null=True, blank=True)
    known_on = models.DateField("登记日期", auto_now_add=True)

    counted_fields = ("branch_id", "started_on")
    is_dated_fact = True

    objects = DelegateQuerySet.as_manager()

    class Meta:
        verbose_name = "妇代会代表"
        verbose_name_plural = "妇代会代表"
        ordering = ["-started_on", "pk"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "level", "congress"],
                name="delegate_once_a_congress",
                violation_error_message="她已是这次大会的代表。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                name="delegate_ends_after_start",
                violation_error_message="终止日期必须晚于当选日期。",
            ),
        ]

    def __str__(self):
        level = self.get_level_display()
        return f"{self.member}（{level}第 {self.congress} 次妇代会代表）"

    def clean(self):
        super().clean()
        is_known = self.branch_id and self.started_on
        if is_known and not self.branch.exists_on(self.started_on):
            raise ValidationError(
                {"started_on": f"{self.branch}在这一天还没有成立或已经撤销。"}
            )


auditlog.register(Honour)
auditlog.register(Delegate)
