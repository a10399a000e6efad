"""Who applies: the households of a village, or the villages the site proposes."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.http import Http404, HttpResponseRedirect
from django.urls import path

from families import board, recognition
from families.admin.batches.board import board_of
from families.admin.forms import ApplyForm
from families.admin.pages import FamilyPages, allowed, branch_of, refuse
from families.models import Household, Inspection, Recognition
from families.models.choices import Grade, Outcome, Subject
from families.recognition.applying import APPLY
from federation.models import Branch
from federation.months import local_today

MOST_SHOWN = 500
READY = Q(last_grade=Grade.MODEL, last_outcome=Outcome.MET)


class ApplyPage(FamilyPages):
    def get_urls(self):
        return [
            path(
                "<int:pk>/apply/",
                self.admin_site.admin_view(self.apply_view),
                name="families_batch_apply",
            ),
            *super().get_urls(),
        ]

    def apply_view(self, request, pk):
        batch = self.batch_of(request, pk)
        place = board.place_of(request.user, batch, branch_of(request, board.VIEW))
        if place is None:
            raise Http404
        allowed(request.user, APPLY, place)
        if batch.subject == Subject.VILLAGE:
            offer = self._villages(request, batch, place)
        elif place.level == Branch.Level.VILLAGE:
            offer = self._households(place)
        else:
            return self._which_village(request, batch, place)
        form = ApplyForm(request.POST or None, offered=offer["offered"])
        if request.method == "POST" and form.is_valid():
            name = offer["argument"]
            chosen = list(form.cleaned_data["chosen"].select_related(*offer["related"]))
            try:
                done = recognition.apply(
                    request.user, batch, form.cleaned_data["on"], **{name: chosen}
                )
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, f"已申报 {done} 个。")
                return HttpResponseRedirect(board_of(batch, place))
        ticked = set(form["chosen"].value() or []) if form.is_bound else offer["ready"]
        return self.page(
            request,
            "batch/apply",
            f"{batch.name}：申报",
            batch=batch,
            place=place,
            form=form,
            ticked={str(key) for key in ticked},
            back=board_of(batch, place),
            **offer,
        )

    def _households(self, village) -> dict:
        households = free_households(village)
        lines = list(households[: MOST_SHOWN + 1])
        return {
            "argument": "households",
            "offered": households,
            "related": ["branch"],
            "lines": lines[:MOST_SHOWN],
            "has_more": len(lines) > MOST_SHOWN,
            "ready": {line.pk for line in lines if line.is_ready},
        }

    def _villages(self, request, batch, place) -> dict:
        found = [
            (village, standing)
            for village, standing in recognition.proposals(request.user, local_today())
            if village.path.startswith(place.path)
        ]
        keys = [village.pk for village, _ in found]
        return {
            "argument": "branches",
            "offered": Branch.objects.filter(pk__in=keys),
            "related": [],
            "proposals": found,
            "ready": set(),
        }

    def _which_village(self, request, batch, place):
        villages = Branch.objects.within(place).active()
        villages = villages.filter(level=Branch.Level.VILLAGE)
        return self.page(
            request,
            "batch/which_village",
            f"{batch.name}：申报",
            batch=batch,
            place=place,
            villages=villages.select_related("parent").order_by("path"),
            back=board_of(batch, place),
        )


def free_households(village):
    """Return the households of *village* that could apply, with ``last_points``,
    ``last_grade`` and ``last_outcome`` of the newest inspection that counts, and
    whether by it they are worth it: ``is_ready``."""
    seen = Inspection.objects.filter(household=OuterRef("pk"))
    seen = seen.deciding_on_households().order_by("-inspected_on", "-pk")
    running = Recognition.objects.running().filter(branch=village)
    households = Household.objects.registered_on(local_today()).filter(branch=village)
    return (
        households.exclude(
            pk__in=running.of_households().order_by().values("household")
        )
        .annotate(
            last_points=Subquery(seen.values("points")[:1]),
            last_grade=Subquery(seen.values("grade")[:1]),
            last_outcome=Subquery(seen.values("outcome")[:1]),
        )
        .annotate(is_ready=Case(When(READY, then=True), default=False))
        # Those that are worth it first: a list that is cut leaves out the others.
        .order_by("-is_ready", "number")
    )
