"""What is asked beside a roster's file."""

from django import forms
from django.core.exceptions import ValidationError
from unfold import widgets

from federation.imports.forms import UploadForm, date_field
from federation.months import local_today
from members.models import Member, Post

ENDINGS = [
    choice for choice in Post.Ending.choices if choice[0] != Post.Ending.BRANCH_CLOSED
]


class RosterForm(UploadForm):
    branch_field = Member._meta.get_field("branch")

    starts_on = date_field(
        "任职日期",
        required=False,
        help_text="表里没有任职时间的人，从这一天起任职；不填，按本届的选举日期。",
    )
    is_complete = forms.BooleanField(
        label="这是完整名单",
        required=False,
        widget=widgets.UnfoldBooleanWidget(),
        help_text="勾选后，表里出现的组织中，在任而名单上没有的人一并卸任。",
    )
    ends_on = date_field(
        "名单上没有的人：卸任日期",
        required=False,
        help_text="从这一天起不再任职；不填，就是今天。",
    )
    ending = forms.ChoiceField(
        label="名单上没有的人：卸任原因",
        choices=ENDINGS,
        initial=Post.Ending.RESIGNED,
        widget=widgets.UnfoldAdminSelectWidget(),
        help_text="表里只写了卸任日期、没写原因的人，也按这个原因。",
    )

    def clean(self):
        answers = super().clean()
        for name in ("starts_on", "ends_on"):
            if answers.get(name) and answers[name] > local_today():
                self.add_error(name, ValidationError("日期在今天之后，请核对。"))
        return answers

    def options(self) -> dict:
        answers = self.cleaned_data
        return {
            name: answers[name].isoformat() if answers[name] else ""
            for name in ("starts_on", "ends_on")
        } | {"is_complete": answers["is_complete"], "ending": answers["ending"]}
