"""A month in a form: chosen on a phone, or typed as rosters write it."""

from django import forms
from unfold import widgets


class MonthInput(forms.DateInput):
    input_type = "month"

    def __init__(self):
        super().__init__({"class": " ".join(widgets.INPUT_CLASSES)}, format="%Y-%m")


class MonthField(forms.DateField):
    """Takes ``1985-03``, ``1985.3``, ``1985/3`` or a whole date, and gives the first
    day of the month."""

    widget = MonthInput
    input_formats = ["%Y-%m", "%Y.%m", "%Y/%m", "%Y年%m月", "%Y-%m-%d", "%Y/%m/%d"]

    def to_python(self, value):
        day = super().to_python(value)
        return day and day.replace(day=1)
