"""What one operation wrote, so that it can be undone as a whole."""

from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import models

from federation.logged import LoggedQuerySet
from federation.scope import BranchScopedQuerySet


class JournalQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    pass


class JournalEntryQuerySet(BranchScopedQuerySet):
    branch_lookup = "journal__branch"


class Journal(models.Model):
    """One operation over many rows (批次), as an import or an election is one;
    ``federation.journal`` writes and undoes it."""

    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="妇联组织",
    )
    title = models.CharField("操作", max_length=100)
    made_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="经办人",
    )
    made_at = models.DateTimeField("时间", auto_now_add=True)
    undone_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="撤销人",
    )
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = JournalQuerySet.as_manager()

    class Meta:
        verbose_name = "批量改动"
        verbose_name_plural = "批量改动"
        ordering = ["-made_at"]
        default_permissions = ()

    def __str__(self):
        return self.title


class JournalEntry(models.Model):
    """One written row: what it was before, and a fingerprint of what it became.

    ``before`` may hold personal data, so the entries live no longer than the time in
    which the operation can be undone.
    """

    class Action(models.TextChoices):
        CREATE = "create", "新增"
        UPDATE = "update", "修改"

    journal = models.ForeignKey(
        Journal, on_delete=models.CASCADE, related_name="entries"
    )
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+"
    )
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=8, choices=Action)
    before = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=32)

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "批量改动明细"
        verbose_name_plural = "批量改动明细"
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self):
        return f"{self.action} {self.content_type_id} {self.object_id}"


class DisclosureQuerySet(BranchScopedQuerySet):
    def update(self, **kwargs):
        raise TypeError("disclosures are append-only")

    def delete(self):
        raise TypeError("disclosures are append-only")


class Disclosure(models.Model):
    """Personal data that somebody saw unmasked or took away (个人信息查阅记录).
    Append-only: written once, never changed."""

    class Act(models.TextChoices):
        OPENED = "opened", "查看"
        EXPORTED = "exported", "导出"

    act = models.CharField("操作", max_length=16, choices=Act)
    user = models.ForeignKey(
        "federation.User", on_delete=models.PROTECT, related_name="+", verbose_name="谁"
    )
    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="妇联组织",
    )
    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+", verbose_name="内容"
    )
    object_id = models.BigIntegerField("记录号", null=True)
    purpose = models.CharField("用途", max_length=200, blank=True)
    recipient = models.CharField("接收人", max_length=100, blank=True)
    selection = models.CharField("范围", max_length=500, blank=True)
    rows = models.PositiveIntegerField("行数", default=1)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = "个人信息查阅记录"
        verbose_name_plural = "个人信息查阅记录"
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)

    def __str__(self):
        return f"{self.user}{self.get_act_display()}{self.content_type.name}"

    def save(self, *args, **kwargs):
        if self.pk is not None:
            raise TypeError("disclosures are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("disclosures are append-only")


auditlog.register(Journal)
