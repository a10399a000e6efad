"""Photos of an activity: cleaned before they are kept (``federation.pictures``), and
shown to the public when they are approved."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from activities import review
from activities.models import Activity, ActivityPhoto
from activities.models.photos import MOST_PHOTOS
from federation.pictures import cleaned

FULL = f"一条活动最多 {MOST_PHOTOS} 张照片，请先删去一张再传。"
SENT_ELSEWHERE = "这张照片已经传到另一条活动里了，请重新选一次。"


def add(activity: Activity, user, upload, key: uuid.UUID, **described) -> ActivityPhoto:
    """
    Keep *upload* as a photo of *activity* and return it.

    *key* is the browser's own name for this sending: sent again, it makes no second
    photo. Raises ValidationError if it is no photo, or one too many.
    """
    if sent := _sent_before(activity, key):
        return sent
    content = ContentFile(cleaned(upload), name=f"{key}.jpg")
    photo = ActivityPhoto(activity=activity, key=key, uploaded_by=user, **described)
    try:
        with transaction.atomic():
            return _keep(photo, content, user)
    except IntegrityError:
        # The same sending arrived twice at the same moment, for two activities.
        raise ValidationError(SENT_ELSEWHERE) from None


def describe(photo: ActivityPhoto, user, **described) -> ActivityPhoto:
    """
    Write the caption and the consent of *photo*.

    To hide a photo takes effect at once. Whatever would show more than was approved
    waits for an approval, unless *user* may give it.
    """
    with transaction.atomic():
        stored = _locked_for(photo.activity, user, "change")
        photo = stored.photos.get(pk=photo.pk)
        before = photo.caption, photo.is_publishable
        for name, value in described.items():
            setattr(photo, name, value)
        photo.full_clean(exclude=["image"])
        says_more = photo.caption and photo.caption != before[0]
        shows_more = photo.is_publishable and not before[1]
        if (says_more or shows_more) and not review.may_decide(user, stored):
            photo.approved_at = None
        photo.save()
        review.note_photos(stored, user)
    return photo


def remove(photo: ActivityPhoto, user) -> None:
    """Delete *photo*: at once, approved or not, for a face that should not be seen."""
    with transaction.atomic():
        stored = _locked_for(photo.activity, user, "delete")
        stored.photos.filter(pk=photo.pk).delete()
        review.note_photos(stored, user)


@receiver(post_delete, sender=ActivityPhoto)
def forget_file(sender, instance, **kwargs):
    """Delete the file with its row; a cascade calls no ``delete`` of the model."""
    file = instance.image
    if file:
        transaction.on_commit(lambda: file.storage.delete(file.name), robust=True)


def _sent_before(activity: Activity, key: uuid.UUID) -> ActivityPhoto | None:
    sent = ActivityPhoto.objects.filter(key=key).first()
    if sent and sent.activity_id != activity.pk:
        raise ValidationError(SENT_ELSEWHERE)
    return sent


def _keep(photo: ActivityPhoto, content: ContentFile, user) -> ActivityPhoto:
    """Write file and row; the lock on the activity lets two senders count in turn."""
    stored = _locked_for(photo.activity, user, "add")
    if sent := _sent_before(stored, photo.key):
        return sent
    if stored.photos.count() >= MOST_PHOTOS:
        raise ValidationError(FULL, code="full")
    if stored.approved_at and review.may_decide(user, stored):
        photo.approved_at = timezone.now()
    photo.full_clean(exclude=["image"])
    photo.image.save(content.name, content, save=False)
    try:
        photo.save()
        review.note_photos(stored, user)
    except BaseException:
        # The row will not be there, so the file must not stay.
        photo.image.storage.delete(photo.image.name)
        raise
    return photo


def _locked_for(activity: Activity, user, verb: str) -> Activity:
    stored = review.locked(activity)
    wanted = (review.CHANGE, f"activities.{verb}_activityphoto")
    if not all(user.has_perm(permission, stored) for permission in wanted):
        raise PermissionDenied
    return stored
