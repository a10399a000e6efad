"""What people send with a month's reporting."""

from __future__ import annotations

import re
import unicodedata

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from federation.models.branches import Kind, Level
from rollups.models import Expectation
from rollups.models.reported import VALUE
from rollups.models.submission import REPORTING_LEVELS
from rollups.submissions import Answer, AnswersError, Asked, Figures

LARGEST = 2_147_483_647  # of the columns
LONGEST_NUMBER = 30  # that anybody types
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


class SeenFiguresForm(forms.Form):
    """What stood on the page when she tapped: nobody confirms what she has not seen."""

    sessions = forms.IntegerField(min_value=0, max_value=LARGEST)
    attendance = forms.IntegerField(min_value=0, max_value=LARGEST)
    reported = forms.CharField(required=False, max_length=10_000, strip=False)

    @property
    def figures(self) -> Figures:
        return Figures(self.cleaned_data["sessions"], self.cleaned_data["attendance"])


class DeadlineForm(forms.Form):
    """Until when a month is to be reported."""

    due_at = forms.DateTimeField(
        label="报送截止时间",
        required=False,
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
    )


class ExpectationForm(forms.Form):
    """Who reports every month."""

    levels = forms.MultipleChoiceField(
        label="层级",
        choices=[(level.value, Level(level).label) for level in REPORTING_LEVELS],
        widget=forms.CheckboxSelectMultiple,
    )
    kinds = forms.MultipleChoiceField(
        label="类别", choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def of(cls, rule: Expectation) -> ExpectationForm:
        return cls(initial={"levels": rule.levels, "kinds": rule.kinds})


class NumberField(forms.DecimalField):
    """A number as people type it: ``1,200``, ``１２``, ``12 ``."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": "请只填数字，如 12。",
        "max_digits": "这个数太大了，请核对。",
        "max_whole_digits": "这个数太大了，请核对。",
        "max_decimal_places": "最多填两位小数。",
    }

    def to_python(self, value):
        if value in self.empty_values:
            return None
        plain = unicodedata.normalize("NFKC", str(value))
        plain = plain.strip()
        if GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        if not plain:
            return None
        # Python reads 1e3, 1_000 and NaN as numbers; nobody means them here.
        if len(plain) > LONGEST_NUMBER or set(plain) - set("0123456789.-+"):
            raise forms.ValidationError(self.error_messages["invalid"])
        return super().to_python(plain)


class FillForm(forms.Form):
    """What a branch is asked for a month: a number each, and a word why where it is
    asked for."""

    def __init__(self, asked: list[Asked], data=None):
        super().__init__(data, label_suffix="")
        self.asked = {one.batch.pk: one for one in asked}
        for pk, one in self.asked.items():
            figure = one.figure
            self.fields[f"value_{pk}"] = NumberField(
                label=str(one.batch),
                required=False,
                initial=figure and figure.value.normalize().__format__("f"),
                **VALUE,
            )
            self.fields[f"why_{pk}"] = forms.CharField(
                label="说明",
                required=False,
                max_length=200,
                initial=figure and figure.explanation,
            )

    def answers(self, *, zeros: bool = False) -> list[Answer]:
        """Return what was typed in a valid form; with *zeros*, 0 for what was left
        empty and is still silent."""
        return [
            Answer(pk, self._value(pk, zeros), self.cleaned_data[f"why_{pk}"])
            for pk in self.asked
        ]

    def _value(self, pk: int, zeros: bool):
        value = self.cleaned_data[f"value_{pk}"]
        is_silent = value is None and self.asked[pk].is_missing
        return 0 if zeros and is_silent else value

    def take_back(self, error: AnswersError) -> None:
        """Put what the models refused beside the fields."""
        for pk, fields in error.by_batch.items():
            for name, sentences in fields.items():
                field = "why" if name == "explanation" else "value"
                if name not in ("value", "explanation", NON_FIELD_ERRORS):
                    sentences = [f"{name}: {one}" for one in sentences]
                for sentence in sentences:
                    self.add_error(f"{field}_{pk}", sentence)

    @property
    def lines(self) -> list[dict]:
        """Return the questions with their fields, for the template."""
        return [self._line(pk, one) for pk, one in self.asked.items()]

    def _line(self, pk: int, one: Asked) -> dict:
        value, why = self[f"value_{pk}"], self[f"why_{pk}"]
        asks_why = bool(why.errors or why.value())
        return {"asked": one, "value": value, "why": why if asks_why else None}


class LateFigureForm(forms.Form):
    """What a figure of a closed month should have been, and why."""

    batch = forms.IntegerField(min_value=1, max_value=LARGEST)
    token = forms.UUIDField()
    value = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=2,
        error_messages={
            "required": "请填更正后的数。",
            "invalid": "更正后的数请填数字。",
        },
    )
    reason = forms.CharField(max_length=200, required=False, strip=True)
