"""评选标准 in the admin: a version that was used is followed by a copy, not changed."""

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from families import standards
from families.models import Criterion, Standard
from federation.admin.scoped import FederationAdmin, FederationInline

COPIED = ("subject", "document_number", "model_mark", "fair_mark", "least_share")
COPIED_LINES = ("position", "name", "weight", "is_veto", "hint")


class WholeFormSet(BaseInlineFormSet):
    """The weights of a standard add up to 100."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        standards.refuse_weights([line.get("weight") or 0 for line in kept])


class CriterionInline(FederationInline):
    model = Criterion
    formset = WholeFormSet
    fields = ["position", "name", "weight", "is_veto", "hint"]
    ordering = ["position", "pk"]

    def get_extra(self, request, obj=None, **kwargs):
        copied = _copied(request)
        return copied.criteria.count() if copied else 0 if obj else 6

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("families.view_standard")

    def _may_write(self, request, obj):
        is_used = isinstance(obj, Standard) and obj.is_used
        return request.user.has_perm("families.change_standard") and not is_used

    def has_add_permission(self, request, obj=None):
        return self._may_write(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._may_write(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_write(request, obj)


@admin.register(Standard)
class StandardAdmin(FederationAdmin):
    list_display = ["name", "subject", "applies_from", "model_mark", "fair_mark"]
    list_filter = [("subject", ChoicesDropdownFilter)]
    inlines = [CriterionInline]
    actions_detail = ["copy_standard"]
    fieldsets = [
        ("标准", {"fields": ["name", ("subject", "applies_from"), "document_number"]}),
        (
            "分数线和期限",
            {"fields": [("model_mark", "fair_mark"), ("least_share", "review_after")]},
        ),
    ]

    def has_change_permission(self, request, obj=None):
        is_used = isinstance(obj, Standard) and obj.is_used
        return super().has_change_permission(request, obj) and not is_used

    @action(description="复制为新一版", permissions=["add"])
    def copy_standard(self, request, object_id):
        page = reverse("admin:families_standard_add")
        return HttpResponseRedirect(f"{page}?copy={object_id}")

    def get_changeform_initial_data(self, request):
        copied = _copied(request)
        if copied is None:
            return super().get_changeform_initial_data(request)
        values = {name: getattr(copied, name) for name in COPIED}
        return values | {"name": copied.name, "review_after": copied.review_after}

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        copied = _copied(request)
        if copied and request.method == "GET" and inline.model is Criterion:
            # Sent back unchanged, they would pass for lines nobody filled in.
            kwargs["initial"] = list(copied.criteria.values(*COPIED_LINES))
        return kwargs


def _copied(request) -> Standard | None:
    """Return the standard that the new one begins as."""
    asked = request.GET.get("copy", "")
    if not (asked.isdecimal() and len(asked) < 19):
        return None
    return Standard.objects.filter(pk=asked).first()
