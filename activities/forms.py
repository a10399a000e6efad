"""The forms of the staff: one activity, its partners, what is said of a decision."""

from copy import copy
from itertools import groupby

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.models import ModelChoiceIterator

from activities import review
from activities.models import Activity, ActivityPartner
from activities.models.activity import NEGATIVE
from activities.models.choices import Audience, CountMethod, Happening, PartnerRole
from federation.id_numbers import refuse_id_number
from federation.models import Branch, Programme
from federation.months import local_today

# A broken constraint belongs to the field one would change.
FIELD_OF_CONSTRAINT = {
    "activity_ends_after_it_starts": "ends_on",
    "activity_time_ends_after_it_starts": "ends_at",
}
FIELD_OF_SENTENCE = {
    constraint.violation_error_message: FIELD_OF_CONSTRAINT[constraint.name]
    for constraint in Activity._meta.constraints
    if constraint.name in FIELD_OF_CONSTRAINT
}
FIELD_OF_CODE = {"month_closed": "starts_on"}


class DayInput(forms.DateInput):
    """The phone's own date picker; it speaks ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class HourInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class HeadcountField(forms.IntegerField):
    """A number of people, typed on the phone's numeric keyboard."""

    # Not type=number: it scrolls, takes 1e5 and swallows what it does not like.
    widget = forms.TextInput

    def __init__(self, **options):
        options.setdefault("required", False)
        sentences = {"invalid": "请填写整数。", "min_value": NEGATIVE}
        super().__init__(min_value=0, error_messages=sentences, **options)

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "pattern": "[0-9]*", "autocomplete": "off"}


