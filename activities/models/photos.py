"""Photos of an activity: kept without EXIF, served through a permission check."""

import uuid

from auditlog.registry import auditlog
from django.db import models
from django.db.models import Q

from activities.models.activity import Activity
from activities.querysets import PhotoQuerySet
from federation.id_numbers import refuse_id_number

MOST_PHOTOS = 9


def photo_path(photo, filename: str) -> str:
    """Return a path that tells nothing and collides with nothing."""
    return f"photos/{photo.activity_id}/{photo.key}.jpg"


class ActivityPhoto(models.Model):
    """One photo (照片). One that shows a recognisable minor is published only with a
    recorded consent."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="photos", verbose_name="活动"
    )
    key = models.UUIDField("编号", unique=True, default=uuid.uuid4, editable=False)
    image = models.ImageField("照片", upload_to=photo_path)
    caption = models.CharField(
        "说明", max_length=100, blank=True, validators=[refuse_id_number]
    )
    shows_minor = models.BooleanField("有可辨认未成年人", default=False)
    consent_by = models.CharField(
        "同意人（监护人）", max_length=50, blank=True, validators=[refuse_id_number]
    )
    consent_on = models.DateField("同意日期", null=True, blank=True)
    consent_form = models.CharField(
        "同意方式",
        max_length=12,
        blank=True,
        choices=[
            ("written", "书面"),
            ("message", "短信或微信"),
            ("oral", "口头并记录"),
        ],
    )
    # A photo added after an approval waits for the next one, as a text does.
    approved_at = models.DateTimeField("通过时间", null=True, editable=False)
    uploaded_by = models.ForeignKey(
        "federation.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="上传人",
        editable=False,
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = "照片"
        verbose_name_plural = "照片"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(consent_by="", consent_on__isnull=True, consent_form="")
                | ~Q(consent_by="") & Q(consent_on__isnull=False) & ~Q(consent_form=""),
                name="photo_consent_whole",
                violation_error_message="请把监护人同意的三项（谁、何时、何种方式）填完整。",
            )
        ]

    def __str__(self):
        return self.caption or f"照片 {self.pk}"

    @property
    def is_publishable(self) -> bool:
        return not self.shows_minor or self.consent_on is not None


auditlog.register(ActivityPhoto, mask_fields=["consent_by"])
