"""`/families/`: how far 出彩人家 has come, for everybody; for staff without gaps and
with the lists behind the numbers."""

from django.views.generic import TemplateView

from families.chart import bars
from families.coverage import CLASSES, coverage
from federation.scope import holds_everywhere

VIEW = "families.view_household"


class CoverageView(TemplateView):
    """Counts and rates by street and village; ``?all=1`` shows staff of the whole
    district everything."""

    template_name = "families/coverage.html"

    def get_context_data(self, **kwargs):
        may_see_all = holds_everywhere(self.request.user, VIEW)
        everything = may_see_all and self.request.GET.get("all") == "1"
        found = coverage(everything=everything)
        return super().get_context_data(
            coverage=found,
            bars=bars(found.history) if found else [],
            borders=CLASSES,
            may_see_all=may_see_all,
            everything=everything,
            **kwargs,
        )
