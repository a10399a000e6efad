"""Filters of the list of households."""

from unfold.contrib.filters.admin import DropdownFilter


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
