"""What the district says when it opens a closed month again."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from django import forms

from federation.models import Placement
from federation.months import Month, local_today
from rollups.models import Correction

USUAL_DAYS = 7
EVERYBODY = "整个月，所有组织"


class ReopenForm(forms.Form):
    """For everybody, or for one branch of the month's tree until a day. Those with
    corrections that wait to be entered stand first."""

    branch = forms.ChoiceField(
        label="对谁开账",
        required=False,
        error_messages={"invalid_choice": "请从列出的组织中选择。"},
    )
    until = forms.DateField(
        label="只对一个组织时，开到哪一天",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期没有看懂，请写成 2026-11-20 的样子。"},
    )
    reason = forms.CharField(
        label="原因",
        max_length=200,
        required=False,  # the act itself says that it is missing
        error_messages={"max_length": "原因请写在 200 字以内。"},
    )

    def __init__(self, month: Month, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = local_today() + timedelta(days=USUAL_DAYS)
        self.fields["branch"].choices = _choices(month)


def _choices(month: Month) -> list:
    waiting = set(
        Correction.objects.of_month(month).to_enter().values_list("branch", flat=True)
    )
    tree = Placement.objects.covering(month).filter(depth__gt=0).order_by("path")
    rows = list(tree.values_list("branch_id", "name", "path"))
    first = [
        (pk, f"{name}（有补录／更正等着）") for pk, name, _ in rows if pk in waiting
    ]
    choices = [("", EVERYBODY), *([("有补录／更正等着入账", first)] if first else [])]
    for _, street in groupby(rows, key=lambda row: row[2].split("/")[1]):
        street = list(street)
        choices.append((street[0][1], [(pk, name) for pk, name, _ in street]))
    return choices
