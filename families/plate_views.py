"""The page behind a plate's QR code, for everybody, and the photos of inspections, for
those who may see the record."""

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from families import plates
from families.models import InspectionPhoto
from federation.months import local_today

NO_PLATE = "没有这块门牌。请核对二维码是否完整，或者向村（社区）妇联询问。"
NO_PHOTO = "没有找到这张照片。"


@require_safe
def plate(request, token):
    """Say that a plate is genuine, and whether it still holds."""
    sign = plates.sign_of(token, local_today())
    if sign is None:
        raise Http404(NO_PLATE)
    answer = render(request, "families/plate.html", {"sign": sign})
    # Short: a plate can be revoked.
    answer["Cache-Control"] = "public, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def inspection_photo(request, key):
    """Send a photo of an inspection to whoever may see the inspection."""
    photos = InspectionPhoto.objects.readable_by(request.user)
    found = photos.filter(key=key).first()
    if found is None:
        raise Http404(NO_PHOTO)
    try:
        content = found.image.open("rb")
    except FileNotFoundError as error:
        raise Http404(NO_PHOTO) from error
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(content, content_type="image/jpeg", headers=headers)
