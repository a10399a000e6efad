"""The one address under which a photo is served: after asking who may see it."""

from django.http import FileResponse, Http404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from activities.models import ActivityPhoto

NOT_FOUND = "没有找到这张照片，它可能还没有通过审核。"


@require_safe
def photo(request, key):
    """Send a photo: published ones to everybody, others to those who may see the
    record. Its content never changes, whether it may be seen does."""
    photos = ActivityPhoto.objects.filter(key=key)
    found = photos.public().first()
    if found:
        # Short: a guardian's consent can be taken back.
        headers = {"Cache-Control": "public, max-age=300", "ETag": f'"{key}"'}
    else:
        found = photos.visible_to(request.user).first()
        headers = {"Cache-Control": "private, no-store"}
    if found is None:
        raise Http404(NOT_FOUND)
    try:
        content = found.image.open("rb")
    except FileNotFoundError as error:
        raise Http404(NOT_FOUND) from error
    headers["X-Content-Type-Options"] = "nosniff"
    answer = FileResponse(content, content_type="image/jpeg", headers=headers)
    return get_conditional_response(request, headers.get("ETag"), None, answer)
