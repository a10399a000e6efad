"""Further indicators made of declared ones, without code (派生指标)."""

from __future__ import annotations

from auditlog.registry import auditlog
from django.core.exceptions import ValidationError
from django.db import models

from rollups.models.definition import Definition, DefinitionQuerySet


class DerivedIndicator(Definition):
    """
    A declared indicator narrowed to some of its records: 讲座场次 is 活动场次 where
    the kind is 讲座. Its code is ``derived.<slug>``.

    base     code of the declared indicator
    filters  ``{name of a filter of the base: [chosen values]}``
    version  one more whenever the filters change
    """

    slug = models.SlugField(
        "标识",
        max_length=40,
        unique=True,
        help_text="英文字母、数字，如 lectures；接口和文件里用它，定了不再改。",
    )
    name = models.CharField("名称", max_length=50, help_text="如 讲座场次。")
    base = models.CharField("从哪个指标里挑", max_length=64)
    filters = models.JSONField("只算", default=dict)
    is_usual = models.BooleanField("默认显示在汇总表", default=False)
    position = models.PositiveSmallIntegerField("次序", default=0)
    version = models.PositiveSmallIntegerField("版本", default=1, editable=False)

    counted_facts = ("slug", "base", "filters")

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        verbose_name = "派生指标"
        verbose_name_plural = "派生指标"
        ordering = ["position", "pk"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        stored = self.stored()
        if stored is not None and stored.filters != self.filters:
            self.version = stored.version + 1
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version"}
        super().save(*args, **kwargs)

    @property
    def code(self) -> str:
        return f"derived.{self.slug}"

    def clean(self):
        super().clean()
        stored = self.stored()
        if stored is not None and (stored.base, stored.slug) != (self.base, self.slug):
            raise ValidationError(
                "标识和来源指标定了就不再改，免得前后的数对不上。请另建一个派生指标。"
            )


auditlog.register(DerivedIndicator)
