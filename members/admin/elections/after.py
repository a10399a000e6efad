"""After the election: approval and filing of one term or all of them, and the chair's
rights where they were not given with the confirmation."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from federation.id_numbers import refuse_id_number
from federation.models import Branch
from members import elections
from members.admin.elections.confirming import codes_context
from members.admin.elections.forms import day_field
from members.admin.elections.pages import (
    CHANGE,
    ElectionPages,
    allowed,
    board_of,
    refuse,
    row_of,
    sent_to,
)
from members.models import Post

CHANGE_TERM = "members.change_term"
CHANGE_POST = "members.change_post"
BOTH = "文号和日期要一起填写。"


def number_field(label):
    return forms.CharField(
        label=label, required=False, max_length=100, validators=[refuse_id_number]
    )


class DocumentsForm(forms.Form):
    """The papers that came back, for the terms that are ticked."""

    approval_number = number_field("批复文号")
    approved_on = day_field("批复日期", required=False)
    filing_number = number_field("备案文号")
    filed_on = day_field("备案日期", required=False)
    terms = forms.ModelMultipleChoiceField(
        None,
        label="哪些组织",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个组织。"},
    )

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["terms"].queryset = terms
        self.fields["terms"].label_from_instance = lambda term: (
            f"{term.branch.name}（{term.get_status_display()}）"
        )
        self.fields["terms"].initial = list(terms)

    def clean(self):
        answers = super().clean()
        pairs = (("approval_number", "approved_on"), ("filing_number", "filed_on"))
        for number, day in pairs:
            if bool(answers.get(number)) != bool(answers.get(day)) and not (
                {number, day} & set(self.errors)
            ):
                self.add_error(number, BOTH)
        if not self.errors and not any(answers.get(day) for _, day in pairs):
            raise ValidationError("请填写批复或备案的文号和日期。")
        return answers

    def save(self) -> list[str]:
        """Enter what was filled in and return what happened; raises ValidationError."""
        answers, told = self.cleaned_data, []
        terms = answers["terms"]
        if answers["approved_on"]:
            count = elections.approve(
                terms, answers["approval_number"], answers["approved_on"]
            )
            told.append(f"批复已登记 {count} 个组织")
        if answers["filed_on"]:
            count = elections.file(terms, answers["filing_number"], answers["filed_on"])
            told.append(f"备案已登记 {count} 个组织")
        return told


class PostponeForm(forms.Form):
    planned_on = day_field("延期到")
    note = forms.CharField(
        label="原因和文号", max_length=200, validators=[refuse_id_number]
    )


class AfterPages(ElectionPages):
    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "<int:object_id>/documents/",
                closed(self.documents_view),
                name="members_election_documents",
            ),
            path(
                "postpone/<int:branch_id>/",
                closed(self.postpone_view),
                name="members_election_postpone",
            ),
            path(
                "hand-over/<int:post_id>/",
                closed(self.hand_over_view),
                name="members_election_hand_over",
            ),
            *super().get_urls(),
        ]

    def documents_view(self, request, object_id):
        election = self.election_of(request, object_id, CHANGE)
        if not election.is_confirmed:
            return HttpResponseRedirect(board_of(election))
        terms = election.terms.select_related("branch").order_by("branch__path")
        data, is_sent = sent_to(request)
        form = DocumentsForm(data, terms=terms)
        if is_sent and form.is_valid():
            try:
                told = form.save()
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{'，'.join(told)}。")
                return HttpResponseRedirect(board_of(election))
        return self.page(
            request,
            "form",
            "批复和备案",
            explanation="批复、备案下来以后在这里登记，只填已经拿到的。",
            form=form,
            button="登记",
            back=board_of(election),
        )

    def postpone_view(self, request, branch_id):
        branch = row_of(Branch.objects.active().visible_to(request.user), branch_id)
        allowed(request, CHANGE_TERM, branch)
        data, is_sent = sent_to(request)
        form = PostponeForm(data)
        if is_sent and form.is_valid():
            try:
                answers = form.cleaned_data
                term = elections.postpone(
                    branch, answers["planned_on"], answers["note"]
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{term}延期到 {term.planned_on}。")
                return HttpResponseRedirect(_progress())
        return self.page(
            request,
            "form",
            f"{branch}延期换届",
            explanation="写明延期到哪一天、为什么延期。现在的班子继续任职。",
            form=form,
            button="延期",
            back=_progress(),
        )

    def hand_over_view(self, request, post_id):
        seen = Post.objects.visible_to(request.user).select_related("branch", "member")
        post = allowed(request, CHANGE_POST, row_of(seen, post_id))
        if request.method == "POST":
            try:
                handover = elections.hand_over(post, request.user)
            except ValidationError as refusal:
                messages.error(request, "".join(refusal.messages))
                return HttpResponseRedirect(request.path)
            response = self.page(
                request,
                "handed_over",
                f"{post.branch}主席账号",
                handover=handover,
                **codes_context(request),
            )
            response["Cache-Control"] = "no-store"
            return response
        return self.page(
            request,
            "ask",
            f"为{post.branch}主席{post.member}开通账号",
            explanation="没有账号的新建账号，授权从任职那天起，卸任时自动结束；"
            "下一页显示一次性重置码，请当场告诉本人。",
            button="开通",
            back=_committee(post.branch),
        )


def _progress() -> str:
    return reverse("admin:members_election_progress")


def _committee(branch) -> str:
    return f"{reverse('admin:members_post_committee')}?branch={branch.pk}"
