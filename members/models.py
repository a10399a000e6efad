"""The register: people (执委／人员), their posts (任职), and the terms (届)."""

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.models.branches import initials_of
from members.querysets import MemberQuerySet, PostQuerySet, TermQuerySet


class Member(models.Model):
    """A person (人员). One row however many posts she holds. No ID number, no home
    address; the phone is masked outside this record and purged after ``purge_on``."""

    class Gender(models.TextChoices):
        FEMALE = "female", "女"
        MALE = "male", "男"

    name = models.CharField("姓名", max_length=50, validators=[refuse_id_number])
    initials = models.CharField(
        "拼音首字母", max_length=50, blank=True, db_index=True, editable=False
    )
    gender = models.CharField(
        "性别", max_length=8, choices=Gender, default=Gender.FEMALE
    )
    birth_month = models.DateField(
        "出生年月", null=True, blank=True, help_text="只记到月，日一律为 1 日。"
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name="登记妇联",
    )
    phone = models.CharField(
        "手机号",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^1[0-9]{10}$", "手机号应为 11 位数字。")],
    )
    purge_on = models.DateField(
        "手机号保留至",
        null=True,
        blank=True,
        help_text="最后任职结束一年后清除手机号。",
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["branch__path", "pk"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.initials = initials_of(self.name)[:50]
        super().save(*args, **kwargs)


class Term(models.Model):
    """One term (届) of a branch's committee, from election to the next."""

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="terms",
        verbose_name="妇联组织",
    )
    number = models.PositiveSmallIntegerField("届次")
    elected_on = models.DateField("选举日期")
    due_on = models.DateField("届满日期")

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = "届"
        verbose_name_plural = "届"
        ordering = ["branch__path", "-number"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "number"],
                name="term_numbered_once",
                violation_error_message="这个组织已有同一届次。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("elected_on")),
                name="term_due_after_election",
                violation_error_message="届满日期必须晚于选举日期。",
            ),
        ]

    def __str__(self):
        return f"{self.branch}第 {self.number} 届"


class Post(CountedModel):
    """A post (任职): member × branch × term × title, dated. The day it ends on is the
    first on which it is held no more."""

    class Title(models.TextChoices):
        CHAIR = "chair", "主席"
        VICE_FULL = "vice_full", "专职副主席"
        VICE_PART = "vice_part", "兼职副主席"
        VICE_SECONDED = "vice_seconded", "挂职副主席"
        STANDING = "standing", "常委"
        COMMITTEE = "committee", "执委"

    class Ending(models.TextChoices):
        TERM_OVER = "term_over", "届满"
        RESIGNED = "resigned", "辞职"
        TRANSFERRED = "transferred", "调离"
        DISMISSED = "dismissed", "罢免"
        DIED = "died", "去世"
        REPLACED = "replaced", "替补"

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="posts", verbose_name="人员"
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="posts",
        verbose_name="妇联组织",
    )
    term = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name="届",
    )
    title = models.CharField(
        "职务", max_length=16, choices=Title, default=Title.COMMITTEE
    )
    started_on = models.DateField("任职日期")
    ended_on = models.DateField("卸任日期", null=True, blank=True)
    ending = models.CharField("卸任原因", max_length=16, choices=Ending, blank=True)
    known_on = models.DateField("登记日期", auto_now_add=True)

    counted_fields = ("branch_id", "started_on", "ended_on")
    is_dated_fact = True

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["branch__path", "title", "pk"]
        default_permissions = ("view", "add", "change")
        indexes = [
            models.Index(fields=["branch", "started_on"], name="post_branch_from")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                name="post_ends_after_it_starts",
                violation_error_message="卸任日期必须晚于任职日期。",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ending="")
                | Q(ended_on__isnull=False) & ~Q(ending=""),
                name="post_ending_has_reason",
                violation_error_message="卸任日期和卸任原因要一起填写。",
            ),
        ]

    def __str__(self):
        return f"{self.member} {self.branch}{self.get_title_display()}"

    @classmethod
    def buckets(cls, branch_id, started_on, ended_on):
        """In post from its first month on; ending it changes the later months only,
        which the first mark covers already."""
        if branch_id is not None and started_on is not None:
            yield Bucket(branch_id, started_on.replace(day=1), onward=True)

    def clean(self):
        super().clean()
        if self.term and self.branch_id and self.term.branch_id != self.branch_id:
            raise ValidationError({"term": "所选的届不属于这个妇联组织，请重新选择。"})


auditlog.register(Member, exclude_fields=["initials"], mask_fields=["phone"])
auditlog.register(Term)
auditlog.register(Post)
