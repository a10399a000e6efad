"""Reported indicators with their documents and batches: no programming, one page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from federation.admin.scoped import FederationAdmin, FederationInline
from federation.models.branches import Level
from federation.month_field import MonthField
from rollups.models import ReportedBatch, ReportedIndicator
from rollups.models.submission import REPORTING_LEVELS, usual_levels


class ReportedIndicatorForm(forms.ModelForm):
    levels = forms.MultipleChoiceField(
        label="由谁填报",
        choices=[(level.value, Level(level).label) for level in REPORTING_LEVELS],
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        initial=usual_levels,
    )


class ReportedBatchForm(forms.ModelForm):
    from_month = MonthField(label="起（月）")
    until_month = MonthField(label="止（月）", required=False)


class BatchFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if not kept and not self.errors_anywhere():
            raise ValidationError("请至少写一行依据：文号和从哪个月起填报。")

    def errors_anywhere(self) -> bool:
        return any(form.errors for form in self.forms)


class ReportedBatchInline(FederationInline):
    model = ReportedBatch
    form = ReportedBatchForm
    formset = BatchFormSet
    fields = ["document_number", "from_month", "until_month", "name", "slug"]
    extra = 0
    min_num = 1
    verbose_name = "依据"
    verbose_name_plural = (
        "依据和起止月份（不分批的只填一行，批次名称和标识留空；"
        "分批的每批一行，如“2026 年”“2026”）"
    )


@admin.register(ReportedIndicator)
class ReportedIndicatorAdmin(FederationAdmin):
    form = ReportedIndicatorForm
    inlines = [ReportedBatchInline]
    list_display = ["name", "unit", "kind", "programme", "position", "is_usual"]
    list_select_related = ["programme"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["name", "slug"]
    search_help_text = "名称或标识"
    autocomplete_fields = ["programme"]
    fieldsets = [
        (
            "填什么",
            {"fields": [("name", "slug"), ("unit", "kind"), "programme", "levels"]},
        ),
        ("怎么核对", {"fields": [("least", "most"), "explain_beyond"]}),
        ("怎么显示", {"fields": [("is_usual", "position")]}),
    ]
