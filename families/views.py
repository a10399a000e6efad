"""`/families/`: how far 出彩人家 has come, for everybody; `/families/today/`: where it
stands today, for staff, with the lists behind the numbers."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.views.generic import TemplateView

from families.chart import bars
from families.coverage import coverage
from families.inspections import ADD
from families.today import VIEW, today_of
from federation.months import local_today
from federation.scope import holds


class CoverageView(TemplateView):
    """Counts and rates by street and village, the same for everybody who asks."""

    template_name = "families/coverage.html"

    def get_context_data(self, **kwargs):
        found = coverage()
        return super().get_context_data(
            coverage=found,
            bars=bars(found.history) if found else [],
            may_see_today=holds(self.request.user, VIEW),
            **kwargs,
        )


class TodayView(LoginRequiredMixin, TemplateView):
    """The numbers of her own part of the tree, none left out."""

    template_name = "families/today.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        if not holds(user, VIEW):
            raise PermissionDenied
        found = today_of(user, local_today())
        return super().get_context_data(
            today=found,
            bars=bars([(past.month, past.line) for past in found.past]),
            may_inspect=holds(user, ADD),
            **kwargs,
        )
