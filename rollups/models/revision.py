"""What a closed month said, for good: numbered revisions, chained by their hashes.

Neither a revision nor its rows can be changed or deleted: triggers in the database
refuse it (migration 0003), whoever asks.
"""

from __future__ import annotations

from django.db import models

from federation.months import Month


class RevisionQuerySet(models.QuerySet):
    def newest_of(self, month: Month):
        """Return the newest revision of *month*; None if it was never closed."""
        return self.filter(month=month.first_day).order_by("-number").first()


class Revision(models.Model):
    """
    One closing of a month (版本).

    sequence   its place in the one chain of all closings, from 1
    facts      JSON as it was hashed: month, number, who, when, why, indicators with
               their definitions' versions
    csv        the month's rows as bytes, UTF-8 with a mark
    previous   the hash of the revision before it in the chain; "" for the first
    sha256     of *previous*, *facts* and *csv*, a line feed between them
    """

    sequence = models.PositiveIntegerField("序号", unique=True)
    month = models.DateField("月份")
    number = models.PositiveIntegerField("版本")
    closed_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="结账人",
    )
    closed_at = models.DateTimeField("结账时间")
    reason = models.CharField("说明", max_length=200, blank=True)
    facts = models.TextField("内容说明")
    csv = models.BinaryField("文件")
    previous = models.CharField("前一校验值", max_length=64, blank=True)
    sha256 = models.CharField("校验值", max_length=64, unique=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "版本"
        verbose_name_plural = "版本"
        ordering = ["-month", "-number"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["month", "number"], name="revision_numbered_once"
            )
        ]

    def __str__(self):
        return f"{Month.of(self.month).label}第 {self.number} 版"

    @property
    def head(self) -> str:
        """What a paper carries to prove the chain: ``2026-10/1:`` and the hash."""
        return f"{Month.of(self.month)}/{self.number}:{self.sha256}"


class RevisionRow(models.Model):
    """One figure of a revision, with everything it says about itself: no later change
    of a branch, a programme or an indicator reaches it."""

    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="rows", db_index=False
    )
    # In the order of the CSV: path of the branch, indicator, programme.
    position = models.PositiveIntegerField()
    branch_code = models.CharField(max_length=32)
    branch_name = models.CharField(max_length=100)
    level = models.CharField(max_length=16)
    parent_code = models.CharField(max_length=32, blank=True)
    programme = models.CharField(max_length=64)
    indicator = models.CharField(max_length=64)
    own = models.DecimalField(max_digits=18, decimal_places=2)
    total = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        verbose_name = "版本数据"
        verbose_name_plural = "版本数据"
        ordering = ["revision", "position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "position"], name="revision_row_once"
            )
        ]

    def __str__(self):
        return f"{self.branch_code} {self.indicator}: {self.total}"


class Reopening(models.Model):
    """That a closed month was opened again: by whom, when and why. Kept for good, as
    the revisions are."""

    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="reopenings"
    )
    reopened_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="重新开账人",
    )
    reopened_at = models.DateTimeField("重新开账时间", auto_now_add=True)
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = "重新开账"
        verbose_name_plural = "重新开账"
        ordering = ["-reopened_at"]
        default_permissions = ()

    def __str__(self):
        return f"{self.revision}重新开账"
