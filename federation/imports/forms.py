"""The page on which a file is handed in."""

import uuid

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold import widgets

from federation.admin.autocomplete import ScopedSelect
from federation.models import Branch

LARGEST = 20 * 1024 * 1024
DATE = {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)}


def date_field(label: str, **options) -> forms.DateField:
    widget = forms.DateInput(DATE, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class UploadForm(forms.Form):
    """The file and the branch it is for; a register's own form adds its questions."""

    # A foreign key to Branch of the model whose import permission counts.
    branch_field: forms.Field

    branch = forms.ModelChoiceField(
        Branch.objects.none(),
        label="妇联组织",
        help_text="表里没有写明组织的行，登记在这里；写明的，只能是它和它的下级。",
    )
    file = forms.FileField(
        label="名册文件",
        help_text="Excel（.xlsx、.xls）或 CSV，不超过 20 MB。",
        widget=forms.ClearableFileInput(
            {"accept": ".xlsx,.xls,.csv", "class": "import-file"}
        ),
        error_messages={"required": "请选择文件。", "empty": "这个文件是空的。"},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, register, **kwargs):
        super().__init__(*args, **kwargs)
        reachable = Branch.objects.active().visible_to(user, register.permission)
        branch = self.fields["branch"]
        branch.widget = ScopedSelect(self.branch_field, admin.site, "import")
        branch.queryset = reachable
        self.fields["form_key"].initial = uuid.uuid4
        if user.branch_id:
            branch.initial = reachable.filter(pk=user.branch_id).first()
        # What the register asks comes after the file.
        foot = [name for name in self.fields if name not in ("branch", "file")]
        self.order_fields(["branch", "file", *foot])

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError("文件超过 20 MB，请分成几个文件再导入。")
        return file

    def options(self) -> dict:
        """Return the answers to the register's own questions, as JSON."""
        return {}
