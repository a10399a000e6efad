"""The people of the register (执委／人员)."""

from datetime import date

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.models.branches import initials_of
from federation.months import local_today
from members.ethnicities import HAN, refuse_unknown_ethnicity
from members.models import choices
from members.querysets import MemberQuerySet


class Member(CountedModel):
    """A person (人员). One row however many posts she holds. No ID number, no home
    address; the phone is masked outside this record and purged after ``purge_on``.

    A row found to be the same person twice points to the one that is kept.
    """

    Gender = choices.Gender
    Education = choices.Education
    PoliticalStatus = choices.PoliticalStatus

    name = models.CharField(
        "姓名", max_length=50, db_index=True, validators=[refuse_id_number]
    )
    # Searched by index, as the name is: most people are asked for by it alone.
    given_name = models.CharField(
        "名", max_length=50, blank=True, db_index=True, editable=False
    )
    initials = models.CharField(
        "拼音首字母", max_length=50, blank=True, db_index=True, editable=False
    )
    gender = models.CharField(
        "性别", max_length=8, choices=Gender, default=Gender.FEMALE
    )
    birth_month = models.DateField(
        "出生年月", null=True, blank=True, help_text="只记到月，如 1985-03。"
    )
    ethnicity = models.CharField(
        "民族",
        max_length=10,
        blank=True,
        default=HAN,
        validators=[refuse_unknown_ethnicity],
    )
    education = models.CharField("学历", max_length=16, choices=Education, blank=True)
    political_status = models.CharField(
        "政治面貌", max_length=16, choices=PoliticalStatus, blank=True
    )
    occupation = models.CharField(
        "职业", max_length=50, blank=True, validators=[refuse_id_number]
    )
    work_unit = models.CharField(
        "工作单位及职务", max_length=100, blank=True, validators=[refuse_id_number]
    )
    is_grid_worker = models.BooleanField("兼任网格员", default=False)
    is_village_cadre = models.BooleanField("村（社区）两委成员", default=False)
    is_new_employment = models.BooleanField(
        "新就业群体", default=False, help_text="如快递员、网约车司机、网络主播。"
    )
    skills = models.CharField(
        "特长", max_length=200, blank=True, validators=[refuse_id_number]
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
        editable=False,
        help_text="最后任职结束一年后清除手机号。",
    )
    publishes_name = models.BooleanField(
        "本人同意公开",
        default=False,
        help_text="本人书面同意后，任主席期间姓名和职务显示在组织页面上。",
    )
    account = models.OneToOneField(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="member",
        verbose_name="账号",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name="已并入",
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    # What the figures read of a person; her posts say where and when she counts.
    counted_facts = ("birth_month", "education")
    counted_fields = ("posts__branch_id", "posts__started_on")
    is_dated_fact = True

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["branch__path", "pk"]
        default_permissions = ("view", "add", "change")
        permissions = [
            ("merge_member", "合并重复人员"),
            ("import_member", "导入名册"),
            ("export_member", "导出名册"),
        ]
        indexes = [
            models.Index(fields=["name", "birth_month"], name="member_name_birth"),
            models.Index(fields=["phone"], name="member_phone", condition=~Q(phone="")),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.describe()
        super().save(*args, **kwargs)

    @classmethod
    def buckets(cls, branch_id, started_on):
        """A fact about her changes the figures wherever she has been in post."""
        if branch_id is not None:
            yield Bucket(branch_id, started_on.replace(day=1), onward=True)

    @classmethod
    def buckets_of_rows(cls, rows):
        return set()  # nothing in memory tells her posts

    @classmethod
    def buckets_written(cls, rows):
        return set()  # whoever is new has none yet

    def _buckets_before(self):
        stored = Member._base_manager.filter(pk=self.pk or 0)
        facts = stored.values_list(*self.counted_facts).first()
        if facts in (None, tuple(getattr(self, name) for name in self.counted_facts)):
            return set()
        return self.buckets_of_stored([self.pk])

    def clean(self):
        super().clean()
        self.birth_month = month_of_birth(self.birth_month)

    def describe(self) -> None:
        """Set what follows from the other fields; bulk writes call it themselves."""
        self.initials = initials_of(self.name)[:50]
        self.given_name = self.name[1:]

    def age_on(self, day) -> int | None:
        """Return her age in whole years; the month of birth counts as reached."""
        if self.birth_month is None:
            return None
        born = self.birth_month
        return day.year - born.year - (day.month < born.month)


def month_of_birth(day: date | None) -> date | None:
    """Return the first day of the month of *day*: nothing more is kept of a birth.
    Raises ValidationError for a day to come."""
    if day and day > local_today():
        raise ValidationError({"birth_month": "出生年月在今天之后，请核对。"})
    return day and day.replace(day=1)


auditlog.register(
    Member, exclude_fields=["initials", "given_name"], mask_fields=["phone"]
)
