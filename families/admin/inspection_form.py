"""The form of one inspection: a number for each criterion of the standard."""

import uuid

from django import forms

from families.admin.forms import DayInput
from families.inspections import (
    NOT_SCORED,
    TOO_MANY_POINTS,
    may_record,
    usual_outcome,
)
from families.models.choices import InspectionKind, Outcome
from federation.months import local_today


class DayForm(forms.Form):
    inspected_on = forms.DateField(
        label="评比日期", widget=DayInput, initial=local_today
    )


class CorrectionForm(forms.Form):
    """What was seen: fields ``score_<criterion>`` beside the rest; see
    ``families.inspections``."""

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

    def __init__(self, *args, standard, **kwargs):
        super().__init__(*args, **kwargs)
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
        """Return the arguments of ``inspections.record`` or ``correct``."""
        given = dict(self.cleaned_data)
        given["scores"] = {
            criterion.pk: given.pop(_name(criterion)) for criterion in self.criteria
        }
        return given


class InspectionForm(DayForm, CorrectionForm):
    """A look that is not recorded yet: also when, of what kind, and how it is told from
    a second sending."""

    Day = DayForm

    kind = forms.ChoiceField(label="类别", widget=forms.RadioSelect)
    client_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args, user, branch, standard, **kwargs):
        super().__init__(*args, standard=standard, **kwargs)
        self.fields["kind"].choices = [
            (kind, kind.label)
            for kind in InspectionKind
            if may_record(user, kind, branch, standard.subject)
        ]


def written(inspection) -> dict:
    """Return what ``CorrectionForm`` shows of *inspection*. An outcome that the points
    give by themselves is left to them: it follows them when they are mended."""
    outcome = inspection.outcome
    if outcome == usual_outcome(inspection.grade):
        outcome = ""
    points = {
        _name(criterion): inspection.scores.get(str(criterion.pk))
        for criterion in inspection.standard.criteria.all()
    }
    return points | {
        "outcome": outcome,
        "mend_by": inspection.mend_by,
        "inspectors": inspection.inspectors,
        "remark": inspection.remark,
    }


def _name(criterion) -> str:
    return f"score_{criterion.pk}"


def _field(criterion) -> forms.Field:
    if criterion.is_veto:
        return forms.BooleanField(
            label=criterion.name, required=False, help_text=criterion.hint
        )
    sentence = TOO_MANY_POINTS.format(name=criterion.name, weight=criterion.weight)
    return forms.IntegerField(
        label=f"{criterion.name}（{criterion.weight} 分）",
        min_value=0,
        max_value=criterion.weight,
        error_messages={
            "required": NOT_SCORED.format(names=criterion.name),
            **dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
        },
        help_text=criterion.hint,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
