"""The scope, worn by the API: querysets, related fields and the models' own rules.

With only the queryset scoped, a POST with another street's branch is accepted; with
only DRF's validators, a broken constraint answers 500. Both are closed here.
"""

from copy import copy

from django.core.exceptions import ValidationError as ModelError
from rest_framework import permissions, serializers

from federation.scope import is_scoped, visible_choices


class ScopedPermission(permissions.BasePermission):
    """Model permissions from grants, at the place of the object."""

    verbs = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}

    def has_permission(self, request, view):
        return request.user.has_perm(self._needed(request, view))

    def has_object_permission(self, request, view, obj):
        return request.user.has_perm(self._needed(request, view), obj)

    def _needed(self, request, view) -> str:
        options = view.queryset.model._meta
        verb = self.verbs.get(request.method, "view")
        return f"{options.app_label}.{verb}_{options.model_name}"


class BranchScopedViewSetMixin:
    """A foreign row is not found (404); a missing right is refused (403)."""

    permission_classes = (ScopedPermission,)

    def get_queryset(self):
        queryset = super().get_queryset()
        if is_scoped(queryset.model):
            queryset = queryset.visible_to(self.request.user)
        return queryset


class BranchScopedSerializerMixin:
    """Offers and accepts only related rows the user may use, and lets the model
    itself refuse: admin and API say the same sentence."""

    def build_relational_field(self, field_name, relation_info):
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        if "queryset" in kwargs:
            user = self.context["request"].user
            kwargs["queryset"] = visible_choices(
                relation_info.related_model, user, self._permission(relation_info)
            )
        return field_class, kwargs

    def _permission(self, relation_info) -> str | None:
        if relation_info.related_model._meta.label != "federation.Branch":
            return None
        verb = "change" if self.instance is not None else "add"
        options = self.Meta.model._meta
        return f"{options.app_label}.{verb}_{options.model_name}"

    def validate(self, attrs):
        row = copy(self.instance) if self.instance else self.Meta.model()
        many = {field.name for field in self.Meta.model._meta.many_to_many}
        for name, value in attrs.items():
            if name not in many:
                setattr(row, name, value)
        try:
            row.full_clean(exclude=self.filled_by_view)
        except ModelError as error:
            raise serializers.ValidationError(
                serializers.as_serializer_error(error)
            ) from error
        return attrs

    filled_by_view: tuple[str, ...] = ()
