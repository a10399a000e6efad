"""Pictures that people send: checked, turned, shrunk and cleaned before they are kept.

What is stored is never what was sent: a new JPEG of at most 1600 pixels, without the
place and time that a phone writes into a picture.
"""

import logging
from io import BytesIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

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
