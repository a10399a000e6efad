"""Candidates or results from an Excel roster."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import path

from federation.imports.forms import LARGEST
from members import elections
from members.admin.elections.pages import CHANGE, ElectionPages, board_of, refuse


class RosterForm(forms.Form):
    file = forms.FileField(
        label="名单文件",
        help_text="Excel（.xlsx、.xls）或 CSV。一个村一张工作表，或者表里有一列写村名；"
        "要有姓名和职务，可以有出生年月、得票等列。身份证号一列不读取。",
        widget=forms.FileInput({"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择文件。", "empty": "这个文件是空的。"},
    )
    elected = forms.BooleanField(
        label="这是选举结果，名单上的人都已当选", required=False
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError("文件超过 20 MB，请分成几个文件再传。")
        return file


class RosterPage(ElectionPages):
    def get_urls(self):
        page = path(
            "<int:object_id>/roster/",
            self.admin_site.admin_view(self.roster_view),
            name="members_election_roster",
        )
        return [page, *super().get_urls()]

    def roster_view(self, request, object_id):
        election = self.election_of(request, object_id, CHANGE)
        if not election.is_open:
            return HttpResponseRedirect(board_of(election))
        is_sent = request.method == "POST"
        form = RosterForm(*((request.POST, request.FILES) if is_sent else ()))
        taken = None
        if is_sent and form.is_valid():
            content = form.cleaned_data["file"].read()
            try:
                taken = elections.take_roster(
                    election,
                    content,
                    request.user,
                    elected=form.cleaned_data["elected"],
                )
            except ValidationError as refusal:
                refuse(form, refusal)
        if taken is not None and not taken.refused:
            told = f"名单已读入：新列 {taken.added} 人，更新 {taken.changed} 人。"
            messages.success(request, "".join([told, *taken.notes]))
            return HttpResponseRedirect(board_of(election))
        return self.page(
            request,
            "roster",
            "从 Excel 名单读入",
            election=election,
            form=form,
            taken=taken,
        )
