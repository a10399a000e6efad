"""The months and whether they are closed; closing itself is done elsewhere."""

from django.contrib import admin

from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.models import ReportingMonth


@admin.register(ReportingMonth)
class ReportingMonthAdmin(ReadOnlyMixin, FederationAdmin):
    list_display = ["__str__", "status", "revision", "closed_at", "closed_by"]
    list_select_related = ["closed_by"]
    list_filter = ["status"]
    fields = ["month", "status", "revision", "closed_at", "closed_by"]
