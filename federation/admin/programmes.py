"""Chapters and programmes of the work review (板块、项目、行动)."""

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter

from federation.admin.scoped import FederationAdmin
from federation.models import Chapter, Programme


@admin.register(Chapter)
class ChapterAdmin(FederationAdmin):
    list_display = ["name", "colour", "position", "slug"]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"
    fields = ["name", "slug", "colour", "position"]


@admin.register(Programme)
class ProgrammeAdmin(FederationAdmin):
    list_display = ["name", "parent", "chapter", "position", "is_active"]
    list_select_related = ["parent", "chapter"]
    list_filter = [("chapter", RelatedOnlyFieldListFilter), "is_active"]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"
    autocomplete_fields = ["chapter", "parent"]
    fields = ["name", "slug", "chapter", "parent", "position", "is_active"]

    def get_queryset(self, request):
        # The stand-in for "no programme" is machinery, not a programme.
        return super().get_queryset(request).exclude(pk=Programme.NONE_ID)

    def get_readonly_fields(self, request, obj=None):
        # Reports and saved addresses go by the slug.
        return ["slug"] if obj else []
