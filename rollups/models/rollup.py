"""The rollup table: what the engine counted, month by month."""

from django.db import models

from federation.scope import BranchScopedQuerySet

# Every row was read from one whose references the database has checked; to check them
# again, and to keep an index for each, would be a third of a recount.
DERIVED = {"db_constraint": False, "db_index": False}


class RollupQuerySet(BranchScopedQuerySet):
    pass


class Rollup(models.Model):
    """
    One indicator's value of a branch in a month and programme (汇总).

    own      the value of the branch itself
    total    the value of the branch and everything below it, in the tree of *month*

    Written by ``rollups.engine`` only. No row means zero. A stock is the state at
    month end, so its rows must not be added over months; a distinct stands on the
    sentinel programme, because programmes must not be added either.
    """

    indicator = models.CharField("指标", max_length=64)
    month = models.DateField("月份")
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="rollups",
        verbose_name="妇联组织",
        **DERIVED,
    )
    programme = models.ForeignKey(
        "federation.Programme",
        on_delete=models.PROTECT,
        related_name="rollups",
        verbose_name="项目",
        **DERIVED,
    )
    own = models.DecimalField("本级", max_digits=18, decimal_places=2, default=0)
    total = models.DecimalField("合计", max_digits=18, decimal_places=2, default=0)

    objects = RollupQuerySet.as_manager()

    class Meta:
        verbose_name = "汇总"
        verbose_name_plural = "汇总"
        ordering = ["month", "branch__path", "indicator", "programme"]
        default_permissions = ("view",)
        constraints = [
            # Month and branch first: the engine's bucket is one range of this index.
            models.UniqueConstraint(
                fields=["month", "branch", "indicator", "programme"],
                name="rollup_bucket",
            )
        ]
        indexes = [models.Index(fields=["branch", "month"], name="rollup_branch_month")]

    def __str__(self):
        return f"{self.indicator} {self.month:%Y-%m} {self.branch_id}: {self.total}"


class RollupKey(models.Model):
    """One key of a distinct indicator, kept so that any period and level is recounted
    without touching the sources."""

    indicator = models.CharField("指标", max_length=64)
    month = models.DateField("月份")
    branch = models.ForeignKey(
        "federation.Branch", on_delete=models.PROTECT, related_name="+", **DERIVED
    )
    programme = models.ForeignKey(
        "federation.Programme", on_delete=models.PROTECT, related_name="+", **DERIVED
    )
    key = models.BigIntegerField("键")

    objects = RollupQuerySet.as_manager()

    class Meta:
        verbose_name = "去重键"
        verbose_name_plural = "去重键"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["month", "branch", "indicator", "programme", "key"],
                name="rollup_key_once",
            )
        ]
        indexes = [
            models.Index(fields=["branch", "month"], name="rollup_key_branch_month")
        ]

    def __str__(self):
        return f"{self.indicator} {self.month:%Y-%m} {self.key}"
