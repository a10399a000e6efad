"""System checks that make forgetting impossible."""

from django.apps import apps
from django.core.checks import Error, register

from federation.scope import is_scoped

OURS = ("federation", "rollups", "activities", "members", "families", "courses")


@register()
def models_with_a_branch_are_scoped(app_configs, **kwargs):
    """E001: whatever belongs to a branch is read through a scoped manager."""
    return [
        Error(
            f"{model.__name__} has a branch, but its manager is not scoped.",
            hint="Inherit the queryset from federation.scope.BranchScopedQuerySet.",
            obj=model,
            id="federation.E001",
        )
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and any(field.name == "branch" for field in model._meta.fields)
        and not is_scoped(model)
    ]
