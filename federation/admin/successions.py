"""The acts that change the tree, offered on a branch's page; and their record."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from federation.admin import succession_forms as paper
from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.models import Succession


class SuccessionActsMixin:
    """Six buttons, one page: the act's paper form, and what the tree says to it."""

    actions_detail = [
        {
            "title": "办理沿革",
            "items": [
                "found_below",
                "rename_branch",
                "transfer_branch",
                "merge_branch",
                "split_branch",
                "close_branch",
            ],
        }
    ]

    @action(description="成立下级组织", url_path="found", permissions=["succeed"])
    def found_below(self, request, object_id):
        return self._act(request, object_id, paper.FoundForm)

    @action(description="更名", url_path="rename", permissions=["succeed"])
    def rename_branch(self, request, object_id):
        return self._act(request, object_id, paper.RenameForm)

    @action(description="划转", url_path="transfer", permissions=["succeed"])
    def transfer_branch(self, request, object_id):
        return self._act(request, object_id, paper.TransferForm)

    @action(description="合并", url_path="merge", permissions=["succeed"])
    def merge_branch(self, request, object_id):
        return self._act(request, object_id, paper.MergeForm)

    @action(description="分设", url_path="split", permissions=["succeed"])
    def split_branch(self, request, object_id):
        return self._act(request, object_id, paper.SplitForm)

    @action(description="撤销", url_path="close", permissions=["succeed"])
    def close_branch(self, request, object_id):
        return self._act(request, object_id, paper.CloseForm)

    def has_succeed_permission(self, request, object_id=None):
        # A branch out of sight answers 404 on the act's own page.
        return request.user.has_perm(paper.PERMISSION)

    def get_actions_detail(self, request, object_id):
        branch = self.get_object(request, object_id)
        if branch is None or branch.is_closed:
            return []
        if not request.user.has_perm(paper.PERMISSION, branch):
            return []
        return super().get_actions_detail(request, object_id)

    def _act(self, request, object_id, form_class):
        branch = self.get_object(request, object_id)
        if branch is None:
            raise Http404
        if not request.user.has_perm(paper.PERMISSION, branch):
            raise PermissionDenied
        form = form_class(request.POST or None, branch=branch, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                shown = form.perform()
            except ValidationError as error:
                form.refuse(error)
                # The refused act may have touched the instance in memory.
                branch = self.get_object(request, object_id)
            else:
                messages.success(request, f"已办理{branch}的{form.title}。")
                page = reverse("admin:federation_branch_change", args=[shown.pk])
                return HttpResponseRedirect(page)
        return self._act_page(request, branch, form)

    def _act_page(self, request, branch, form):
        context = {
            **self.admin_site.each_context(request),
            "title": f"{branch} · {form.title}",
            "opts": self.opts,
            "branch": branch,
            "form": form,
            "media": form.media,
        }
        return TemplateResponse(request, "admin/federation/branch/act.html", context)


@admin.register(Succession)
class SuccessionAdmin(ReadOnlyMixin, FederationAdmin):
    list_display = ["effective_on", "act", "branch", "reason", "document_number"]
    list_select_related = ["branch"]
    list_filter = [("act", ChoicesDropdownFilter)]
    date_hierarchy = "effective_on"
    search_fields = ["branch__name", "branch__initials", "old_name", "document_number"]
    search_help_text = "组织名称、原名称、拼音首字母或文号"
    fields = [
        "act",
        "branch",
        "effective_on",
        ("old_name", "new_name"),
        ("old_parent", "new_parent"),
        "successors",
        "reason",
        "document_number",
        ("recorded_by", "recorded_at"),
    ]
