"""Filters that more than one app's lists have."""

from django.contrib.admin.options import IncorrectLookupParameters
from django.forms.utils import ErrorDict
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from federation.models import Branch
from federation.scope import visible_choices


class VisibleChoiceForm(AutocompleteDropdownForm):
    """Names a chosen row only if it may be seen: the key in an address is typed by
    anyone."""

    def __init__(self, request, name, *args, **kwargs):
        super().__init__(request, name, *args, **kwargs)
        field = self.fields[name]
        field.queryset = visible_choices(field.queryset.model, request.user)

    def full_clean(self):
        """Refuse nothing, and ask the database nothing: the form only shows what was
        chosen; the filter reads the address itself."""
        self._errors, self.cleaned_data = ErrorDict(), {}


class BranchAndBelowFilter(AutocompleteSelectFilter):
    """The rows of one branch and of everything below it."""

    form_class = VisibleChoiceForm

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        seen = Branch.objects.visible_to(request.user)
        try:
            branch = seen.filter(pk=self.value()).first()
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error
        return queryset.within(branch) if branch else queryset.none()
