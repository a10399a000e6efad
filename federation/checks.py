"""System checks that make forgetting impossible."""

from auditlog.registry import auditlog
from django.apps import apps
from django.core.checks import Error, register
from django.db import models

from federation.counted import CountedModel, CountedQuerySet
from federation.logged import LoggedQuerySet
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


@register()
def counted_models_are_written_by_marking_paths_only(app_configs, **kwargs):
    """E002, E003: no write of a counted record may slip past its marks."""
    counted = (m for m in apps.get_models() if issubclass(m, CountedModel))
    return [error for model in counted for error in errors_of_counted(model)]


def errors_of_counted(model) -> list[Error]:
    keeping = (models.PROTECT, models.RESTRICT, models.DO_NOTHING)
    errors = [
        Error(
            f"{model.__name__} counts, but {field.name} lets a delete elsewhere write "
            "its rows.",
            hint="Use on_delete=PROTECT: cascades leave no marks.",
            obj=model,
            id="federation.E002",
        )
        for field in model._meta.concrete_fields
        if field.many_to_one and field.remote_field.on_delete not in keeping
    ]
    if any(
        not isinstance(manager.get_queryset(), CountedQuerySet)
        for manager in (model._base_manager, *model._meta.managers)
    ):
        errors.append(
            Error(
                f"{model.__name__} counts, but a manager of it leaves no marks.",
                hint="Inherit the queryset from federation.counted.CountedQuerySet.",
                obj=model,
                id="federation.E003",
            )
        )
    return errors


@register()
def logged_models_are_logged_in_bulk_too(app_configs, **kwargs):
    """E004: an update of many rows leaves its audit entries as one of a single row."""
    return [
        Error(
            f"{model.__name__} is in the audit log, but bulk writes of it are not.",
            hint="Inherit the queryset from federation.logged.LoggedQuerySet.",
            obj=model,
            id="federation.E004",
        )
        for model in auditlog.get_models()
        if model._meta.app_label in OURS and not is_logged_in_bulk(model)
    ]


def is_logged_in_bulk(model) -> bool:
    queryset = model._default_manager.get_queryset()
    return isinstance(queryset, CountedQuerySet | LoggedQuerySet)
