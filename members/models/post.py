"""The posts (任职) people hold in committees, and the rights that come with them."""

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q

from federation.counted import Bucket, CountedModel
from members import post_grants, post_rules
from members.models import choices
from members.models.member import Member
from members.models.term import Term
from members.querysets import PostGrantQuerySet, PostQuerySet


class Post(CountedModel):
    """A post (任职): member × branch × term × title, dated. The day it ends on is the
    first on which it is held no more.

    ``members.post_rules`` says which posts cannot stand beside each other; every write
    asks it, in bulk too.
    """

    Title = choices.Title
    Ending = choices.Ending
    ConcurrentOffice = choices.ConcurrentOffice

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
    concurrent_office = models.CharField(
        "兼任", max_length=16, choices=ConcurrentOffice, blank=True
    )
    started_on = models.DateField("任职日期")
    ended_on = models.DateField(
        "卸任日期", null=True, blank=True, help_text="从这一天起不再任职。"
    )
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

    def save(self, *args, **kwargs):
        with post_rules.enforced(type(self), [self]):
            super().save(*args, **kwargs)
            post_grants.follow([self])

    @classmethod
    def buckets(cls, branch_id, started_on, ended_on):
        """In post from its first month on; ending it changes the later months only,
        which the first mark covers already."""
        if branch_id is not None and started_on is not None:
            yield Bucket(branch_id, started_on.replace(day=1), onward=True)

    def clean(self):
        super().clean()
        post_rules.refuse(type(self), [self])

    def held_on(self, day) -> bool:
        return self.started_on <= day and (self.ended_on is None or day < self.ended_on)


class PostGrant(models.Model):
    """A grant that came with a post and ends with it."""

    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, related_name="post_grants", verbose_name="任职"
    )
    grant = models.OneToOneField(
        "federation.Grant",
        on_delete=models.CASCADE,
        related_name="post_grant",
        verbose_name="授权",
    )

    objects = PostGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "任职授权"
        verbose_name_plural = "任职授权"
        default_permissions = ()

    def __str__(self):
        return f"{self.post}：{self.grant}"


auditlog.register(Post)
auditlog.register(PostGrant)
