"""The dated tree of the federation's branches (妇联组织)."""

from auditlog.registry import auditlog
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from federation.counted import Bucket, CountedModel
from federation.months import SINCE_EVER, UNTIL_EVER
from federation.paths import codes_of
from federation.querysets import (
    BranchManager,
    BranchStatQuerySet,
    PlacementQuerySet,
    SuccessionQuerySet,
)


class Kind(models.TextChoices):
    REGION = "region", "区域"
    INSTITUTION = "institution", "机关事业单位"
    COMPANY = "company", "企业"
    NEW_ECONOMY = "new_economy", "新经济组织"
    NEW_SOCIAL = "new_social", "新社会组织"
    NEW_JOBS = "new_jobs", "新就业群体"


NEW_FIELDS = (Kind.NEW_ECONOMY, Kind.NEW_SOCIAL, Kind.NEW_JOBS)  # 三新领域


class Level(models.TextChoices):
    COUNTRY = "country", "全国"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区级"
    TOWN = "town", "镇街"
    VILLAGE = "village", "村社区"
    UNIT = "unit", "单位"


class Branch(CountedModel):
    """A branch (妇联组织): a node of today's tree. What it was earlier is in its
    placements; it is closed with a date and never deleted."""

    code = models.CharField(
        "编码",
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                r"^[0-9]+(U[0-9]{3})?$", "编码只能是数字，单位妇联另加 U 和三位数字。"
            )
        ],
    )
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=100)
    place_name = models.CharField("区划名称", max_length=100, blank=True)
    initials = models.CharField(
        "拼音首字母", max_length=100, blank=True, db_index=True, editable=False
    )
    kind = models.CharField("类别", max_length=16, choices=Kind, default=Kind.REGION)
    level = models.CharField("层级", max_length=16, choices=Level)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="上级妇联",
    )
    # "370114/370114001/": the codes from the root down. The closing slash makes one
    # prefix test mean "this branch and below", and codes are never reused. Not unique:
    # PostgreSQL would take it for part of the key, and a move would block all writers.
    path = models.CharField("路径", max_length=255, db_index=True, editable=False)
    depth = models.PositiveSmallIntegerField("深度", default=0, editable=False)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    counted_fields = ("pk", "kind", "founded_on", "closed_on")
    is_dated_fact = True

    Kind = Kind
    Level = Level

    objects = BranchManager()

    class Meta:
        verbose_name = "妇联组织"
        verbose_name_plural = "妇联组织"
        ordering = ["path"]
        default_permissions = ("view", "change")
        permissions = [("succeed_branch", "办理组织沿革")]
        indexes = [models.Index(fields=["level", "path"], name="branch_level_path")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True)
                | Q(founded_on__isnull=True)
                | Q(closed_on__gte=F("founded_on")),
                name="branch_closes_after_founding",
                violation_error_message="撤销日期不能早于成立日期。",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.initials = initials_of(self.short_name)
        super().save(*args, **kwargs)

    @classmethod
    def buckets(cls, pk, kind, founded_on, closed_on):
        """A branch counts as existing until it closes; one of the new fields also as
        founded, in a month that may not be open yet."""
        if pk is not None:
            month = (founded_on or SINCE_EVER).replace(day=1)
            yield Bucket(pk, month, onward=True)
            if founded_on and kind in NEW_FIELDS:
                yield Bucket(pk, month)

    def get_absolute_url(self):
        return reverse("federation:branch", args=[self.code])

    @property
    def is_closed(self) -> bool:
        return self.closed_on is not None

    def exists_on(self, day) -> bool:
        """Tell whether the branch is founded and not yet closed on *day*."""
        founded = self.founded_on is None or self.founded_on <= day
        return founded and (self.closed_on is None or day <= self.closed_on)

    def ancestor_codes(self) -> list[str]:
        """Return the codes of the branches above, from the root down."""
        return codes_of(self.path)[:-1]

    def ancestors(self):
        """Return the branches above, from the root down."""
        return Branch.objects.filter(code__in=self.ancestor_codes()).order_by("path")


def initials_of(name: str) -> str:
    """Return the pinyin initials of *name* in lower case: 明一社区 → ``mysq``."""
    from pypinyin import Style, lazy_pinyin  # 1 MB of tables, needed when saving only

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:100]


