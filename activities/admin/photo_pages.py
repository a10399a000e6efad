"""Photos of the form: each is sent by itself, after the text is saved."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from activities import photos, review
from activities.forms import DayInput
from activities.models import Activity, ActivityPhoto
from federation import pictures


class PhotoUploadForm(forms.Form):
    image = forms.FileField(
        error_messages={
            "required": "请先选一张照片。",
            "empty": pictures.BROKEN,
            "missing": "请先选一张照片。",
        },
    )
    key = forms.UUIDField(required=False)
    shows_minor = forms.BooleanField(required=False)

    def clean_key(self):
        return self.cleaned_data["key"] or uuid.uuid4()


class PhotoForm(forms.ModelForm):
    class Meta:
        model = ActivityPhoto
        fields = ["caption", "shows_minor", "consent_by", "consent_on", "consent_form"]
        widgets = {"consent_on": DayInput, "consent_form": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [
            (code, label) for code, label in self["consent_form"].field.choices if code
        ]
        self.fields["consent_form"].choices = choices


class PhotoPages:
    """Two addresses: one takes a photo, one changes or removes it."""

    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/photos/",
                closed(require_POST(self.add_photo)),
                name="activities_activity_photos",
            ),
            path(
                "<int:pk>/photos/<int:photo_pk>/",
                closed(require_POST(self.change_photo)),
                name="activities_activity_photo",
            ),
            *super().get_urls(),
        ]

    def add_photo(self, request, pk):
        activity = self._activity_for_photos(request, pk, "add")
        form = PhotoUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return _refused(request, activity, form.errors)
        sent = form.cleaned_data
        try:
            photo = photos.add(
                activity,
                request.user,
                sent["image"],
                sent["key"],
                shows_minor=sent["shows_minor"],
            )
        except ValidationError as error:
            return _refused(request, activity, {"image": error.messages})
        return _shown(request, activity, photo, "照片已保存。")

    def change_photo(self, request, pk, photo_pk):
        is_removal = "_remove" in request.POST
        verb = "delete" if is_removal else "change"
        activity = self._activity_for_photos(request, pk, verb)
        photo = get_object_or_404(activity.photos, pk=photo_pk)
        if is_removal:
            photos.remove(photo, request.user)
            return _shown(request, activity, None, "照片已删除。")
        form = PhotoForm(request.POST, instance=photo)
        if not form.is_valid():
            return _refused(request, activity, form.errors)
        photo = photos.describe(photo, request.user, **form.cleaned_data)
        return _shown(request, activity, photo, "照片说明已保存。")

    def _activity_for_photos(self, request, pk, verb) -> Activity:
        activity = get_object_or_404(Activity.objects.visible_to(request.user), pk=pk)
        wanted = (review.CHANGE, f"activities.{verb}_activityphoto")
        if not all(request.user.has_perm(needed, activity) for needed in wanted):
            raise PermissionDenied
        return activity


def photo_card(request, activity, photo, form=None) -> dict:
    """Return the context of one photo as the form shows it."""
    return {
        "activity": activity,
        "photo": photo,
        "form": form or PhotoForm(instance=photo, auto_id=f"photo-{photo.pk}-%s"),
        "address": reverse("activities:photo", args=[photo.key]),
    }


def _wants_json(request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _shown(request, activity, photo, sentence):
    if not _wants_json(request):
        messages.success(request, sentence)
        return redirect(_address_of_photos(activity))
    html = ""
    if photo:
        html = render_to_string(
            "admin/activities/activity/_photo.html",
            photo_card(request, activity, photo),
            request,
        )
    activity.refresh_from_db()
    return JsonResponse(
        {
            "html": html,
            "sentence": sentence,
            "count": activity.photos.count(),
            "state": activity.get_review_display(),
        }
    )


def _refused(request, activity, errors):
    sentences = [sentence for found in errors.values() for sentence in found]
    if _wants_json(request):
        return JsonResponse({"error": " ".join(sentences)}, status=400)
    for sentence in sentences:
        messages.error(request, sentence)
    return redirect(_address_of_photos(activity))


def _address_of_photos(activity) -> str:
    address = reverse("admin:activities_activity_change", args=[activity.pk])
    return f"{address}#photos"
