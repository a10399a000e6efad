"""The form of one inspection: a number for each criterion of the standard."""

import uuid

from django import forms

from families.admin.forms import DayInput
from families.inspections import may_record
from families.models.choices import InspectionKind, Outcome
from federation.months import local_today


class DayForm(forms.Form):
    inspected_on = forms.DateField(
        label="评比日期", widget=DayInput, initial=local_today
    )


class InspectionForm(DayForm):
    """Fields ``score_<criterion>`` beside the rest; see ``families.inspections``."""

    Day = DayForm

    kind = forms.ChoiceField(label="类别", widget=forms.RadioSelect)
    outcome = forms.ChoiceField(
        label="结果",
        choices=[("", "按得分"), *Outcome.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    mend_by = forms.DateField(
        label="整改期限",
        widget=DayInput,
        required=False,
        help_text="只有限期整改要填。",
    )
    inspectors = forms.CharField(label="评比人", max_length=100, required=False)
    remark = forms.CharField(label="备注", max_length=200, required=False)
    client_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, standard, user, branch, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [
            (kind, kind.label)
            for kind in InspectionKind
            if may_record(user, kind, branch)
        ]
        self.criteria = list(standard.criteria.all())
        for criterion in self.criteria:
            self.fields[_name(criterion)] = _field(criterion)

    def scored(self):
        """Return the fields of the criteria, in order."""
        return [self[_name(criterion)] for criterion in self.criteria]

    def add_error(self, field, error):
        # What is wrong with the points as a whole stands above them.
        super().add_error(None if field == "scores" else field, error)

    def values(self) -> dict:
        """Return the arguments of ``inspections.record``."""
        given = dict(self.cleaned_data)
        given["scores"] = {
            criterion.pk: given.pop(_name(criterion)) for criterion in self.criteria
        }
        return given


def _name(criterion) -> str:
    return f"score_{criterion.pk}"


def _field(criterion) -> forms.Field:
    if criterion.is_veto:
        return forms.BooleanField(
            label=criterion.name, required=False, help_text=criterion.hint
        )
    return forms.IntegerField(
        label=f"{criterion.name}（{criterion.weight} 分）",
        min_value=0,
        max_value=criterion.weight,
        help_text=criterion.hint,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
