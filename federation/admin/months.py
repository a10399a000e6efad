"""The months and whether they are closed; closing itself is done elsewhere."""

from django.contrib import admin

from federation.admin.scoped import FederationAdmin
from federation.models import ReportingMonth


@admin.register(ReportingMonth)
class ReportingMonthAdmin(FederationAdmin):
    list_display = ["__str__", "status", "revision", "closed_at", "closed_by"]
    list_select_related = ["closed_by"]
    list_filter = ["status"]
    fields = ["month", "status", "revision", "closed_at", "closed_by"]

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
