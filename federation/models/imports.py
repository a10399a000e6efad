"""One file on its way into a register."""

import gzip
import json
import uuid

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse

from federation.id_numbers import refuse_id_number
from federation.logged import LoggedQuerySet
from federation.scope import BranchScopedQuerySet


class ImportRunQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def light(self):
        """Return the runs without what they hold: megabytes that a list never shows."""
        return self.defer("content", "preview")

    def waiting(self):
        """Return the runs that were confirmed and not written yet."""
        return self.filter(status=ImportRun.Status.CONFIRMED)


class ImportRun(models.Model):
    """One import (导入): a file as it was read, what it would do, and what it did.

    The file itself is never stored. ``content`` holds its rows without ID numbers and
    ``preview`` what would become of each; both are deleted when the run can no longer
    be undone, or after a week. ``federation.imports.runs`` moves it along.
    """

    class Status(models.TextChoices):
        PREVIEWED = "previewed", "待确认"
        CONFIRMED = "confirmed", "导入中"
        DONE = "done", "已导入"
        UNDONE = "undone", "已撤销"
        DROPPED = "dropped", "已放弃"
        EXPIRED = "expired", "已过期"

    register = models.CharField("名册种类", max_length=32)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="import_runs",
        verbose_name="妇联组织",
    )
    filename = models.CharField("文件名", max_length=100, validators=[refuse_id_number])
    options = models.JSONField("选项", default=dict)
    answers = models.JSONField("答复", default=dict)
    # {title in the file: column}, as it was understood or corrected.
    columns = models.JSONField("列名对应", default=dict)
    status = models.CharField(
        "状态", max_length=16, choices=Status, default=Status.PREVIEWED
    )
    message = models.CharField("说明", max_length=300, blank=True)
    content = models.BinaryField("内容", null=True)
    preview = models.BinaryField("预览", null=True)
    create_count = models.PositiveIntegerField("新增", default=0)
    change_count = models.PositiveIntegerField("修改", default=0)
    end_count = models.PositiveIntegerField("终止", default=0)
    unchanged_count = models.PositiveIntegerField("不变", default=0)
    refused_count = models.PositiveIntegerField("不能导入", default=0)
    question_count = models.PositiveIntegerField("待答复", default=0)
    made_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="经办人",
    )
    made_at = models.DateTimeField("上传时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="确认人",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)
    # When a worker took the run; until then it waits, and the beat looks for it.
    taken_at = models.DateTimeField("开始写入", null=True)
    journal = models.OneToOneField(
        "federation.Journal",
        on_delete=models.SET_NULL,
        null=True,
        related_name="import_run",
        verbose_name="改动记录",
    )
    # The form that starts it is sent with one key however often it is sent.
    form_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "导入记录"
        verbose_name_plural = "导入记录"
        ordering = ["-made_at"]
        default_permissions = ("view",)

    def __str__(self):
        return f"{self.branch}：{self.filename}"

    def get_absolute_url(self):
        return reverse("admin:federation_importrun_change", args=[self.pk])

    @property
    def is_previewed(self) -> bool:
        return self.status == self.Status.PREVIEWED

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.CONFIRMED

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    @property
    def write_count(self) -> int:
        return self.create_count + self.change_count + self.end_count


class ColumnMeaningQuerySet(LoggedQuerySet, BranchScopedQuerySet):
    def known_to(self, branch, register: str) -> dict[str, str]:
        """Return ``{title: column}`` as it was said at *branch* or above; what was said
        nearer counts."""
        codes = [*branch.ancestor_codes(), branch.code]
        said = self.filter(register=register, branch__code__in=codes)
        rows = said.order_by("branch__path").values_list("title", "column")
        return dict(rows)


class ColumnMeaning(models.Model):
    """What a title in the files of a branch means (列名对应), where somebody corrected
    it: the next file is read so. Without a column it means nothing."""

    register = models.CharField("名册种类", max_length=32)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="column_meanings",
        verbose_name="妇联组织",
    )
    title = models.CharField("列名", max_length=100, validators=[refuse_id_number])
    column = models.CharField("对应", max_length=32, blank=True)

    objects = ColumnMeaningQuerySet.as_manager()

    class Meta:
        verbose_name = "列名对应"
        verbose_name_plural = "列名对应"
        ordering = ["register", "branch", "title"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["register", "branch", "title"], name="column_meaning_once"
            )
        ]

    def __str__(self):
        return f"{self.title} → {self.column or '不导入'}"


def packed(value) -> bytes:
    """Return *value* as compressed JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8", "surrogatepass"), compresslevel=1)


def unpacked(stored: bytes):
    text = gzip.decompress(bytes(stored)).decode("utf-8", "surrogatepass")
    return json.loads(text)


auditlog.register(ColumnMeaning)
auditlog.register(
    ImportRun, exclude_fields=["content", "preview", "taken_at", "message"]
)
