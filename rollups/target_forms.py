"""The small table in which the district hands down the targets of one indicator and
year."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from federation.models import Branch
from rollups import registry
from rollups.models import Target
from rollups.models.target import FIRST_YEAR, LAST_YEAR

WRONG_YEAR = f"年份请在 {FIRST_YEAR} 和 {LAST_YEAR} 之间选择。"


class ChoiceForm(forms.Form):
    """Which indicator, and which year."""

    indicator = forms.ChoiceField(
        label="指标",
        error_messages={"invalid_choice": "没有“%(value)s”这个指标，请从列表中选择。"},
    )
    year = forms.IntegerField(
        label="年份",
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"年份请在 {FIRST_YEAR} 和 {LAST_YEAR} 之间选择。",
        ),
    )

    def __init__(self, asked):
        super().__init__(asked, label_suffix="")
        self.fields["indicator"].choices = [
            (one.code, f"{one.label}（{one.unit}）")
            for one in registry.all_indicators()
        ]


class TargetsForm(forms.Form):
    """A number for each branch, and the document all of them stand in."""

    document_number = forms.CharField(
        label="依据文号",
        max_length=100,
        required=False,
        validators=Target._meta.get_field("document_number").validators,
    )

    def __init__(self, *args, branches: list[Branch], held: dict[int, Target]):
        self.branches = branches
        documents = sorted({one.document_number for one in held.values()})
        initial = {"document_number": documents[-1] if documents else ""}
        for branch in branches:
            if branch.pk in held:
                value = held[branch.pk].value
                initial[_name(branch)] = f"{value.normalize():f}"
        super().__init__(*args, initial=initial, label_suffix="")
        for branch in branches:
            self.fields[_name(branch)] = self._number(branch)

    def _number(self, branch: Branch) -> forms.DecimalField:
        return forms.DecimalField(
            label=branch.name,
            required=False,
            max_digits=18,
            decimal_places=2,
            min_value=Decimal("0.01"),
            error_messages={
                "min_value": "目标必须大于 0；不定目标就留空。",
                "invalid": "请填数字，如 120。",
            },
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        )

    def clean(self):
        answers = super().clean()
        has_target = any(answers.get(_name(branch)) for branch in self.branches)
        if has_target and answers.get("document_number") == "":
            self.add_error("document_number", "请填写目标依据的文号。")
        return answers

    @property
    def values(self) -> dict[Branch, Decimal | None]:
        return {branch: self.cleaned_data[_name(branch)] for branch in self.branches}

    @property
    def lines(self) -> list[tuple]:
        """Return each branch with its field, in the order of the tree."""
        return [(branch, self[_name(branch)]) for branch in self.branches]


def _name(branch: Branch) -> str:
    return f"target-{branch.code}"
