"""What is asked beside a file of households."""

from django.core.exceptions import ValidationError

from families.models import Household
from federation.imports.forms import UploadForm, date_field
from federation.months import SINCE_EVER, local_today


class HouseholdRosterForm(UploadForm):
    branch_field = Household._meta.get_field("branch")

    entered_on = date_field(
        "登记日期",
        required=False,
        help_text="新增的户从这一天起算在册；不填，就是今天。",
    )

    def clean_entered_on(self):
        day = self.cleaned_data["entered_on"]
        if day and day > local_today():
            raise ValidationError("日期在今天之后，请核对。")
        if day and day < SINCE_EVER:
            raise ValidationError("日期早于 1900 年，请核对年份。")
        return day

    def options(self) -> dict:
        day = self.cleaned_data["entered_on"]
        return {"entered_on": day.isoformat() if day else ""}
