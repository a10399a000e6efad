"""What was counted before the site, with the paper it stands in."""

from django import forms
from django.contrib import admin
from unfold import widgets

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from federation.month_field import MonthField
from rollups import registry
from rollups.models import Baseline


class BaselineForm(forms.ModelForm):
    indicator = forms.ChoiceField(label="指标", widget=widgets.UnfoldAdminSelectWidget)
    first_month = MonthField(label="从（月）")
    last_month = MonthField(label="到（月）")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "indicator" in self.fields:
            self.fields["indicator"].choices = [
                (one.code, f"{one.label}（{one.unit}）")
                for one in registry.all_indicators()
                if one.is_additive
            ]


@admin.register(Baseline)
class BaselineAdmin(FederationAdmin):
    form = BaselineForm
    list_display = ["indicator_label", "branch", "period", "shown_value", "source"]
    list_select_related = ["branch"]
    list_filter = [("branch", BranchAndBelowFilter)]
    search_fields = ["source", "branch__name", "branch__code", "branch__initials"]
    search_help_text = "来源文件或妇联组织"
    autocomplete_fields = ["branch", "programme"]
    fields = [
        "indicator",
        "branch",
        ("first_month", "last_month"),
        "programme",
        ("value", "is_exact"),
        "source",
    ]

    @admin.display(description="指标", ordering="indicator")
    def indicator_label(self, baseline):
        return registry.label_of(baseline.indicator)

    @admin.display(description="时段", ordering="first_month")
    def period(self, baseline):
        return baseline.period

    @admin.display(description="数值", ordering="value")
    def shown_value(self, baseline):
        return baseline.shown_value
