"""Reports, designed without programming: the table, and a row for each column."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from unfold import widgets

from federation.admin.scoped import FederationAdmin, FederationInline
from federation.models import Programme
from rollups import registry
from rollups.models import ReportColumn, ReportTemplate
from rollups.models.report import all_signatures


class TermMonthField(forms.DateField):
    """The first day of a month, chosen as a month."""

    widget = forms.DateInput(
        {"type": "month", "class": " ".join(widgets.INPUT_CLASSES)}, format="%Y-%m"
    )
    input_formats = ["%Y-%m", "%Y-%m-%d"]


class ReportTemplateForm(forms.ModelForm):
    term_first = TermMonthField(
        label="一届的第一个月",
        required=False,
        help_text="只在“每届”时填：任意一届开始的月份，每届五年。",
    )
    signatures = forms.MultipleChoiceField(
        label="签字栏",
        choices=ReportTemplate.Signature.choices,
        initial=all_signatures,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="打印时在表下留空，供签字、填写。填报单位（盖章）总是有的。",
    )

    class Meta:
        help_texts = {
            "slug": "网址里的名字，如 monthly-table（字母、数字、短横），以后不能改。",
            "title": "打印在表上方的名称，如 妇联组织活动情况月报表。",
            "listing": "表里每行是什么。下级妇联打开时只看到自己那一部分。",
            "unit_line": "表右上角“单位：”后面的字；不填就列出各列的单位。",
            "decimals": "百分比和带小数的数保留几位；整数照写。",
            "notes": "打印在表下面：指标怎么算、怎么填。",
            "is_active": "停用后别人打不开，也不在列表里；以前的数不受影响。",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "notes" in self.fields:  # whoever only reads has no fields
            self.fields["notes"].widget.attrs["rows"] = 3

    def clean_signatures(self):
        chosen = self.cleaned_data["signatures"]
        return [one for one in ReportTemplate.Signature.values if one in chosen]


class ColumnFormSet(forms.BaseInlineFormSet):
    def clean(self):
        """Refuse a report without columns, and the same column twice; put those that
        say no place behind the others."""
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.is_valid()
            and form.cleaned_data.get("indicator")
            and not form.cleaned_data.get("DELETE")
        ]
        if not kept and not any(self.errors):
            raise ValidationError("报表至少要有一列，请选一个指标。")
        self._refuse_twins([form.cleaned_data for form in kept])
        last = max((form.cleaned_data["position"] or 0 for form in kept), default=0)
        for form in kept:
            if form.cleaned_data["position"] is None:
                last += 1
                form.instance.position = last

    def _refuse_twins(self, columns: list[dict]) -> None:
        shown = set()
        for one in columns:
            what = (one["indicator"], one.get("programme"), one.get("aspect"))
            if what in shown:
                label = registry.label_of(one["indicator"])
                raise ValidationError(
                    f"“{label}”有两列完全一样，请删去一列，或改项目、取数。"
                )
            shown.add(what)


class ReportColumnForm(forms.ModelForm):
    position = forms.IntegerField(
        label="次序",
        required=False,
        min_value=0,
        max_value=999,
        widget=widgets.UnfoldAdminIntegerFieldWidget,
    )
    indicator = forms.ChoiceField(
        label="指标",
        widget=widgets.UnfoldAdminSelectWidget,
        error_messages={"invalid_choice": "没有这个指标，请从列表中选择。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        gone = self.instance.indicator
        if gone and self.instance.counted is None:
            # What a column was made of may be out of force: it stays named.
            choices = self.fields["indicator"].choices
            self.fields["indicator"].choices = [*choices, (gone, f"{gone}（已停用）")]


class ReportColumnInline(FederationInline):
    model = ReportColumn
    form = ReportColumnForm
    formset = ColumnFormSet
    fields = ["position", "group", "title", "indicator", "programme", "aspect"]
    ordering = ["position", "pk"]
    extra = 1
    verbose_name_plural = "列（从左到右；次序不填就排在最后，列名不填就用指标的名称）"
    hide_title = True

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.base_fields["indicator"].choices = indicator_choices()
        return formset

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 4

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "programme":
            # Programmes are made on their own page.
            for verb in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{verb}_related", False)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "programme":
            # Read once, and not once for each row.
            field.choices = programme_choices()
        return field


def indicator_choices() -> list:
    """Return the indicators by their Chinese names, the usual ones first."""
    groups: dict[str, list] = {"常用": [], "其他": []}
    for one in registry.all_indicators():
        label = f"{one.label}（{one.unit}）"
        groups["常用" if one.is_usual else "其他"].append((one.code, label))
    return [("", "请选择"), *((name, some) for name, some in groups.items() if some)]


def programme_choices() -> list[tuple]:
    """Return the programmes, each below its parent; none stands for all of them."""
    children: dict[int | None, list[Programme]] = {}
    for programme in Programme.objects.public():
        children.setdefault(programme.parent_id, []).append(programme)

    def lines(parent_id, depth):
        for one in children.get(parent_id, ()):
            yield one.pk, f"{'　' * depth}{one.name}"
            yield from lines(one.pk, depth + 1)

    return [("", "全部项目"), *lines(None, 0)]


@admin.register(ReportTemplate)
class ReportTemplateAdmin(FederationAdmin):
    form = ReportTemplateForm
    inlines = [ReportColumnInline]
    conditional_fields = {"term_first": "period_kind == 'term'"}
    list_display = ["title", "table_number", "period_kind", "is_active", "preview"]
    list_filter = ["period_kind", "is_active"]
    search_fields = ["title", "slug", "table_number", "document_number"]
    search_help_text = "标题、表号或文号"
    fieldsets = [
        (None, {"fields": ["title", "slug", "is_active", "preview"]}),
        ("表里有什么", {"fields": ["period_kind", "term_first", "listing"]}),
        (
            "打印在表上的",
            {
                "fields": [
                    "table_number",
                    "issued_by",
                    "document_number",
                    "unit_line",
                    "decimals",
                    "signatures",
                    "notes",
                ]
            },
        ),
    ]

    def get_readonly_fields(self, request, obj=None):
        # Saved addresses go by the slug.
        return ["preview", "slug"] if obj else ["preview"]

    @admin.display(description="预览")
    def preview(self, report):
        if report is None or not report.pk:
            return "保存后可以预览。"
        return format_html(
            '<a class="text-primary-600 underline" target="_blank" href="{}">打开</a>',
            report.get_absolute_url(),
        )
