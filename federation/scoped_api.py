"""The scope, worn by the API: querysets, related fields and the models' own rules.

With only the queryset scoped, a POST with another street's branch is accepted; with
only DRF's validators, a broken constraint answers 500. Both are closed here.
"""

from copy import copy

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as ModelError
from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import permissions, serializers, views
from rest_framework.settings import api_settings

from federation.scope import is_scoped, visible_choices


class ScopedPermission(permissions.BasePermission):
    """Model permissions from grants, at the place of the object.

    A viewset names the verbs of its own actions in ``action_verbs``, and says with
    ``public_read`` that anybody may read what its queryset then limits.
    """

    verbs = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}

    def has_permission(self, request, view):
        return self._reads_public(request, view) or request.user.has_perm(
            self._needed(request, view)
        )

    def has_object_permission(self, request, view, obj):
        return self._reads_public(request, view) or request.user.has_perm(
            self._needed(request, view), obj
        )

    def _reads_public(self, request, view) -> bool:
        return view.public_read and request.method in permissions.SAFE_METHODS

    def _needed(self, request, view) -> str:
        options = view.queryset.model._meta
        verb = view.action_verbs.get(view.action)
        verb = verb or self.verbs.get(request.method, "view")
        return f"{options.app_label}.{verb}_{options.model_name}"


class PublicViewSetMixin:
    """Reads through ``public()`` and writes nothing: for anybody."""

    http_method_names = ("get", "head", "options")
    permission_classes = (permissions.AllowAny,)

    def get_queryset(self):
        return super().get_queryset().public()


class BranchScopedViewSetMixin:
    """A foreign row is not found (404); a missing right is refused (403)."""

    permission_classes = (ScopedPermission,)
    action_verbs: dict[str, str] = {}
    public_read = False

    def get_queryset(self):
        queryset = super().get_queryset()
        if is_scoped(queryset.model):
            queryset = queryset.visible_to(self.request.user)
        return queryset


class ReadOnlySerializerMixin:
    """Says what is, and takes nothing: for whitelists of what anybody may read."""

    def save(self, **kwargs):
        raise TypeError(f"{type(self).__name__} only reads")


class ScopedSlugField(serializers.SlugRelatedField):
    """A related row by its code, offered and accepted only where the user may write
    the record that points to it."""

    def get_queryset(self):
        model = super().get_queryset().model
        return self.parent.choices_of(model)


class BranchScopedSerializerMixin:
    """Offers and accepts only related rows the user may use, and lets the model
    itself refuse: admin and API say the same sentence."""

    def build_standard_field(self, field_name, model_field):
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        if not kwargs.get("read_only"):
            kwargs["error_messages"] = _sentences_of(model_field, kwargs)
        return field_class, kwargs

    def build_relational_field(self, field_name, relation_info):
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        if "queryset" in kwargs:
            kwargs["queryset"] = self.choices_of(relation_info.related_model)
        return field_class, kwargs

    def choices_of(self, model):
        """Return the rows of *model* that this user may put into this record: for
        branches, where she may add or change such a record."""
        permission = None
        if model._meta.label == "federation.Branch":
            verb = "change" if self.instance is not None else "add"
            options = self.Meta.model._meta
            permission = f"{options.app_label}.{verb}_{options.model_name}"
        return visible_choices(model, self.context["request"].user, permission)

    def validate(self, attrs):
        attrs = super().validate(attrs)
        row = copy(self.instance) if self.instance else self.Meta.model()
        for name, value in attrs.items():
            if name in self._plain_fields():
                setattr(row, name, value)
        # Only looked over, to be kept as a correction: its month may be closed.
        row.is_for_correction = self.context.get("is_for_correction", False)
        try:
            row.full_clean(exclude=self._fields_not_asked_for())
        except ModelError as error:
            raise serializers.ValidationError(refusals_of(error)) from error
        return attrs

    def _plain_fields(self) -> set[str]:
        return {field.name for field in self.Meta.model._meta.concrete_fields}

    def _fields_not_asked_for(self) -> set[str]:
        """Return what a ModelForm would leave to the view as well."""
        asked = {f.source for f in self.fields.values() if not f.read_only}
        return (self._plain_fields() - asked) | set(self.filled_by_view)

    filled_by_view: tuple[str, ...] = ()


def refusals_of(error: ModelError) -> dict:
    """Return what a model refused as DRF answers it, ``{field: [sentence]}``."""
    refusals = serializers.as_serializer_error(error)
    if NON_FIELD_ERRORS in refusals:
        everywhere = api_settings.NON_FIELD_ERRORS_KEY
        refusals[everywhere] = refusals.pop(NON_FIELD_ERRORS)
    return refusals


def answer_exception(exception, context):
    """Answer a rule of the model that was broken in a verb (a closed month, a second
    decision) with 400 and its sentence; DRF alone would answer 500."""
    if isinstance(exception, ModelError):
        exception = serializers.ValidationError(refusals_of(exception))
    return views.exception_handler(exception, context)


def _sentences_of(model_field, kwargs: dict) -> dict[str, str]:
    """Return the sentences the model field has of its own, under DRF's names."""
    sentences = dict(model_field._error_messages or {})
    for kind, name in (
        (MaxValueValidator, "max_value"),
        (MinValueValidator, "min_value"),
    ):
        # DRF turns these validators into arguments and drops what they say.
        limit = kwargs.get(name)
        for validator in model_field._validators:
            if isinstance(validator, kind) and validator.limit_value == limit:
                sentences[name] = str(validator.message)
    return sentences
