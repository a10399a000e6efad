"""The rows of a batch in one place: looked at, ticked, passed on or turned down."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponseRedirect
from django.urls import path

from families import board, recognition
from families.admin.forms import ChosenForm
from families.admin.pages import FamilyPages, asked_for, branch_of, refuse
from families.models import Inspection
from families.models.choices import Act, Stage
from families.recognition.applying import APPLY
from families.recognition.deciding import REVIEW
from federation.scope import holds

ROWS_A_PAGE = 50


class RowsPage(FamilyPages):
    def get_urls(self):
        return [
            path(
                "<int:pk>/rows/",
                self.admin_site.admin_view(self.rows_view),
                name="families_batch_rows",
            ),
            *super().get_urls(),
        ]

    def rows_view(self, request, pk):
        batch = self.batch_of(request, pk)
        place = board.place_of(request.user, batch, branch_of(request, board.VIEW))
        stage = asked_for(request, "stage")
        if place is None or stage not in Stage.values:
            raise Http404
        rows = batch.recognitions.visible_to(request.user, board.VIEW).within(place)
        rows = rows.without_former().filter(stage=stage)
        form = ChosenForm(request.POST or None, rows=rows)
        if request.method == "POST" and form.is_valid():
            try:
                self._do(request, form, rows)
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                return HttpResponseRedirect(request.get_full_path())
        shown = with_last_seen(rows).select_related("branch", "household")
        shown = shown.order_by("branch__path", "household__number", "pk")
        page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("page"))
        return self.page(
            request,
            "batch/rows",
            f"{batch.name}：{Stage(stage).label}",
            batch=batch,
            place=place,
            stage=Stage(stage),
            form=form,
            ticked=set(form["rows"].value() or []) if form.is_bound else set(),
            rows=page,
            next=(act := self._next(request.user, stage, place)),
            label=board.label_of(act) if act else "",
            may_refuse=self._may_refuse(request.user, stage, place),
        )

    def _next(self, user, stage, place) -> Act | None:
        """Return the stride that she may take with rows of *stage*."""
        for act, stride in recognition.STRIDES.items():
            if stride.before == stage and holds(user, stride.right, place.path):
                return Act(act)
        return None

    def _may_refuse(self, user, stage, place) -> bool:
        if stage == Stage.APPLIED:
            return holds(user, APPLY, place.path)
        is_on_the_way = any(s.before == stage for s in recognition.STRIDES.values())
        return is_on_the_way and holds(user, REVIEW, place.path)

    def _do(self, request, form, rows) -> None:
        chosen = rows.filter(pk__in=[row.pk for row in form.cleaned_data["rows"]])
        on = form.cleaned_data["on"]
        if "_refuse" in request.POST:
            reason = form.cleaned_data["reason"]
            done = recognition.refuse(request.user, chosen, on, reason)
            messages.success(request, f"{done} 个不予通过，原因已记下。")
            return
        act = request.POST.get("act")
        if act not in recognition.STRIDES:
            raise ValidationError("请点下面的按钮办理。")
        done = recognition.advance(request.user, act, chosen, on)
        messages.success(request, f"{Act(act).label}：已办理 {done} 个。")


def with_last_seen(rows):
    """Annotate ``last_points`` and ``last_seen_on``: the newest inspection that counts
    for a household."""
    seen = Inspection.objects.filter(household=OuterRef("household"))
    seen = seen.deciding_on_households().order_by("-inspected_on", "-pk")
    return rows.annotate(
        last_points=Subquery(seen.values("points")[:1]),
        last_seen_on=Subquery(seen.values("inspected_on")[:1]),
    )
