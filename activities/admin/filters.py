"""Filters of the list: each offers only what the user may see."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Q

from activities.doubts import doubtful
from activities.to_do import own_activities
from federation.models import Branch, Programme
from federation.months import local_today
from federation.scope import granted_paths, visible_choices

THREE_MONTHS = timedelta(days=92)


class ToDoFilter(admin.SimpleListFilter):
    title = "待办"
    parameter_name = "todo"

    def lookups(self, request, model_admin):
        return [
            ("figures", "待补数"),
            ("doubts", "存疑（近三个月）"),
            ("photos", "有新照片待审"),
        ]

    def queryset(self, request, queryset):
        if self.value() == "figures":
            return queryset.awaiting_figures()
        if self.value() == "doubts":
            if not any(name.startswith("starts_on__") for name in request.GET):
                # Older months are closed long since; each can be asked for.
                queryset = queryset.filter(starts_on__gt=local_today() - THREE_MONTHS)
            return doubtful(queryset)
        if self.value() == "photos":
            waiting = queryset.filter(approved_at__isnull=False)
            return waiting.filter(photos__approved_at__isnull=True).distinct()
        return queryset


class MineFilter(admin.SimpleListFilter):
    title = "归谁"
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", "本级的和我录入的")]

    def queryset(self, request, queryset):
        if self.value():
            return queryset.filter(pk__in=own_activities(request.user).values("pk"))
        return queryset


class PlaceFilter(admin.SimpleListFilter):
    """The branches one step below one's own, each with everything below it."""

    title = "主办"
    parameter_name = "place"

    def lookups(self, request, model_admin):
        paths = granted_paths(request.user, "activities.view_activity")
        own = visible_choices(Branch, request.user).active()
        own = own.filter(Q(path__in=paths) | Q(parent__path__in=paths))
        if "" in paths:
            own = Branch.objects.active().filter(depth__lte=1)
        return list(own.order_by("path").values_list("code", "name"))

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        branch = Branch.objects.filter(code=self.value()).first()
        return queryset.within(branch) if branch else queryset.none()


class ProgrammeFilter(admin.SimpleListFilter):
    title = "项目"
    parameter_name = "programme"

    def lookups(self, request, model_admin):
        return list(Programme.objects.selectable().values_list("slug", "name"))

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        below = Programme.objects.with_children(self.value())
        return queryset.filter(programme__in=below)


LIST_FILTER = [
    ToDoFilter,
    MineFilter,
    "review",
    "happening",
    PlaceFilter,
    ProgrammeFilter,
    "visibility",
]
SEARCH_FIELDS = ["title", "place", "branch__name"]
