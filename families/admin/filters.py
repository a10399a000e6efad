"""Filters of the lists of households, inspections and recognitions."""

from unfold.contrib.filters.admin import DropdownFilter

from families.models.choices import Subject
from federation.months import local_today


class OnRegisterFilter(DropdownFilter):
    """Who is on the register, unless asked otherwise."""

    title = "登记情况"
    parameter_name = "left"
    all_option = ["", "在册"]

    def lookups(self, request, model_admin):
        return [("yes", "已注销"), ("any", "在册和已注销")]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(left_on__isnull=False)
        return queryset if self.value() == "any" else queryset.on_register()


# What a choice asks of the households, with its words; the export offers the same.
STANDINGS = {
    "recognised": "已认定",
    "unrecognised": "未认定",
    "to_mend": "限期整改",
    "being_recognised": "申报中",
}


class StandingFilter(DropdownFilter):
    title = "认定情况"
    parameter_name = "standing"
    all_option = ["", "全部"]

    def lookups(self, request, model_admin):
        return list(STANDINGS.items())

    def queryset(self, request, queryset):
        return in_standing(queryset, self.value())


def in_standing(households, chosen: str | None):
    """Return the *households* in the standing *chosen*; all of them without one."""
    return getattr(households, chosen)() if chosen in STANDINGS else households


class OfWhomFilter(DropdownFilter):
    """Looks at households, or at whole villages."""

    title = "对象"
    parameter_name = "of"
    all_option = ["", "全部"]

    def lookups(self, request, model_admin):
        return Subject.choices

    def queryset(self, request, queryset):
        if self.value() == Subject.HOUSEHOLD:
            return queryset.of_households()
        return queryset.of_villages() if self.value() == Subject.VILLAGE else queryset


class InForceFilter(DropdownFilter):
    """What is recognised today: neither revoked, nor gone from the register."""

    title = "有效"
    parameter_name = "in_force"
    all_option = ["", "全部"]

    def lookups(self, request, model_admin):
        return [("today", "今天有效的")]

    def queryset(self, request, queryset):
        is_asked = self.value() == "today"
        return queryset.in_force(local_today()) if is_asked else queryset
