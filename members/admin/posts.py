"""The posts of the register, and a committee as it was on any day."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from federation.admin.autocomplete import ScopedSelect
from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin
from federation.models import Branch
from federation.months import local_today
from members import committees
from members.admin.filters import InPostFilter
from members.admin.structure import PostStructureMixin
from members.models import Post


class CommitteeForm(forms.Form):
    """Whose committee, and on which day."""

    branch = forms.ModelChoiceField(Branch.objects.none(), label="妇联组织")
    on = forms.DateField(
        label="日期",
        required=False,
        widget=forms.DateInput(
            {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)},
            format="%Y-%m-%d",
        ),
    )

    def __init__(self, *args, user, admin_site, **kwargs):
        super().__init__(*args, **kwargs)
        branch = self.fields["branch"]
        branch.widget = ScopedSelect(Post._meta.get_field("branch"), admin_site, "")
        # Closed ones too: who sat in them is still asked.
        branch.queryset = Branch.objects.visible_to(user, "members.view_post")
        self.fields["on"].initial = local_today()


class CommitteeMixin:
    @action(
        description="看班子", url_path="see-committee", permissions=["see_committee"]
    )
    def see_committee(self, request):
        return HttpResponseRedirect(reverse("admin:members_post_committee"))

    def has_see_committee_permission(self, request):
        return self.has_view_permission(request)

    def get_urls(self):
        page = path(
            "committee/",
            self.admin_site.admin_view(self.committee_view),
            name="members_post_committee",
        )
        return [page, *super().get_urls()]

    def committee_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = {"on": local_today().isoformat()} | request.GET.dict()
        form = CommitteeForm(
            asked if request.GET else None,
            user=request.user,
            admin_site=self.admin_site,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": "班子成员",
            "opts": self.opts,
            "form": form,
            "media": form.media,
        }
        if form.is_valid():
            branch = form.cleaned_data["branch"]
            on = form.cleaned_data["on"] or local_today()
            context |= {
                "branch": branch,
                "on": on,
                "committee": committees.committee_on(branch, on),
                "terms": committees.terms_of(branch, on),
            }
        template = "admin/members/post/committee.html"
        return TemplateResponse(request, template, context)


@admin.register(Post)
class PostAdmin(CommitteeMixin, PostStructureMixin, FederationAdmin):
    list_display = ["member", "branch", "title", "started_on", "ended_on", "ending"]
    list_select_related = ["member", "branch"]
    list_filter = [
        InPostFilter,
        ("title", ChoicesDropdownFilter),
        ("ending", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = [
        "member__name",
        "member__initials",
        "branch__name",
        "branch__initials",
    ]
    search_help_text = "姓名或妇联组织，也可以用拼音首字母"
    date_hierarchy = "started_on"
    autocomplete_fields = ["member", "branch", "term"]
    actions_list = ["see_committee", "see_structure"]
    fieldsets = [
        (
            "任职",
            {"fields": ["member", "branch", "term", ("title", "concurrent_office")]},
        ),
        ("起止", {"fields": ["started_on", ("ended_on", "ending")]}),
    ]
