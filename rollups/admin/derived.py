"""Indicators narrowed from declared ones, chosen from lists."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold import widgets

from federation.admin.scoped import FederationAdmin
from rollups import registry
from rollups.models import DerivedIndicator


def bases() -> list[registry.Indicator]:
    """Return the indicators that can be narrowed."""
    return [one for one in registry.declared_indicators() if one.filters]


def all_filters() -> dict[str, registry.Filter]:
    return {name: each for one in bases() for name, each in one.filters.items()}


def field_of(name: str) -> str:
    return f"only_{name}"


class DerivedIndicatorForm(forms.ModelForm):
    """The filters of all bases, each a list to tick; at least one of them."""

    base = forms.ChoiceField(
        label="从哪个指标里挑", widget=widgets.UnfoldAdminSelectWidget
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["base"]  # set once; the page shows it
        else:
            self.fields["base"].choices = [(one.code, one.label) for one in bases()]
        for name in all_filters():
            self.initial[field_of(name)] = self.instance.filters.get(name)

    def clean(self):
        super().clean()
        chosen = {
            name: sorted(values)
            for name in all_filters()
            if (values := self.cleaned_data.get(field_of(name)))
        }
        base = {one.code: one for one in bases()}.get(
            self.cleaned_data.get("base") or self.instance.base
        )
        if base is None:
            return
        for name in chosen.keys() - base.filters.keys():
            self.add_error(field_of(name), f"“{base.label}”不能按这一项挑。")
        if not chosen:
            raise ValidationError("请至少选一项只算哪些，不然和原来的指标一样。")
        self.instance.filters = chosen


def with_filters(form: type) -> type:
    """Return *form* with a list to tick for each declared filter: the apps have
    declared them by the time a page is asked for."""
    fields = {
        field_of(name): forms.MultipleChoiceField(
            label=f"只算：{each.label}",
            choices=each.choices,
            required=False,
            widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
            help_text="不选就不限。",
        )
        for name, each in all_filters().items()
    }
    return type(form.__name__, (form,), fields)


@admin.register(DerivedIndicator)
class DerivedIndicatorAdmin(FederationAdmin):
    list_display = ["name", "base_label", "chosen", "position", "is_usual"]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = with_filters(DerivedIndicatorForm)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        can_change = self.has_change_permission(request, obj) if obj else True
        filters = [field_of(name) for name in all_filters()]
        return [
            (
                "派生指标",
                {"fields": [("name", "slug"), "base_label" if obj else "base"]},
            ),
            (
                "只算哪些",
                {"fields": filters if can_change else ["chosen"]},
            ),
            ("怎么显示", {"fields": [("is_usual", "position")]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        is_reader = not self.has_change_permission(request, obj)
        return ["slug", "base_label", *(["chosen"] if is_reader else [])]

    @admin.display(description="从哪个指标里挑")
    def base_label(self, derived):
        return registry.label_of(derived.base)

    @admin.display(description="只算")
    def chosen(self, derived):
        filters = all_filters()
        parts = []
        for name, values in derived.filters.items():
            labels = dict(filters[name].choices) if name in filters else {}
            parts.append("、".join(str(labels.get(one, one)) for one in values))
        return "；".join(parts)
