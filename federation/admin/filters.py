"""Filters that more than one app's lists have."""

from unfold.contrib.filters.admin import AutocompleteSelectFilter

from federation.models import Branch


class BranchAndBelowFilter(AutocompleteSelectFilter):
    """The rows of one branch and of everything below it."""

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        branch = Branch.objects.filter(pk=self.value()).first()
        return queryset.within(branch) if branch else queryset.none()
