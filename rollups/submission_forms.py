"""What people send with a month's reporting."""

from __future__ import annotations

from django import forms

from federation.models.branches import Kind, Level
from rollups.models import Expectation
from rollups.models.submission import REPORTING_LEVELS
from rollups.submissions import Figures

LARGEST = 2_147_483_647  # of the columns


class SeenFiguresForm(forms.Form):
    """What stood on the page when she tapped: nobody confirms what she has not seen."""

    sessions = forms.IntegerField(min_value=0, max_value=LARGEST)
    attendance = forms.IntegerField(min_value=0, max_value=LARGEST)

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
