"""What is written tomorrow is under the one rule of scope, or a test says so."""

import importlib
import pkgutil

import pytest
from auditlog.registry import auditlog
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.test.utils import isolate_apps
from import_export.admin import ExportMixin, ImportMixin
from import_export.resources import Resource
from rest_framework import serializers
from rest_framework.relations import ManyRelatedField, RelatedField

from config.api import router
from federation import checks
from federation.admin.scoped import BranchScopedAdminMixin
from federation.models import Branch
from federation.scope import BranchScopedQuerySet, is_scoped
from federation.scoped_api import (
    BranchScopedSerializerMixin,
    BranchScopedViewSetMixin,
    PublicViewSetMixin,
    ReadOnlySerializerMixin,
    ScopedPermission,
    ScopedSlugField,
)

OURS = settings.LOCAL_APPS


def our_models():
    return [m for m in apps.get_models() if m._meta.app_label in OURS]


def everything_below(base):
    for child in base.__subclasses__():
        yield child
        yield from everything_below(child)


@pytest.fixture(scope="module", autouse=True)
def every_module_of_ours_is_loaded():
    for name in OURS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)


# Models


def test_the_checks_find_nothing():
    call_command("check", fail_level="WARNING")


@pytest.mark.parametrize("has_scope", [True, False])
def test_a_model_with_a_branch_and_a_plain_manager_is_an_error(has_scope, monkeypatch):
    manager = BranchScopedQuerySet if has_scope else models.QuerySet
    with isolate_apps("members"):

        class Visitor(models.Model):  # noqa: DJ008
            branch = models.ForeignKey("federation.Branch", models.PROTECT)
            objects = manager.as_manager()

            class Meta:
                app_label = "members"

        monkeypatch.setattr(checks.apps, "get_models", lambda: [Visitor])
        errors = checks.models_with_a_branch_are_scoped(None)

    assert [error.id for error in errors] == ([] if has_scope else ["federation.E001"])


def test_a_logged_model_with_a_plain_manager_is_an_error(monkeypatch):
    with isolate_apps("members"):

        class Visitor(models.Model):  # noqa: DJ008
            class Meta:
                app_label = "members"

        monkeypatch.setattr(checks.auditlog, "get_models", lambda: [Visitor])
        errors = checks.logged_models_are_logged_in_bulk_too(None)

    assert [error.id for error in errors] == ["federation.E004"]


def test_what_hangs_on_a_scoped_record_is_scoped_too():
    unscoped = {
        model._meta.label
        for model in our_models()
        for field in model._meta.concrete_fields
        # Who did something is not whose it is.
        if field.many_to_one and field.name not in ("closed_by", "reopened_by")
        if is_scoped(field.related_model) and not is_scoped(model)
    }

    # A code is looked up by its account, whose own scope decides; no page lists codes.
    assert unscoped == {"federation.OneTimeCode"}


def test_whatever_people_write_is_in_the_audit_log():
    unlogged = {
        model._meta.label for model in our_models() if not auditlog.contains(model)
    }

    # Written by the engine and the workers, from what is in the log; and records that
    # are logs themselves.
    assert unlogged == {
        "federation.Disclosure",
        "federation.JournalEntry",
        "federation.Mark",
        "federation.Heartbeat",
        "rollups.Reminder",
        "rollups.Reopening",
        "rollups.Revision",
        "rollups.RevisionRow",
        "rollups.Rollup",
        "rollups.RollupKey",
    }


# The admin


def test_every_page_of_the_admin_wears_the_scope():
    assert [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if not isinstance(model_admin, BranchScopedAdminMixin)
    ] == []


def test_every_inline_of_the_admin_wears_the_scope():
    assert [
        inline.__name__
        for model_admin in admin.site._registry.values()
        for inline in model_admin.inlines
        if not issubclass(inline, BranchScopedAdminMixin)
    ] == []


def test_no_list_offers_every_branch_as_a_filter():
    plain = [
        f"{model._meta.label}: {name}"
        for model, model_admin in admin.site._registry.items()
        for name in model_admin.list_filter
        if isinstance(name, str)
        and (related := model._meta.get_field(name.split("__")[0]).related_model)
        and is_scoped(related)
    ]

    assert plain == []


# The API


def viewsets():
    return [viewset for _, viewset, _ in router.registry]


def test_every_route_of_the_api_is_scoped_or_public():
    assert [
        viewset.__name__
        for viewset in viewsets()
        if not issubclass(viewset, BranchScopedViewSetMixin | PublicViewSetMixin)
    ] == []


def test_a_scoped_route_asks_for_the_permission():
    scoped = [v for v in viewsets() if issubclass(v, BranchScopedViewSetMixin)]

    assert len(scoped) >= 2
    assert [
        v.__name__ for v in scoped if v.permission_classes != (ScopedPermission,)
    ] == []


def test_every_action_of_a_scoped_route_names_its_permission():
    unnamed = [
        f"{viewset.__name__}.{action.__name__}"
        for viewset in viewsets()
        if issubclass(viewset, BranchScopedViewSetMixin)
        for action in viewset.get_extra_actions()
        if action.__name__ not in viewset.action_verbs
    ]

    assert unnamed == []


def serializers_of_records():
    return [
        serializer
        for serializer in everything_below(serializers.ModelSerializer)
        if serializer.__module__.split(".")[0] in OURS and hasattr(serializer, "Meta")
    ]


def test_every_serializer_wears_the_scope_or_takes_nothing():
    wearing = BranchScopedSerializerMixin | ReadOnlySerializerMixin

    assert len(serializers_of_records()) >= 5
    assert [s for s in serializers_of_records() if not issubclass(s, wearing)] == []
    for serializer in serializers_of_records():
        if issubclass(serializer, ReadOnlySerializerMixin):
            with pytest.raises(TypeError):
                serializer(data={}).save()


def test_no_serializer_takes_a_branch_from_outside():
    """A related row is taken through the scope; a partner alone may be any branch."""
    found = set()
    for serializer in serializers_of_records():
        for name, field in serializer._declared_fields.items():
            plain = isinstance(field, RelatedField | ManyRelatedField)
            if plain and not field.read_only and not isinstance(field, ScopedSlugField):
                model = field.queryset.model
                if is_scoped(model) or model is Branch:
                    found.add(f"{serializer.__name__}.{name}")

    assert found == {"PartnerSerializer.branch"}


# Imports and exports


def test_nothing_is_imported_or_exported_past_the_scope():
    """django-import-export reads and writes through plain managers. Whoever takes it
    into use writes the one scoped resource first, and names it here."""
    resources = [
        resource.__name__
        for resource in everything_below(Resource)
        if resource.__module__.split(".")[0] in OURS
    ]
    pages = [
        model._meta.label
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, ImportMixin | ExportMixin)
    ]

    assert (resources, pages) == ([], [])
