"""A batch's board, and the page that asks once more before a street is decided."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse

from families import board, recognition
from families.admin.forms import AdvanceForm
from families.admin.pages import FamilyPages, allowed, branch_of, refuse
from families.models.choices import Act
from families.recognition.applying import APPLY
from federation.models import Branch
from federation.scope import holds

CHANGE = "families.change_batch"
PRINT = "families.print_plate"


class BoardPage(FamilyPages):
    """Stands where the list of batches leads to; the batch's own form is beside it."""

    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/board/",
                closed(self.board_view),
                name="families_batch_board",
            ),
            path(
                "<int:pk>/advance/",
                closed(self.advance_view),
                name="families_batch_advance",
            ),
            *super().get_urls(),
        ]

    def board_view(self, request, pk):
        batch = self.batch_of(request, pk)
        asked = branch_of(request, board.VIEW)
        place = board.place_of(request.user, batch, asked)
        if place is None:
            raise Http404
        whole, lines = board.lines_of(request.user, batch, place)
        if place.level == Branch.Level.VILLAGE:
            lines = []
        return self.page(
            request,
            "batch/board",
            batch.name,
            batch=batch,
            place=place,
            above=self._above(request, batch, place),
            whole=whole,
            lines=[line for line in lines if line.total],
            idle=[line for line in lines if not line.total],
            may_change=request.user.has_perm(CHANGE, batch),
            may_apply=holds(request.user, APPLY, place.path),
            may_print=holds(request.user, PRINT, place.path),
        )

    def _above(self, request, batch, place):
        """Return the place one level up, if it is on her board too."""
        if place.parent_id is None or place.pk == batch.branch_id:
            return None
        parents = Branch.objects.filter(pk=place.parent_id)
        return board.place_of(request.user, batch, parents.first())

    def advance_view(self, request, pk):
        """Ask once more, with the date; then do it for all or none."""
        batch = self.batch_of(request, pk)
        asked = request.POST if request.method == "POST" else request.GET
        seen = Branch.objects.visible_to(request.user, board.VIEW)
        places = seen.within(batch.branch)
        form = AdvanceForm(asked, places=places)
        form.full_clean()
        act, place = form.cleaned_data.get("act"), form.cleaned_data.get("branch")
        if act is None or place is None:
            raise Http404
        stride = recognition.STRIDES[act]
        allowed(request.user, stride.right, place)
        rows = batch.recognitions.within(place).filter(stage=stride.before)
        back = board_of(batch, place)
        if request.method == "POST" and form.is_valid():
            try:
                done = recognition.advance(
                    request.user, act, rows, form.cleaned_data["on"]
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"{Act(act).label}：已办理 {done} 个。")
                return HttpResponseRedirect(back)
        if request.method == "GET":
            form = AdvanceForm(initial={"act": act, "branch": place}, places=places)
        return self.page(
            request,
            "batch/advance",
            f"{board.label_of(act)}：{place.short_name}",
            batch=batch,
            place=place,
            label=board.label_of(act),
            count=rows.count(),
            form=form,
            back=back,
        )


def board_of(batch, place=None) -> str:
    query = f"?branch={place.pk}" if place else ""
    return reverse("admin:families_batch_board", args=[batch.pk]) + query
