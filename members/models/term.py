"""The terms (届) of the branches' committees, and how long they last."""

from datetime import date

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from federation.counted import Bucket, CountedModel
from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.models import Branch
from members.models import choices
from members.querysets import TermQuerySet

DEFAULT_YEARS = 5


class TermLength(models.Model):
    """How many years a term lasts at one level (任期). A level without a row: five."""

    level = models.CharField("层级", max_length=16, choices=Branch.Level, unique=True)
    years = models.PositiveSmallIntegerField(
        "年数", validators=[MinValueValidator(1), MaxValueValidator(10)]
    )

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "任期"
        verbose_name_plural = "任期"
        ordering = ["level"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return f"{self.get_level_display()} {self.years} 年"

    @classmethod
    def years_of(cls, level: str) -> int:
        found = cls.objects.filter(level=level).values_list("years", flat=True).first()
        return found or DEFAULT_YEARS


class Term(CountedModel):
    """One term (届) of a branch's committee, from its election to the next one's.

    Until it is elected it is a plan: it has a number and a date on which it was due
    to begin, and no posts.
    """

    Method = choices.Method
    Contest = choices.Contest
    Status = choices.TermStatus

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="terms",
        verbose_name="妇联组织",
    )
    number = models.PositiveSmallIntegerField(
        "届次", validators=[MinValueValidator(1)], help_text="第几届，只填数字。"
    )
    status = models.CharField(
        "状态", max_length=16, choices=Status, default=Status.ELECTED
    )
    planned_on = models.DateField(
        "计划选举日期", null=True, blank=True, help_text="延期的，填延期后的日期。"
    )
    elected_on = models.DateField("选举日期", null=True, blank=True)
    due_on = models.DateField(
        "届满日期", null=True, blank=True, help_text="不填时按本级任期推算。"
    )
    method = models.CharField("选举方式", max_length=16, choices=Method, blank=True)
    contest = models.CharField("等额或差额", max_length=16, choices=Contest, blank=True)
    voters_expected = models.PositiveIntegerField("应到人数", null=True, blank=True)
    voters_present = models.PositiveIntegerField("实到人数", null=True, blank=True)
    seats_planned = models.PositiveSmallIntegerField("执委名额", null=True, blank=True)
    approval_number = models.CharField(
        "批复文号", max_length=100, blank=True, validators=[refuse_id_number]
    )
    approved_on = models.DateField("批复日期", null=True, blank=True)
    filing_number = models.CharField(
        "备案文号", max_length=100, blank=True, validators=[refuse_id_number]
    )
    filed_on = models.DateField("备案日期", null=True, blank=True)
    note = models.CharField(
        "说明",
        max_length=200,
        blank=True,
        validators=[refuse_id_number],
        help_text="如延期的原因和文号。",
    )
    election = models.ForeignKey(
        "members.Election",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="terms",
        verbose_name="换届",
    )
    known_on = models.DateField("登记日期", auto_now_add=True)

    counted_fields = ("branch_id", "elected_on", "due_on")
    is_dated_fact = True

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
                condition=Q(due_on__isnull=True)
                | Q(elected_on__isnull=True)
                | Q(due_on__gt=F("elected_on")),
                name="term_due_after_election",
                violation_error_message="届满日期必须晚于选举日期。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=choices.BEFORE_ELECTION, elected_on__isnull=True)
                | ~Q(status__in=choices.BEFORE_ELECTION)
                & Q(elected_on__isnull=False, due_on__isnull=False),
                name="term_status_fits_election",
                violation_error_message="已选举的届要填选举日期和届满日期；"
                "还没选举的不填选举日期。",
            ),
            models.CheckConstraint(
                condition=Q(voters_present__isnull=True)
                | Q(voters_expected__isnull=True)
                | Q(voters_present__lte=F("voters_expected")),
                name="term_no_more_present_than_expected",
                violation_error_message="实到人数不能多于应到人数。",
            ),
        ]

    def __str__(self):
        return f"{self.branch}第 {self.number} 届"

    @classmethod
    def buckets(cls, branch_id, elected_on, due_on):
        """From its election on; when it is overdue lies later still."""
        if branch_id is not None and elected_on is not None:
            yield Bucket(branch_id, elected_on.replace(day=1), onward=True)

    @property
    def is_elected(self) -> bool:
        return self.elected_on is not None

    def clean(self):
        super().clean()
        if self.elected_on and self.due_on is None and self.branch_id:
            self.due_on = years_later(
                self.elected_on, TermLength.years_of(self.branch.level)
            )
        self._refuse_wrong_order()
        self._refuse_stranded_posts()

    def _refuse_wrong_order(self):
        if not (self.branch_id and self.number and self.elected_on):
            return
        others = Term.objects.elected().filter(branch=self.branch_id)
        if sentence := self.order_fault(others.exclude(pk=self.pk)):
            raise ValidationError({"elected_on": sentence})

    def order_fault(self, others) -> str:
        """Return what is wrong with this term's day beside the elected *others* of its
        branch: each is elected after the one before."""
        for other in others:
            is_later = self.number > other.number
            if other.elected_on == self.elected_on or is_later != (
                self.elected_on > other.elected_on
            ):
                return (
                    f"第 {other.number} 届在 {other.elected_on} 选举，"
                    "与这一届的先后不符，请核对。"
                )
        return ""

    def _refuse_stranded_posts(self):
        if self.pk is None:
            return
        posts = self.posts.all()
        if self.elected_on:
            posts = posts.filter(started_on__lt=self.elected_on)
        if posts.exists():
            raise ValidationError(
                {"elected_on": "这一届已有任职早于这个选举日期，请先更正任职日期。"}
            )


def years_later(day: date, years: int) -> date:
    """Return the same day *years* later; 28 February for a 29th there is not."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


auditlog.register(TermLength)
auditlog.register(Term)
