"""The questions that acts on recognitions ask."""

from django import forms
from django.core.exceptions import ValidationError

from families.models import Household, Recognition
from families.models.choices import Act
from families.recognition import STRIDES
from federation.models import Branch
from federation.months import local_today

LONGEST_KEY = 18  # digits


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class OnForm(forms.Form):
    """When an act is done."""

    on = forms.DateField(label="办理日期", widget=DayInput, initial=local_today)


class AdvanceForm(OnForm):
    """One stride with everything that stands before it in a place."""

    act = forms.ChoiceField(
        choices=[(act, Act(act).label) for act in STRIDES], widget=forms.HiddenInput
    )
    branch = forms.ModelChoiceField(Branch.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = places


class TickedField(forms.ModelMultipleChoiceField):
    """Rows ticked in a list; a key no database could hold is none of them."""

    def __init__(self, queryset, *, required: str):
        changed = "名单有变动，请重新勾选。"
        sentences = {"required": required, "invalid_choice": changed}
        sentences |= {"invalid_pk_value": changed, "invalid_list": changed}
        super().__init__(queryset, error_messages=sentences)

    def _check_values(self, value):
        if any(len(str(key)) > LONGEST_KEY for key in value):
            raise ValidationError(self.error_messages["invalid_pk_value"])
        return super()._check_values(value)


class ChosenForm(OnForm):
    """The next stride, or a refusal, for the rows that were ticked."""

    rows = TickedField(Recognition.objects.none(), required="请先勾选。")
    reason = forms.CharField(label="不予通过的原因", max_length=200, required=False)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rows"].queryset = rows


class ApplyForm(OnForm):
    """Which of the offered apply."""

    chosen = TickedField(Household.objects.none(), required="请先勾选要申报的。")

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = offered


class AfterForm(OnForm):
    """What becomes of a recognition after its grant."""

    RENEW, WARN, MEND, REVOKE = Act.RENEW, Act.WARN, Act.MEND, Act.REVOKE

    act = forms.ChoiceField(
        label="办理",
        choices=[(act, act.label) for act in (RENEW, WARN, MEND, REVOKE)],
        widget=forms.RadioSelect,
    )
    mend_by = forms.DateField(
        label="整改期限",
        widget=DayInput,
        required=False,
        help_text="只有限期整改要填。",
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        required=False,
        help_text="限期整改和摘牌要写明，不写家里人的姓名和私事。",
    )

    def __init__(self, *args, recognition, **kwargs):
        super().__init__(*args, **kwargs)
        not_now = Act.RENEW if recognition.mend_by else Act.MEND
        again = {Act.WARN} if recognition.mend_by else set()
        choices = self.fields["act"].choices
        self.fields["act"].choices = [
            (act, label) for act, label in choices if act not in {not_now, *again}
        ]
