"""补选 within a running term."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from federation.admin.autocomplete import ScopedSelect
from members import elections
from members.admin.elections.forms import PersonMixin, day_field
from members.admin.elections.pages import (
    ElectionPages,
    allowed,
    refuse,
    row_of,
    sent_to,
)
from members.elections.plan import PERSON_FIELDS, member_of
from members.models import Candidate, Member, Post, Term
from members.models.choices import Ending, Title

ADD_POST = "members.add_post"
# What ends one post and leaves the term running.
REASONS = [
    (ending.value, ending.label)
    for ending in (
        Ending.RESIGNED,
        Ending.TRANSFERRED,
        Ending.REPLACED,
        Ending.DISMISSED,
        Ending.DIED,
    )
]


class ByElectionForm(PersonMixin):
    """Who leaves, who comes, and when."""

    vacancy = forms.ModelChoiceField(
        Post.objects.none(),
        label="接替谁",
        required=False,
        empty_label="席位已经空缺",
    )
    ending = forms.ChoiceField(
        label="离任原因", choices=[("", "没有"), *REASONS], required=False
    )
    elected_on = day_field("补选日期")
    member = forms.ModelChoiceField(
        Member.objects.none(), label="从名册里选", required=False
    )

    class Meta:
        model = Candidate
        fields = ("title", "concurrent_office", *PERSON_FIELDS)

    def __init__(self, *args, term, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.term = term
        sitting = term.posts.filter(ended_on__isnull=True).select_related("member")
        self.fields["vacancy"].queryset = sitting
        self.fields["vacancy"].label_from_instance = lambda post: (
            f"{post.member.name}（{post.get_title_display()}）"
        )
        member = self.fields["member"]
        member.widget = ScopedSelect(
            Candidate._meta.get_field("member"), admin.site, "add"
        )
        member.queryset = Member.objects.current().visible_to(user)
        member.help_text = "名册里没有的，在下面填写新人。"
        self.fields["name"].required = False

    @property
    def facts(self):
        return [self[name] for name in PERSON_FIELDS]

    def clean(self):
        answers = super().clean()
        if bool(answers.get("member")) == bool(answers.get("name")):
            self.add_error("member", "请从名册里选一位，或者在下面填写一位新人。")
        if answers.get("vacancy") and not answers.get("ending"):
            self.add_error("ending", "请选离任原因。")
        return answers

    def validate_constraints(self):
        """No candidate is stored: she is elected at once."""

    def save(self) -> Post:
        """Elect her; raises ValidationError with what the rules of posts say."""
        answers, vacancy = self.cleaned_data, None
        if answers["vacancy"]:
            vacancy = elections.Vacancy(answers["vacancy"], answers["ending"])
        return elections.elect_to_vacancy(
            self.term,
            answers["member"] or member_of(self.instance, self.term),
            title=answers["title"],
            on=answers["elected_on"],
            concurrent_office=answers["concurrent_office"],
            vacancy=vacancy,
        )


class SeatPages(ElectionPages):
    def get_urls(self):
        page = path(
            "by-election/<int:term_id>/",
            self.admin_site.admin_view(self.by_election_view),
            name="members_election_by_election",
        )
        return [page, *super().get_urls()]

    def by_election_view(self, request, term_id):
        terms = Term.objects.visible_to(request.user).select_related("branch")
        term = allowed(request, ADD_POST, row_of(terms, term_id))
        data, is_sent = sent_to(request)
        form = ByElectionForm(data, term=term, user=request.user)
        if is_sent and form.is_valid():
            try:
                post = form.save()
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                return self._seated(request, post)
        back = reverse("admin:members_post_committee")
        return self.page(
            request,
            "by_election",
            f"{term}补选",
            term=term,
            form=form,
            media=form.media,
            back=f"{back}?branch={term.branch_id}",
        )

    def _seated(self, request, post):
        messages.success(
            request, f"{post.member}已补选为{post.branch}{post.get_title_display()}。"
        )
        if post.title == Title.CHAIR:
            return HttpResponseRedirect(
                reverse("admin:members_election_hand_over", args=[post.pk])
            )
        committee = reverse("admin:members_post_committee")
        return HttpResponseRedirect(f"{committee}?branch={post.branch_id}")
