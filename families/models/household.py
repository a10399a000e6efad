"""The households (家庭户) of a village: as little of each as the programme needs."""

from datetime import timedelta

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Max, Min, Q

from families.groups import door_of, group_of
from families.models.choices import Occupancy
from families.querysets import HouseholdQuerySet
from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.models import Branch
from federation.models.branches import initials_of
from federation.months import local_today

KEEP_PHONE = timedelta(days=365)  # after the household has left


class Household(CountedModel):
    """
    A household of a village (家庭户). No members, no ID numbers, no coordinates.

    number        within the village, never given twice
    contact_name, group, door   restricted: seen by staff of the village and above
    phone         only where the family gave it; masked outside the record, deleted
                  after *purge_on*
    continued_as  of a row that stands for a household's time in a village that has
                  merged since: the household as it goes on. Such a row is there for
                  the counts of that time, says nothing of the family and is in no
                  list (``families.closings``)
    """

    Occupancy = Occupancy

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="households",
        verbose_name="村（社区）妇联",
    )
    # Searched for in all villages at once.
    number = models.PositiveIntegerField(
        "户号", db_index=True, validators=[MinValueValidator(1)]
    )
    contact_name = models.CharField(
        "户主或联系人", max_length=50, db_index=True, validators=[refuse_id_number]
    )
    initials = models.CharField(
        "拼音首字母", max_length=50, blank=True, db_index=True, editable=False
    )
    group = models.CharField(
        "村组",
        max_length=20,
        blank=True,
        validators=[refuse_id_number],
        help_text="如 3组；写“三组”“第三村民小组”也认得。",
    )
    door = models.CharField(
        "门牌", max_length=50, blank=True, db_index=True, validators=[refuse_id_number]
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
        help_text="注销一年后清除手机号，户数不变。",
    )
    has_courtyard = models.BooleanField("有庭院", default=True)
    occupancy = models.CharField(
        "居住情况", max_length=8, choices=Occupancy, default=Occupancy.LIVED_IN
    )
    entered_on = models.DateField("登记日期", default=local_today)
    left_on = models.DateField(
        "注销日期", null=True, blank=True, help_text="迁走或并户的那一天。"
    )
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

    counted_fields = ("branch_id", "entered_on", "left_on")
    counted_facts = ("branch", "branch_id", "entered_on", "left_on")
    is_dated_fact = True

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "家庭户"
        verbose_name_plural = "家庭户"
        ordering = ["branch__path", "number"]
        default_permissions = ("view", "add", "change")
        permissions = [
            ("import_household", "导入家庭户名册"),
            ("export_household", "导出家庭户名册"),
        ]
        indexes = [
            # What the register counts, from the index alone.
            models.Index(
                fields=["branch", "entered_on", "left_on"], name="household_on_register"
            ),
            models.Index(
                fields=["continued_as"],
                condition=Q(continued_as__isnull=False),
                name="household_former",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "number"],
                name="household_number_once",
                violation_error_message="这个村已有这个户号，请换一个。",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gt=F("entered_on")),
                name="household_leaves_after_entering",
                violation_error_message="注销日期必须晚于登记日期。",
            ),
            models.CheckConstraint(
                condition=Q(continued_as__isnull=True) | Q(left_on__isnull=False),
                name="household_continued_has_left",
                violation_error_message="这一户已随村并到别的村，不能再改。",
            ),
        ]

    def __str__(self):
        return f"{self.branch} {self.number} 号户"

    def save(self, *args, **kwargs):
        self.describe()
        super().save(*args, **kwargs)

    @classmethod
    def buckets(cls, branch_id, entered_on, left_on):
        """A household counts from the month it enters until the month it leaves."""
        if branch_id is not None:
            for day in filter(None, (entered_on, left_on)):
                yield Bucket(branch_id, day.replace(day=1), onward=True)

    def clean_fields(self, exclude=None):
        # What will be kept is checked: it can be longer than what was typed.
        self._put_place_plainly()
        super().clean_fields(exclude)

    def clean(self):
        super().clean()
        if self.branch_id and self.branch.level != Branch.Level.VILLAGE:
            raise ValidationError({"branch": "家庭户要登记在村（社区）妇联下面。"})
        for name in ("entered_on", "left_on"):
            day = getattr(self, name)
            if day and day > local_today():
                raise ValidationError({name: "日期在今天之后，请核对。"})
        if self.pk:
            self._refuse_to_move()
            self._refuse_to_be_away()
        if self.branch_id:
            self.refuse_closed_village(self.branch)

    def is_registered_on(self, day) -> bool:
        """Tell whether it is on the register on *day*: not on the day it leaves."""
        has_left = self.left_on is not None and self.left_on <= day
        return self.entered_on <= day and not has_left

    def village_on(self, day):
        """Return the village (Branch) on whose register it was on *day*; None if on
        none."""
        if self.entered_on <= day:
            return self.branch if self.is_registered_on(day) else None
        former = self.former.registered_on(day).select_related("branch").first()
        return former and former.branch

    def was_in(self, branch_id: int) -> bool:
        """Tell whether it is, or once was, a household of this village."""
        return self.branch_id == branch_id or (
            self.former.filter(branch=branch_id).exists()
        )

    def refuse_closed_village(self, village: Branch) -> None:
        """Raise ValidationError if the household would outlive *village*."""
        if village.closed_on is None:
            return
        last = village.closed_on + timedelta(days=1)
        if self.left_on is None or self.left_on > last:
            sentence = f"{village}已在 {village.closed_on} 撤销，请登记到承接的村。"
            raise ValidationError({"branch": sentence})

    def describe(self) -> None:
        """Set what follows from the other fields; bulk writes call it themselves."""
        self.initials = initials_of(self.contact_name)[:50]
        self._put_place_plainly()
        has_left = self.left_on and self.phone
        self.purge_on = self.left_on + KEEP_PHONE if has_left else None

    def _put_place_plainly(self) -> None:
        self.group, self.door = group_of(self.group), door_of(self.door)

    def _refuse_to_move(self) -> None:
        if self.continued_as_id:
            raise ValidationError("这一户已随村并到别的村，不能再改。")
        stored = Household._base_manager.values_list(
            "branch_id", "entered_on", "left_on"
        )
        branch_id, entered_on, left_on = stored.get(pk=self.pk)
        if branch_id != self.branch_id:
            raise ValidationError(
                {"branch": "换了村的，请在这里填写注销日期，再到新的村登记。"}
            )
        if self.entered_on != entered_on and self.former.exists():
            raise ValidationError(
                {"entered_on": "这一户是随村并来的，登记日期就是合并的那天，不能改。"}
            )
        if self.left_on and not left_on and self.recognitions.running().exists():
            raise ValidationError(
                {"left_on": "这一户正在申报或已经认定，请先办理摘牌，再填写注销日期。"}
            )

    def _refuse_to_be_away(self) -> None:
        """Refuse to have come after, or left before, something that was done there."""
        seen = self.inspections.aggregate(
            first=Min("inspected_on"), last=Max("inspected_on")
        )
        done = self.recognitions.aggregate(
            first=Min("steps__done_on"), last=Max("steps__done_on")
        )
        first = min(filter(None, (seen["first"], done["first"])), default=None)
        is_late = first and self.entered_on and self.entered_on > first
        if is_late and not self.former.exists():
            raise ValidationError(
                {"entered_on": f"这一户在 {first} 已经评比或申报过，登记不能更晚。"}
            )
        # On the day of its 摘牌 it may leave, on the day it was looked at not.
        days = (seen["last"], done["last"] and done["last"] - timedelta(days=1))
        last = max(filter(None, days), default=None)
        if last and self.left_on and self.left_on <= last:
            raise ValidationError(
                {"left_on": f"这一户在 {last} 还评比或办理过认定，注销要晚于这一天。"}
            )


auditlog.register(
    Household,
    exclude_fields=["initials"],
    mask_fields=["contact_name", "group", "door", "phone"],
)
