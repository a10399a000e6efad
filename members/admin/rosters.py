"""The way to the import from the list of people."""

from django.http import HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action

from members.rosters.planning import PERMISSION


class RosterImportMixin:
    @action(description="导入名册", url_path="to-import", permissions=["import"])
    def import_roster(self, request):
        return HttpResponseRedirect(
            reverse("admin:federation_importrun_start", args=["roster"])
        )

    def has_import_permission(self, request):
        return request.user.has_perm(PERMISSION)
