"""An election (换届) while it is prepared, and what is left of it."""

import uuid

from auditlog.registry import auditlog
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from federation.id_numbers import refuse_id_number
from members.ethnicities import HAN, refuse_unknown_ethnicity
from members.models import choices
from members.models.member import Member, month_of_birth
from members.models.term import Term
from members.querysets import CandidateQuerySet, ElectionQuerySet


class Election(models.Model):
    """The election of one branch's committee, or of a street's whole row of villages,
    kept while half done; ``members.elections`` starts, confirms and undoes it."""

    Status = choices.ElectionStatus

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="elections",
        verbose_name="妇联组织",
    )
    covers_below = models.BooleanField(
        "连同下级村（社区）一起换届",
        default=False,
        help_text="勾选后，本镇街下面的村、社区一起换届，本级不在内。",
    )
    elected_on = models.DateField("选举日期")
    status = models.CharField(
        "状态", max_length=16, choices=Status, default=Status.DRAFT
    )
    journal = models.OneToOneField(
        "federation.Journal",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="election",
        verbose_name="改动记录",
    )
    started_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="经办人",
    )
    started_at = models.DateTimeField("开始时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="确认人",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    # The form that starts it is sent with one key however often it is sent.
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ElectionQuerySet.as_manager()

    class Meta:
        verbose_name = "换届"
        verbose_name_plural = "换届"
        ordering = ["-started_at"]
        default_permissions = ("view", "add", "change")
        permissions = [("confirm_election", "确认换届结果")]

    def __str__(self):
        whole = "各村（社区）" if self.covers_below else ""
        return f"{self.branch}{whole}换届（{self.elected_on}）"

    @property
    def is_open(self) -> bool:
        """True while one still works on it: begun, or taken back to correct."""
        return self.status in choices.OPEN_ELECTION

    @property
    def is_confirmed(self) -> bool:
        return self.status == self.Status.CONFIRMED


class Candidate(models.Model):
    """Somebody who stands for a term's committee: a member, or one who becomes a member
    when she is elected. Who was not elected is forgotten with the undo period."""

    class Source(models.TextChoices):
        COMMITTEE = "committee", "上届班子"
        REGISTER = "register", "名册"
        NEW = "new", "新提名"
        ROSTER = "roster", "名单导入"

    term = models.ForeignKey(
        Term, on_delete=models.CASCADE, related_name="candidates", verbose_name="届"
    )
    source = models.CharField("来源", max_length=16, choices=Source, default=Source.NEW)
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="candidacies",
        verbose_name="名册中的人",
    )
    # Of somebody new, until she is elected and has a row of her own.
    name = models.CharField(
        "姓名", max_length=50, blank=True, validators=[refuse_id_number]
    )
    gender = models.CharField(
        "性别",
        max_length=8,
        choices=choices.Gender,
        default=choices.Gender.FEMALE,
    )
    birth_month = models.DateField("出生年月", null=True, blank=True)
    ethnicity = models.CharField(
        "民族",
        max_length=10,
        blank=True,
        default=HAN,
        validators=[refuse_unknown_ethnicity],
    )
    education = models.CharField(
        "学历", max_length=16, choices=choices.Education, blank=True
    )
    political_status = models.CharField(
        "政治面貌", max_length=16, choices=choices.PoliticalStatus, blank=True
    )
    occupation = models.CharField(
        "职业", max_length=50, blank=True, validators=[refuse_id_number]
    )
    work_unit = models.CharField(
        "工作单位及职务", max_length=100, blank=True, validators=[refuse_id_number]
    )
    phone = models.CharField(
        "手机号",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^1[0-9]{10}$", "手机号应为 11 位数字。")],
    )
    is_village_cadre = models.BooleanField("村（社区）两委成员", default=False)
    is_grid_worker = models.BooleanField("兼任网格员", default=False)
    is_new_employment = models.BooleanField("新就业群体", default=False)
    # The result.
    votes = models.PositiveIntegerField("得票", null=True, blank=True)
    is_elected = models.BooleanField("当选", default=False)
    title = models.CharField(
        "职务", max_length=16, choices=choices.Title, default=choices.Title.COMMITTEE
    )
    concurrent_office = models.CharField(
        "兼任", max_length=16, choices=choices.ConcurrentOffice, blank=True
    )

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "候选人"
        verbose_name_plural = "候选人"
        ordering = ["term", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False) | ~Q(name=""),
                name="candidate_is_somebody",
                violation_error_message="请选名册中的人，或填写新提名人的姓名。",
            ),
            models.UniqueConstraint(
                fields=["term", "member"],
                name="candidate_once_a_term",
                violation_error_message="她已在候选人名单里。",
            ),
        ]

    def __str__(self):
        return self.person_name

    def clean(self):
        super().clean()
        self.birth_month = month_of_birth(self.birth_month)

    @property
    def person_name(self) -> str:
        return self.member.name if self.member_id else self.name


auditlog.register(Election)
auditlog.register(Candidate, mask_fields=["phone"])
