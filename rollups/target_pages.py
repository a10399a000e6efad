"""The page on which the district sets a year's targets: one indicator, one year, all
towns."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.generic import TemplateView

from federation.models import Branch
from federation.months import Month
from federation.scope import holds_everywhere
from rollups import registry, targets
from rollups.models import Target
from rollups.models.target import TARGETED_LEVELS
from rollups.month_pages import VIEW_TARGETS, MonthMixin
from rollups.tables import WHOLE, Question, read_figures
from rollups.tables.tree import read_spans
from rollups.target_forms import ChoiceForm, TargetsForm
from rollups.wording import shown

CHANGE = "rollups.change_target"


class TargetsView(MonthMixin, TemplateView):
    """`/rollups/targets/?indicator=activities.sessions&year=2026`."""

    template_name = "rollups/targets.html"
    http_method_names = ["get", "post"]

    def _allowed(self, user) -> bool:
        # The table shows every town's.
        return holds_everywhere(user, VIEW_TARGETS)

    def get(self, request, *args, **kwargs):
        self.choice = ChoiceForm(self._chosen())
        if not self.choice.is_valid():
            return self.render_to_response(self.get_context_data(), status=400)
        return self.render_to_response(self.get_context_data(form=self._form()))

    def post(self, request, *args, **kwargs):
        if not self.holds_all(CHANGE):
            raise PermissionDenied
        self.choice = ChoiceForm(self._chosen())
        if not self.choice.is_valid():
            return self.render_to_response(self.get_context_data(), status=400)
        form = self._form(request.POST)
        if not form.is_valid():
            context = self.get_context_data(form=form)
            return self.render_to_response(context, status=400)
        try:
            changed = targets.keep(
                *self.asked, form.values, form.cleaned_data["document_number"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            context = self.get_context_data(form=form)
            return self.render_to_response(context, status=400)
        said = f"已保存，改了 {changed} 个目标。" if changed else "没有改动。"
        messages.success(request, said)
        indicator, year = self.asked
        query = urlencode({"indicator": indicator, "year": year})
        return redirect(f"{reverse('rollups:targets')}?{query}")

    def get_context_data(self, form=None, **kwargs):
        context = super().get_context_data(
            choice=self.choice, may_change=self.holds_all(CHANGE), **kwargs
        )
        if form is not None:
            code, year = self.asked
            done = self._done_last_year(form.branches)
            context |= {
                "form": form,
                "indicator": registry.indicator(code),
                "year": year,
                "lines": [
                    (branch, field, shown(done.get(branch.pk)))
                    for branch, field in form.lines
                ],
            }
        return context

    def _chosen(self) -> dict:
        asked = self.request.GET
        usual = registry.usual_indicators()
        return {
            "indicator": asked.get("indicator") or (usual[0].code if usual else ""),
            "year": asked.get("year") or Month.current().year,
        }

    @property
    def asked(self) -> tuple[str, int]:
        return self.choice.cleaned_data["indicator"], self.choice.cleaned_data["year"]

    def _form(self, data=None) -> TargetsForm:
        code, year = self.asked
        held = Target.objects.of(code, year).select_related("branch")
        held = {target.branch_id: target for target in held}
        branches = Branch.objects.visible_to(self.request.user, VIEW_TARGETS)
        branches = branches.filter(level__in=TARGETED_LEVELS).order_by("path")
        return TargetsForm(
            data,
            branches=[b for b in branches if not b.is_closed or b.pk in held],
            held=held,
        )

    def _done_last_year(self, branches) -> dict[int, Decimal | None]:
        """Return what each branch did in the year before, to measure a target by."""
        code, year = self.asked
        root = Branch.objects.root()
        question = Question(
            branch=root,
            first=Month(year - 1, 1),
            last=Month(year - 1, 12),
            indicators=(registry.indicator(code),),
            level=Branch.Level.TOWN,
        )
        figures = read_figures(question, read_spans(question))
        indicator = question.indicators[0]
        return {
            branch.pk: figures.of(WHOLE if branch == root else branch.pk, indicator)
            for branch in branches
        }
