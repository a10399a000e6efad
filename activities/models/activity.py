"""The activity (活动): one session at one place and date, entered once."""

import uuid

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from activities.models.choices import (
    Audience,
    CountMethod,
    Format,
    Happening,
    Kind,
    PartnerRole,
    Review,
    Visibility,
)
from activities.querysets import ActivityQuerySet, PartnerQuerySet, SeriesQuerySet
from federation.counted import CountedModel
from federation.id_numbers import refuse_id_number
from federation.months import local_today

MOST_PEOPLE = 100_000

TOO_MANY = MaxValueValidator(MOST_PEOPLE, "人数不能超过 10 万，请核对。")
NEGATIVE = "人数不能是负数，请核对。"


def _headcount(name: str, label: str, **options):
    return models.IntegerField(
        label,
        null=True,
        blank=True,
        validators=[TOO_MANY],
        error_messages={"invalid": "请填写整数。"},
        **options,
    )


class Series(models.Model):
    """Repeats of an activity (系列): dated sessions, each cancelled or moved on its
    own."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", "每周"
        MONTHLY = "monthly", "每月"

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="series",
        verbose_name="妇联组织",
    )
    rhythm = models.CharField("周期", max_length=8, choices=Rhythm)
    created_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="建立人",
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = "系列"
        verbose_name_plural = "系列"
        default_permissions = ("view", "add")

    def __str__(self):
        return f"{self.get_rhythm_display()}系列 {self.pk}"


class Activity(CountedModel):
    """One session at one place and date (活动).

    Once approved, the row holds the values *as approved*: the calendar and the counts
    read it. A later change by someone who may not approve waits in ``proposal`` until
    its round is approved. ``activities.review`` is the only writer of the states.
    """

    title = models.CharField("活动名称", max_length=100, validators=[refuse_id_number])
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name="主办妇联",
    )
    programme = models.ForeignKey(
        "federation.Programme",
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name="项目",
        db_index=False,  # activity_programme_day serves it
    )
    kind = models.CharField("类型", max_length=20, choices=Kind, default=Kind.OTHER)
    format = models.CharField(
        "形式", max_length=8, choices=Format, default=Format.OFFLINE
    )
    starts_on = models.DateField("日期")
    ends_on = models.DateField("结束日期", blank=True)
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    ends_at = models.TimeField("结束时间", null=True, blank=True)
    place = models.CharField(
        "地点", max_length=100, blank=True, validators=[refuse_id_number]
    )
    audience = models.CharField(
        "面向人群",
        max_length=100,
        blank=True,
        help_text="可多选，用逗号隔开的代码保存。",
    )
    lecturer = models.CharField(
        "主讲人", max_length=50, blank=True, validators=[refuse_id_number]
    )
    attendance_offline = _headcount("offline", "线下人次")
    attendance_online = _headcount("online", "线上人次")
    children_count = _headcount("children", "其中儿童")
    view_count = models.PositiveIntegerField("观看量", null=True, blank=True)
    count_method = models.CharField(
        "计数方式", max_length=12, choices=CountMethod, blank=True
    )
    summary = models.TextField(
        "活动简介", max_length=4000, blank=True, validators=[refuse_id_number]
    )
    happening = models.CharField(
        "举办情况", max_length=12, choices=Happening, default=Happening.PLANNED
    )
    visibility = models.CharField(
        "公开范围", max_length=12, choices=Visibility, default=Visibility.PUBLIC
    )
    series = models.ForeignKey(
        Series,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name="系列",
    )

    review = models.CharField(
        "审核状态",
        max_length=12,
        choices=Review,
        default=Review.DRAFT,
        editable=False,
    )
    approved_at = models.DateTimeField("首次通过时间", null=True, editable=False)
    result_approved_at = models.DateTimeField("结果通过时间", null=True, editable=False)
    proposal = models.JSONField("待审改动", null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="activities",
        verbose_name="录入人",
        editable=False,
    )
    # 代填: entered by someone above, who holds no grant at the branch itself.
    is_on_behalf = models.BooleanField("代填", default=False, editable=False)
    recorded_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    # RFC 5545: grows with each change a subscriber must hear of.
    sequence = models.PositiveIntegerField("修订号", default=0, editable=False)
    # The form's own key: sent twice over a weak signal, it makes one activity.
    client_token = models.UUIDField(
        "表单编号", unique=True, null=True, blank=True, default=uuid.uuid4
    )

    Kind = Kind
    Format = Format
    Audience = Audience
    CountMethod = CountMethod
    Review = Review
    Happening = Happening
    Visibility = Visibility

    # What the public reads or the engine counts: changing one is a new round.
    REVIEWED_FIELDS = (
        "title",
        "branch",
        "programme",
        "kind",
        "format",
        "starts_on",
        "ends_on",
        "starts_at",
        "ends_at",
        "place",
        "audience",
        "lecturer",
        "attendance_offline",
        "attendance_online",
        "children_count",
        "view_count",
        "count_method",
        "summary",
        "happening",
        "visibility",
    )

    counted_fields = ("branch_id", "starts_on")

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        ordering = ["-starts_on", "-pk"]
        permissions = [("review_activity", "审核活动")]
        indexes = [
            # The engine's bucket and every list of one branch.
            models.Index(fields=["branch", "starts_on"], name="activity_branch_day"),
            models.Index(
                fields=["programme", "starts_on"], name="activity_programme_day"
            ),
            models.Index(fields=["starts_on", "ends_on"], name="activity_days"),
            models.Index(fields=["review", "starts_on"], name="activity_review_day"),
            # The few that last several days, for the calendar's ``overlapping``.
            models.Index(
                fields=["ends_on"],
                condition=Q(ends_on__gt=F("starts_on")),
                name="activity_long_ends",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="activity_ends_after_it_starts",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(starts_at__isnull=False)
                & (Q(ends_on__gt=F("starts_on")) | Q(ends_at__gt=F("starts_at"))),
                name="activity_time_ends_after_it_starts",
                violation_error_message="结束时间必须晚于开始时间。",
            ),
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True})
                    | Q(**{f"{name}__gte": 0, f"{name}__lte": MOST_PEOPLE}),
                    name=f"activity_{name}_plausible",
                    violation_error_message=NEGATIVE,
                )
                for name in (
                    "attendance_offline",
                    "attendance_online",
                    "children_count",
                )
            ],
        ]

    def __str__(self):
        return self.title

    def clean_fields(self, exclude=None):
        # One-day activities are the rule: nobody types the same date twice.
        if self.ends_on is None:
            self.ends_on = self.starts_on
        super().clean_fields(exclude=exclude)

    def clean(self):
        super().clean()
        self._refuse_absent_branch()
        self._refuse_early_attendance()
        unknown = set(filter(None, self.audience.split(","))) - set(Audience.values)
        if unknown:
            raise ValidationError({"audience": "请从列出的人群中选择。"})

    def save(self, *args, **kwargs):
        if self.ends_on is None:
            self.ends_on = self.starts_on
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("activities:detail", args=[self.pk])

    @property
    def attendance(self) -> int | None:
        """Offline plus online 人次; None while neither is entered. Views never add."""
        if self.attendance_offline is None and self.attendance_online is None:
            return None
        return (self.attendance_offline or 0) + (self.attendance_online or 0)

    @property
    def is_public(self) -> bool:
        return (
            self.approved_at is not None
            and self.visibility == Visibility.PUBLIC
            and self.review != Review.WITHDRAWN
        )

    @property
    def awaits_figures(self) -> bool:
        """待补数: approved, its date has passed, and it still is a plan."""
        waiting = self.happening == Happening.PLANNED or (
            self.happening == Happening.HELD and self.attendance is None
        )
        over = self.ends_on < local_today()
        return self.approved_at is not None and waiting and over

    def audience_labels(self) -> list[str]:
        return [Audience(code).label for code in filter(None, self.audience.split(","))]

    def _refuse_absent_branch(self):
        if self.branch_id is None or self.starts_on is None:
            return
        for day in {self.starts_on, self.ends_on or self.starts_on}:
            if not self.branch.exists_on(day):
                raise ValidationError(
                    {
                        "starts_on": f"{self.branch}在 {day} 尚未成立或已经撤销，"
                        "请核对日期和主办妇联。"
                    }
                )

    def _refuse_early_attendance(self):
        if self.starts_on is None or self.starts_on <= local_today():
            return
        if self.attendance is not None or self.happening == Happening.HELD:
            raise ValidationError(
                {"starts_on": "活动日期还没到，不能填参加人次，也不能标为已举办。"}
            )


class ActivityPartner(models.Model):
    """Who joined in (承办 协办 联办): seen under 参与联办, never added up."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="partners", verbose_name="活动"
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="partnerships",
        verbose_name="妇联组织",
    )
    organisation = models.CharField(
        "其他单位", max_length=100, blank=True, validators=[refuse_id_number]
    )
    role = models.CharField("角色", max_length=8, choices=PartnerRole)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = "合作单位"
        verbose_name_plural = "合作单位"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(branch__isnull=False, organisation="")
                | Q(branch__isnull=True) & ~Q(organisation=""),
                name="partner_is_branch_or_text",
                violation_error_message="合作单位请选择一个妇联组织，或填写单位名称，二者填一项。",
            ),
            models.UniqueConstraint(
                fields=["activity", "branch", "role"],
                name="partner_once",
                violation_error_message="这个合作单位已经填过了。",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()}：{self.branch or self.organisation}"


auditlog.register(Series)
auditlog.register(
    Activity,
    exclude_fields=[
        "updated_at",
        "sequence",
        "client_token",
        "photos",
        "partners",
        "rounds",
    ],
)
auditlog.register(ActivityPartner)
