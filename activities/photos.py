"""Photos of an activity: checked, turned, shrunk and cleaned before they are kept.

What is stored is never what was sent: a new JPEG of at most 1600 pixels, without the
place and time that a phone writes into a picture.
"""

import logging
import uuid
from io import BytesIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from PIL import Image, ImageCms, ImageOps

from activities import review
from activities.models import Activity, ActivityPhoto
from activities.models.photos import MOST_PHOTOS

logger = logging.getLogger(__name__)

MOST_BYTES = 10 * 1024 * 1024
# Read from the head of the file, before a single pixel is unpacked: a small file can
# unpack into gigabytes.
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")

TOO_BIG = "这张照片超过 10 MB，请先压缩，或者截图后再传。"
TOO_MANY_PIXELS = "这张照片的像素太大，请先缩小，或者截图后再传。"
NO_PHOTO = "只能上传 JPEG、PNG 或 WebP 格式的照片，请换一张。"
BROKEN = "这张照片不完整，打不开，请重新选一次。"
FULL = f"一条活动最多 {MOST_PHOTOS} 张照片，请先删去一张再传。"
SENT_ELSEWHERE = "这张照片已经传到另一条活动里了，请重新选一次。"


def cleaned(upload) -> bytes:
    """Return *upload* as the JPEG we keep: upright, small, sRGB, without metadata.
    Raises ValidationError with the sentence for whoever sent it."""
    if upload.size > MOST_BYTES:
        raise ValidationError(TOO_BIG, code="too_big")
    picture = _opened(upload)
    if picture.width * picture.height > MOST_PIXELS:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels")
    try:
        return _as_jpeg(picture)
    # A hostile file can make the decoders raise nearly anything.
    except Exception as error:
        logger.info("a photo could not be read", exc_info=True)
        raise ValidationError(BROKEN, code="broken") from error


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


def _opened(upload) -> Image.Image:
    upload.seek(0)
    try:
        return Image.open(upload, formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValidationError(TOO_MANY_PIXELS, code="too_many_pixels") from None
    except Exception:  # see cleaned
        raise ValidationError(NO_PHOTO, code="no_photo") from None


def _as_jpeg(picture: Image.Image) -> bytes:
    profile = picture.info.get("icc_profile")
    # JPEG unpacks smaller right away; for the others this does nothing.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture = _in_srgb(ImageOps.exif_transpose(picture), profile)
    # A new picture, so that no comment or thumbnail is carried over.
    clean = Image.new("RGB", picture.size, "white")
    has_alpha = picture.mode == "RGBA"
    clean.paste(picture, mask=picture if has_alpha else None)
    written = BytesIO()
    clean.save(written, "JPEG", quality=85, optimize=True, progressive=True)
    return written.getvalue()


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return *picture* in RGB(A); a phone's wider colours would otherwise look dull."""
    if profile and picture.mode == "RGB":
        try:
            wide = ImageCms.ImageCmsProfile(BytesIO(profile))
            picture = ImageCms.profileToProfile(
                picture, wide, ImageCms.createProfile("sRGB")
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            logger.info("a photo's colour profile could not be read")
    see_through = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if see_through else "RGB")


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
