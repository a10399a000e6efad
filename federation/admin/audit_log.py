"""The log of every change, for whoever may read it over the whole site."""

from copy import copy

from auditlog.models import LogEntry
from django.contrib import admin
from django.utils.html import format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.scope import holds_everywhere

PERMISSION = "auditlog.view_logentry"
FIELDS_SHOWN = 4
SAID = {"None": "（空）", "": "（空）", "True": "是", "False": "否"}

admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyMixin, FederationAdmin):
    list_display = [
        "timestamp",
        "who",
        "action",
        "kind",
        "object_repr",
        "changed_fields",
    ]
    list_select_related = ["content_type", "actor"]
    list_filter = [("action", ChoicesDropdownFilter)]
    date_hierarchy = "timestamp"
    search_fields = ["object_repr", "actor__username", "actor__name"]
    search_help_text = "记录名称，或经办人的姓名、用户名"
    show_full_result_count = False
    fieldsets = [
        ("何时何人", {"fields": ["timestamp", "who", "remote_addr"]}),
        ("改了什么", {"fields": ["action", "kind", "object_repr", "differences"]}),
    ]
    readonly_fields = ["who", "kind", "differences"]

    @admin.display(description="经办人", ordering="actor__name")
    def who(self, entry):
        return str(entry.actor) if entry.actor else "系统"

    @admin.display(description="类别", ordering="content_type")
    def kind(self, entry):
        model = entry.content_type.model_class()
        return model._meta.verbose_name if model else entry.content_type.model

    @admin.display(description="改动的项目")
    def changed_fields(self, entry):
        names = [str(field.verbose_name) for field in _fields_of(entry)]
        more = f"等 {len(names)} 项" if len(names) > FIELDS_SHOWN else ""
        return "、".join(names[:FIELDS_SHOWN]) + more

    @admin.display(description="原来 → 现在")
    def differences(self, entry):
        rows = _differences_of(entry)
        return format_html_join("", "<p><b>{}</b>：{}</p>", rows) or "没有字段改动"

    def has_view_permission(self, request, obj=None):
        # An entry has no branch of its own: only who may read all of them reads any.
        if not hasattr(request, "may_read_log"):  # asked several times for each page
            request.may_read_log = holds_everywhere(request.user, PERMISSION)
        return request.may_read_log

    def has_module_permission(self, request):
        return self.has_view_permission(request)


def _fields_of(entry) -> list:
    """Return the fields that *entry* is about. The package also notes the reverse side
    of relations, which says nothing."""
    model = entry.content_type.model_class()
    if model is None:
        return []
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    names = entry.changes_dict
    return [field for field in fields if field.name in names and not field.primary_key]


def _differences_of(entry):
    """Yield (field, what changed in words) for each field of *entry*."""
    fields = _fields_of(entry)
    plain = copy(entry)
    plain.changes = {
        field.name: entry.changes_dict[field.name]
        for field in fields
        if not field.many_to_many
    }
    for name, sides in plain.changes_display_dict.items():
        old, new = (SAID.get(side, side) for side in sides)
        yield name, f"{old} → {new}"
    for field in fields:
        if field.many_to_many:
            change = entry.changes_dict[field.name]
            verb = "加上" if change["operation"] == "add" else "去掉"
            yield field.verbose_name, f"{verb}{'、'.join(change['objects'])}"
