"""Choosing a row by typing: what is offered is what the form will accept."""

from urllib.parse import urlencode

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

from federation.models import Branch

ANY = "any"  # every branch that exists: their names are public anyway
VERBS = ("add", "change", "export", "import", ANY)


class _SaysTheVerb:
    """Tells the view what the chosen row is for. Lists and filters say nothing and
    get what the user may view."""

    def __init__(self, field, admin_site, verb, **kwargs):
        super().__init__(field, admin_site, **kwargs)
        self.verb = verb

    def get_url(self):
        return f"{super().get_url()}?{urlencode({'verb': self.verb})}"

    def optgroups(self, name, value, attr=None):
        # What can be no key is the field's to refuse; to look it up would raise.
        keys = [key for key in value if str(key).isdecimal()]
        return super().optgroups(name, keys, attr)


class ScopedSelect(_SaysTheVerb, AutocompleteSelect):
    pass


class ScopedSelectMultiple(_SaysTheVerb, AutocompleteSelectMultiple):
    pass


class ScopedAutocompleteView(AutocompleteJsonView):
    """Offers branches where the user may do what she chooses one for, with the place
    beside the name: four villages are called 官庄. Of other rows the admin of their
    model may say what tells them apart (``offered_as``, ``offered_with``)."""

    def get_queryset(self):
        if self.model_admin.model is not Branch:
            related = getattr(self.model_admin, "offered_with", ())
            rows = super().get_queryset()
            return rows.select_related(*related) if related else rows
        verb = self.request.GET.get("verb")
        if verb == ANY:
            return Branch.objects.public().matching(self.term).select_related("parent")
        queryset = super().get_queryset().select_related("parent")
        permission = self._permission(verb)
        if permission:
            queryset = queryset.visible_to(self.request.user, permission).active()
        return queryset

    def _permission(self, verb: str | None) -> str | None:
        options = self.source_field.model._meta
        if options.label == "federation.Succession":
            return "federation.succeed_branch"
        if verb in VERBS:
            return f"{options.app_label}.{verb}_{options.model_name}"
        return None

    def serialize_result(self, obj, to_field_name):
        result = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Branch) and obj.parent:
            result["text"] = f"{obj.name}（{obj.parent.short_name}）"
        elif hasattr(self.model_admin, "offered_as"):
            result["text"] = self.model_admin.offered_as(obj)
        return result