class BranchesByStreet(ModelChoiceIterator):
    """Offers branches in tree order, the villages below the name of their street."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        branches = self.queryset.select_related("parent")
        for street, below in groupby(branches, key=self._street):
            yield (street, [self.choice(branch) for branch in below])

    def _street(self, branch) -> str:
        return branch.parent.name if branch.depth > 1 else branch.name


class BranchField(forms.ModelChoiceField):
    iterator = BranchesByStreet


class ActivityForm(forms.ModelForm):
    """
    One activity, as the village enters it.

    ``for_user`` makes the class for one account: what it offers is what it accepts.
    Of an approved activity it shows, and keeps, the change that waits.
    """

    user = None
    branches = Branch.objects.none()

    programme = forms.ModelChoiceField(
        label="项目",
        queryset=Programme.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一个项目。"},
    )
    branch = BranchField(
        label="主办妇联",
        queryset=Branch.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择主办妇联。",
            "invalid_choice": "您不能为这个妇联组织录入活动，请另选一个。",
        },
    )
    audience = forms.MultipleChoiceField(
        label="面向人群",
        required=False,
        choices=Audience,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列出的人群中选择。"},
    )
    attendance_offline = HeadcountField(label="线下人次")
    attendance_online = HeadcountField(label="线上人次")
    children_count = HeadcountField(label="其中儿童")
    view_count = HeadcountField(
        label="观看量",
        help_text="直播、视频的观看次数。只作参考，不算参加人次。",
    )

    class Meta:
        model = Activity
        fields = Activity.REVIEWED_FIELDS
        labels = {"ends_on": "到哪一天结束"}
        help_texts = {
            "ends_on": "只办一天的不用填。",
            "visibility": "“仅内部”不进公开日历，照样计数。",
            "happening": "日期已到又填了人次，会自动记为“已举办”。",
        }
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "place": forms.TextInput(
                attrs={"autocomplete": "off", "list": "places-used"}
            ),
            "lecturer": forms.TextInput(attrs={"autocomplete": "off"}),
            "starts_on": DayInput,
            "ends_on": DayInput,
            "starts_at": HourInput,
            "ends_at": HourInput,
            "kind": forms.Select,
            "count_method": forms.Select,
            "format": forms.RadioSelect,
            "visibility": forms.RadioSelect,
            "happening": forms.RadioSelect,
            "summary": forms.Textarea(attrs={"rows": 5}),
        }
        error_messages = {
            "title": {"required": "请填写活动名称。"},
            "starts_on": {
                "required": "请选择活动日期。",
                "invalid": "请选择一个日期，或写成 2026-03-08 的样子。",
            },
        }

    @classmethod
    def for_user(cls, user, branches) -> type["ActivityForm"]:
        """Return the form class of *user*, who may enter for *branches*."""
        return type(cls.__name__, (cls,), {"user": user, "branches": branches})

    def __init__(self, *args, instance=None, **kwargs):
        if instance is not None and instance.pk:
            # A copy: rights are asked about the stored row, not about the change.
            instance = review.working_copy(copy(instance))
        super().__init__(*args, instance=instance, **kwargs)
        if self.instance.ends_on == self.instance.starts_on:
            # Or moving a one-day activity would need two dates changed.
            self.initial["ends_on"] = None
        self.fields["count_method"].choices = [("", "不填"), *CountMethod.choices]
        audience = self.initial.get("audience") or ""
        if isinstance(audience, str):
            self.initial["audience"] = [code for code in audience.split(",") if code]
        chosen = Programme.objects.filter(pk=self.instance.programme_id or None)
        selectable = Programme.objects.selectable() | chosen
        self.fields["programme"].queryset = selectable.select_related("chapter")
        branch_id = self.instance.branch_id
        here = Branch.objects.filter(pk=branch_id) if branch_id else self.branches
        self.fields["branch"].queryset = (self.branches | here).order_by("path")

    def clean_audience(self) -> str:
        return ",".join(self.cleaned_data["audience"])

    def clean(self):
        cleaned = super().clean()
        day = cleaned.get("starts_on")
        if day is None or cleaned.get("happening") not in (
            Happening.PLANNED,
            Happening.HELD,
        ):
            return cleaned
        has_figures = any(
            cleaned.get(name) is not None
            for name in ("attendance_offline", "attendance_online")
        )
        if has_figures and day <= local_today():
            cleaned["happening"] = Happening.HELD
        elif not has_figures and day > local_today():
            cleaned["happening"] = Happening.PLANNED
        return cleaned

    def _update_errors(self, errors):
        super()._update_errors(_at_their_fields(errors))


def _at_their_fields(errors: ValidationError) -> ValidationError:
    """Return *errors* with a constraint's or a month's refusal at its field."""
    if hasattr(errors, "error_dict"):
        by_field = {name: list(found) for name, found in errors.error_dict.items()}
    else:
        by_field = {NON_FIELD_ERRORS: list(errors.error_list)}
    everywhere = []
    for error in by_field.pop(NON_FIELD_ERRORS, []):
        name = FIELD_OF_CODE.get(error.code) or FIELD_OF_SENTENCE.get(error.message)
        target = by_field.setdefault(name, []) if name else everywhere
        target.append(error)
    if everywhere:
        by_field[NON_FIELD_ERRORS] = everywhere
    return ValidationError(by_field)


class PartnerForm(forms.ModelForm):
    """A partner, by name: one input for a branch of ours and for any other body."""

    name = forms.CharField(
        label="单位",
        max_length=100,
        validators=[refuse_id_number],
        error_messages={"required": "请填写合作单位的名称。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = ActivityPartner
        fields = ["role"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = PartnerRole.JOINT
        self.fields["role"].choices = PartnerRole.choices
        if self.instance.pk:
            self.initial["name"] = partner_name(self.instance)

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        branch = branch_named(name)
        self.instance.branch = branch
        self.instance.organisation = "" if branch else name
        return name


class PartnerFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        taken = set()
        for form in self.forms:
            partner = form.instance
            is_empty = partner.branch_id is None and not partner.organisation
            if is_empty or form in self.deleted_forms:
                continue
            key = (partner.branch_id, partner.organisation, partner.role)
            if key in taken:
                form.add_error("name", "这个合作单位已经填过了。")
            elif partner.branch_id and partner.branch_id == self.instance.branch_id:
                form.add_error("name", "这是主办妇联自己，不用再填为合作单位。")
            taken.add(key)


def partner_name(partner: ActivityPartner) -> str:
    """Return the partner as one types it: ``branch_named`` finds it again."""
    return label_of(partner.branch) if partner.branch else partner.organisation


def label_of(branch: Branch) -> str:
    """Return the name with its place: four villages are called 官庄."""
    return (
        f"{branch.name}（{branch.parent.short_name}）" if branch.parent else branch.name
    )


def branch_named(name: str) -> Branch | None:
    """Return the existing branch called *name*, None if there is none. Raises
    ValidationError if several are: “官庄村妇联（绣惠街道）” tells which."""
    name = name.replace("(", "（").replace(")", "）")
    plain, _, place = name.removesuffix("）").partition("（")
    found = Branch.objects.active().filter(name=plain).select_related("parent")
    if place:
        found = found.filter(parent__short_name=place)
    found = list(found[:5])
    if len(found) > 1:
        names = "、".join(label_of(branch) for branch in found)
        raise ValidationError(f"有几个同名的组织，请写明是哪一个：{names}。")
    return found[0] if found else None
