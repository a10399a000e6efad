"""A register of people or households as a file: for a purpose and a recipient, and
noted. Each register says what its file holds."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold import widgets
from unfold.decorators import action

from federation.admin.autocomplete import ScopedSelect
from federation.disclosures import note_export
from federation.id_numbers import refuse_id_number
from federation.models import Branch
from federation.months import local_today
from rollups.exports import xlsx_response

YES_NO = {True: "是", False: ""}


def permission_of(model) -> str:
    return f"{model._meta.app_label}.export_{model._meta.model_name}"


class PersonalExportForm(forms.Form):
    """What is taken away, why, and for whom. A register's own form says which ``model``
    it is of, its ``rows``, ``columns``, ``title`` and ``selection``."""

    model: type

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label="妇联组织", help_text="连同下级组织一起导出。"
    )
    on = forms.DateField(
        label="截止日期",
        widget=forms.DateInput(
            {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)},
            format="%Y-%m-%d",
        ),
    )
    with_phones = forms.BooleanField(
        label="包含完整手机号",
        required=False,
        widget=widgets.UnfoldBooleanWidget(),
        help_text="不勾选时，手机号中间四位隐去。",
    )
    purpose = forms.CharField(
        label="用途",
        max_length=200,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="如“2026 年三八节慰问名单”。",
    )
    recipient = forms.CharField(
        label="接收人",
        max_length=100,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="交给谁：单位和姓名。",
    )

    def __init__(self, *args, user, admin_site, **kwargs):
        super().__init__(*args, **kwargs)
        branch = self.fields["branch"]
        source = self.model._meta.get_field("branch")
        branch.widget = ScopedSelect(source, admin_site, "export")
        branch.queryset = Branch.objects.visible_to(user, permission_of(self.model))
        self.fields["on"].initial = local_today()

    def rows(self):
        """Return the queryset of what is asked for, in the order of the file."""
        raise NotImplementedError

    def columns(self) -> dict:
        """Return ``{"名称": lambda row: row.name}``."""
        raise NotImplementedError

    def title(self) -> str:
        """Return the name of the file, without its ending."""
        raise NotImplementedError

    def selection(self) -> str:
        """Return what was asked for, for the note that stays."""
        phones = "，含完整手机号" if self.cleaned_data["with_phones"] else ""
        return f"{self.cleaned_data['branch']}及下级，{self.chosen()}{phones}"

    def chosen(self) -> str:
        """Return in words which rows of the branches they are."""
        raise NotImplementedError


class PersonalExportMixin:
    """The button and the page of the export, on the admin of the register."""

    export_form: type[PersonalExportForm]

    @action(description="导出名册", url_path="to-export", permissions=["export"])
    def export_register(self, request):
        return HttpResponseRedirect(reverse(self._export_route()))

    def has_export_permission(self, request):
        return request.user.has_perm(permission_of(self.model))

    def get_urls(self):
        page = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name=self._export_route().removeprefix("admin:"),
        )
        return [page, *super().get_urls()]

    def export_view(self, request):
        if not self.has_export_permission(request):
            raise PermissionDenied
        form = self.export_form(
            request.POST or None, user=request.user, admin_site=self.admin_site
        )
        if request.method == "POST" and form.is_valid():
            return self._file(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": "导出名册",
            "opts": self.opts,
            "form": form,
            "media": form.media,
        }
        template = "admin/rollups/personal_export.html"
        return TemplateResponse(request, template, context)

    def _export_route(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_export"

    def _file(self, request, form):
        rows = form.rows()
        note_export(
            request.user,
            self.model,
            form.cleaned_data["branch"],
            purpose=form.cleaned_data["purpose"],
            recipient=form.cleaned_data["recipient"],
            selection=form.selection()[:500],
            rows=rows.count(),
        )
        filename = f"{form.title()}.xlsx"
        return xlsx_response(filename, form.columns(), rows.iterator(chunk_size=2000))
