"""The API's router; each app adds its routes in its own `api.py`."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule
from rest_framework.routers import DefaultRouter


def build_router() -> DefaultRouter:
    """Return a router with what every `<app>.api.register(router)` added."""
    router = DefaultRouter()
    router.include_format_suffixes = False  # JSON is the only one there is
    for label in settings.LOCAL_APPS:
        if module_has_submodule(apps.get_app_config(label).module, "api"):
            import_module(f"{label}.api").register(router)
    return router


router = build_router()