class Placement(CountedModel):
    """Where a branch stood (隶属), and what it was called, from month to month.

    The tree of a month is the placements that cover it: ``from_month`` ≤ month <
    ``until_month``, both first days of a month.
    """

    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name="妇联组织",
    )
    parent = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placed_below",
        verbose_name="上级妇联",
    )
    name = models.CharField("当时名称", max_length=100)
    path = models.CharField("路径", max_length=255, db_index=True)
    depth = models.PositiveSmallIntegerField("深度")
    level = models.CharField("层级", max_length=16, choices=Level)
    from_month = models.DateField("自（月）", default=SINCE_EVER)
    until_month = models.DateField("至（月，不含）", default=UNTIL_EVER)

    counted_fields = ("branch_id", "parent_id", "from_month", "until_month")
    is_dated_fact = True

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = "隶属"
        verbose_name_plural = "隶属"
        ordering = ["path", "from_month"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["parent", "from_month"], name="placement_parent_month")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "from_month"], name="placement_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(until_month__gt=F("from_month")),
                name="placement_ends_after_it_begins",
                violation_error_message="隶属的结束月份必须晚于开始月份。",
            ),
        ]

    def __str__(self):
        return f"{self.name}（{self.from_month:%Y-%m} 起）"

    @classmethod
    def buckets(cls, branch_id, parent_id, from_month, until_month):
        """A change of the tree moves the totals above the branch, then and after:
        where it begins to stand, and where it stands no more."""
        for place in (branch_id, parent_id):
            if place is not None and from_month is not None:
                yield Bucket(place, from_month, onward=True)


class Act(models.TextChoices):
    FOUND = "found", "成立"
    CLOSE = "close", "撤销"
    RENAME = "rename", "更名"
    TRANSFER = "transfer", "划转"
    MERGE = "merge", "合并"
    SPLIT = "split", "分设"


class Succession(models.Model):
    """One dated act in the life of branches (沿革): from which to which, and by what
    document. Written by ``federation.successions`` only, and never changed."""

    act = models.CharField("事项", max_length=16, choices=Act)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="successions",
        verbose_name="妇联组织",
    )
    successors = models.ManyToManyField(
        Branch, blank=True, related_name="predecessions", verbose_name="承接组织"
    )
    effective_on = models.DateField("生效日期")
    old_name = models.CharField("原名称", max_length=100, blank=True)
    new_name = models.CharField("新名称", max_length=100, blank=True)
    old_parent = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="原上级",
    )
    new_parent = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="新上级",
    )
    reason = models.CharField("原因", max_length=200)
    document_number = models.CharField("文号", max_length=100)
    recorded_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="经办人",
    )
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    Act = Act

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = "沿革"
        verbose_name_plural = "沿革"
        ordering = ["-effective_on", "-pk"]
        default_permissions = ("view",)

    def __str__(self):
        return f"{self.branch}{self.get_act_display()}（{self.effective_on}）"


class Figure(models.TextChoices):
    WOMEN = "women", "妇女数"
    HOUSEHOLDS = "households", "常住户数"
    COURTYARDS = "courtyards", "常住庭院户数"
    GRIDS = "grids", "网格数"


COUNTED_FIGURES = (Figure.COURTYARDS,)


class BranchStat(CountedModel):
    """Dated numbers of a branch (基础数据) with their source.

    A number holds from its day until the next one of its kind: a new one changes no
    figure of a month before it.
    """

    Figure = Figure

    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="stats", verbose_name="妇联组织"
    )
    figure = models.CharField("项目", max_length=16, choices=Figure)
    as_of = models.DateField("截至日期")
    value = models.PositiveIntegerField("数值")
    source = models.CharField("来源", max_length=200)
    # Months closed before it have other numbers.
    recorded_at = models.DateTimeField("录入时间", default=timezone.now, editable=False)

    counted_fields = ("branch_id", "figure", "as_of")
    counted_facts = ("branch", "branch_id", "figure", "as_of", "value")
    is_dated_fact = True

    objects = BranchStatQuerySet.as_manager()

    class Meta:
        verbose_name = "基础数据"
        verbose_name_plural = "基础数据"
        ordering = ["branch__path", "figure", "-as_of"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "figure", "as_of"],
                name="branch_stat_once_a_day",
                violation_error_message="这个组织在这一天已有同一项数据，请直接修改那一条。",
            )
        ]

    def __str__(self):
        return f"{self.branch} {self.get_figure_display()} {self.value}"

    @classmethod
    def buckets(cls, branch_id, figure, as_of):
        """What rates are given of counts from its day on; the others are read only."""
        is_known = branch_id is not None and as_of is not None
        if is_known and figure in COUNTED_FIGURES:
            yield Bucket(branch_id, as_of.replace(day=1), onward=True)


auditlog.register(Branch, exclude_fields=["path", "depth", "initials"])
auditlog.register(Placement)
auditlog.register(Succession)
auditlog.register(BranchStat)
