"""Nothing typed into a form of the admin is lost."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from federation import lost_session


class KeepsTypedMixin:
    """
    Shows a form again, filled in, where Django would answer with an error page.

    A rule may be broken only while saving (a month is closed in that very second), and
    a form may come back after a login (``federation.lost_session``). Both are shown as
    a refusal of the form; a bound form with an error saves nothing.
    """

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        fields = lost_session.kept_fields(request) if request.method == "GET" else None
        if fields is not None:
            return self._form_again(request, fields, object_id, form_url, extra_context)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            # The transaction around the first attempt is rolled back by now.
            request.refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _form_again(self, request, fields, *view):
        request.refusal = ValidationError(lost_session.RESTORED, code="restored")
        request.FILES  # noqa: B018  reading the files later would empty POST again
        request.method, request.POST = "POST", fields
        try:
            return super().changeform_view(request, *view)
        finally:
            request.method = "GET"

    def get_form(self, request, obj=None, change=False, **kwargs):
        form_class = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return refusing(form_class, refusal) if refusal else form_class


def refusing(form_class, refusal: ValidationError):
    """Return *form_class* with *refusal* among the errors of its instances."""

    class Refusing(form_class):
        def full_clean(self):
            super().full_clean()
            if self.is_bound:
                self._update_errors(_news(refusal, self))

    return Refusing


def _news(refusal: ValidationError, form) -> ValidationError:
    """Return what *refusal* says that *form* has not found itself, at its fields."""
    if hasattr(refusal, "error_dict"):
        found = refusal.error_dict
    else:
        found = {NON_FIELD_ERRORS: refusal.error_list}
    said = {sentence for errors in form.errors.values() for sentence in errors}
    news = {}
    for name, errors in found.items():
        field = name if name in form.fields else NON_FIELD_ERRORS
        unsaid = [error for error in errors if not said.issuperset(error.messages)]
        news.setdefault(field, []).extend(unsaid)
    return ValidationError({name: errors for name, errors in news.items() if errors})
