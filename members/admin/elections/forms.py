"""The questions of an election, as they stand on paper."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from federation.admin.autocomplete import ScopedSelect, ScopedSelectMultiple
from federation.month_field import MonthField
from members.elections.plan import PERSON_FIELDS
from members.ethnicities import ETHNICITIES, HAN
from members.models import Candidate, Election, Member, Term, choices

RESULT_FIELDS = ("is_elected", "title", "concurrent_office", "votes")


def day_field(label, **options):
    options.setdefault("error_messages", {"invalid": "请填写日期，如 2026-03-02。"})
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


def number_field(label, **options):
    widget = forms.TextInput({"inputmode": "numeric", "pattern": "[0-9]*"})
    messages = {
        "invalid": "请填写整数。",
        "min_value": "请填写整数。",
        "max_value": "数字太大，请核对。",
    }
    limits = {"min_value": 0, "max_value": 100_000} | options
    return forms.IntegerField(
        label=label,
        required=False,
        widget=widget,
        error_messages=messages,
        **limits,
    )


def chips_field(label, of, **options):
    options.setdefault("required", False)
    return forms.ChoiceField(
        label=label, choices=of, widget=forms.RadioSelect, **options
    )


class StartForm(forms.Form):
    """Who elects, and when."""

    WHOLE = "whole"
    branch = forms.ModelChoiceField(
        None,
        label="妇联组织",
        error_messages={"required": "请选要换届的组织。"},
    )
    covers = chips_field(
        "谁换届",
        [("own", "这一个组织"), (WHOLE, "下面各村（社区）一起换届")],
        required=True,
        error_messages={"required": "请选一项。"},
    )
    elected_on = day_field(
        "选举日期",
        help_text="各村不在同一天的，先填大致的日期，到每个村的页面上再改。",
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, branches, **kwargs):
        super().__init__(*args, **kwargs)
        branch = self.fields["branch"]
        branch.widget = ScopedSelect(
            Election._meta.get_field("branch"), admin.site, "add"
        )
        branch.queryset = branches

    @property
    def answers(self) -> dict:
        told = self.cleaned_data
        return {
            "covers_below": told["covers"] == self.WHOLE,
            "elected_on": told["elected_on"],
            "form_key": told["form_key"],
        }


class TogetherForm(forms.Form):
    """What the villages of a street mostly have in common."""

    planned_on = day_field("选举日期", required=False)
    method = chips_field("选举方式", choices.Method)
    contest = chips_field("等额或差额", choices.Contest)


class TermForm(forms.ModelForm):
    """① 名额 and the frame of ③ 结果."""

    seats_planned = number_field("执委名额", min_value=1, max_value=999)
    planned_on = day_field("选举日期", required=False)
    method = chips_field("选举方式", choices.Method)
    contest = chips_field("等额或差额", choices.Contest)
    voters_expected = number_field("应到人数")
    voters_present = number_field("实到人数")

    class Meta:
        model = Term
        fields = [
            "seats_planned",
            "planned_on",
            "method",
            "contest",
            "voters_expected",
            "voters_present",
        ]


class PaperForm(forms.ModelForm):
    """Says 没有 and 未填 where Django draws a line for nothing chosen."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            choices = getattr(field, "choices", None)
            if isinstance(choices, list) and choices and choices[0][0] == "":
                nothing = "没有" if name == "concurrent_office" else "未填"
                field.choices = [("", nothing), *choices[1:]]


class PersonMixin(PaperForm):
    """The facts about somebody who is in no register yet."""

    birth_month = MonthField(label="出生年月", required=False)
    ethnicity = forms.ChoiceField(
        label="民族",
        choices=[(name, name) for name in ETHNICITIES],
        initial=HAN,
        required=False,
    )


class StandingForm(PaperForm):
    """One candidate of the register: how she came out, or that she stands no more."""

    votes = number_field("得票")
    remove = forms.BooleanField(label="移出名单", required=False)

    class Meta:
        model = Candidate
        fields = RESULT_FIELDS


class NewcomerForm(PersonMixin):
    """One candidate who is new: what is known of her as well."""

    votes = number_field("得票")
    remove = forms.BooleanField(label="移出名单", required=False)

    class Meta:
        model = Candidate
        fields = (*RESULT_FIELDS, *PERSON_FIELDS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    @property
    def facts(self):
        """The fields that describe her, apart from the result."""
        return [self[name] for name in PERSON_FIELDS]


def candidate_form(candidate: Candidate, data=None):
    form_class = StandingForm if candidate.member_id else NewcomerForm
    return form_class(data, instance=candidate, prefix=f"c{candidate.pk}")


class PersonForm(PersonMixin):
    """Somebody new, to be added to the list; left empty, nobody is."""

    class Meta:
        model = Candidate
        fields = (*PERSON_FIELDS, "title", "concurrent_office")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="new", **kwargs)
        self.fields["name"].required = False

    @property
    def facts(self):
        return [self[name] for name in PERSON_FIELDS]

    @property
    def is_empty(self) -> bool:
        return not self.has_changed()

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if not name and self.has_changed():
            raise ValidationError("请填写姓名；不添人的，请把这一块清空。")
        return name

    def validate_constraints(self):
        """An empty form is nobody, and that is right."""


class AddForm(forms.Form):
    """Who else stands: ticked in the old committee, found in the register."""

    committee = forms.MultipleChoiceField(
        label="上届班子",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    members = forms.ModelMultipleChoiceField(
        Member.objects.none(), label="名册里的其他人", required=False
    )

    def __init__(self, *args, committee, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["committee"].choices = [
            (post.member_id, f"{post.member.name}（{post.get_title_display()}）")
            for post in committee
        ]
        members = self.fields["members"]
        field = Candidate._meta.get_field("member")
        members.widget = ScopedSelectMultiple(field, admin.site, "change")
        members.queryset = Member.objects.current().visible_to(user)
        members.help_text = "输入姓名或拼音首字母来找。"
