"""The public pages made of several apps' parts: home, branches, search."""

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.views.generic import ListView, TemplateView

from federation.models import Branch
from federation.months import local_today
from federation.panels import filled_panels

BRANCHES_A_PAGE = 60
BRANCHES_FOUND = 12
LONGEST_QUESTION = 50


def words_of(request) -> str:
    """Return the searched words, cut to a sensible length."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION]


class HomeView(TemplateView):
    """What is on this week, and the way to one's own branch."""

    template_name = "federation/home.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            today=local_today(),
            branches=Branch.objects.public().filter(depth=1),
            panels=filled_panels("home", self.request),
            **kwargs,
        )


class BranchListView(ListView):
    """The streets with the number of their branches; or those that match words."""

    template_name = "federation/branch_list.html"
    context_object_name = "branches"
    paginate_by = BRANCHES_A_PAGE

    def get_queryset(self):
        self.words = words_of(self.request)
        branches = Branch.objects.public()
        if self.words:
            return branches.matching(self.words).select_related("parent")
        return with_children_count(branches.filter(depth=1))

    def get_context_data(self, **kwargs):
        return super().get_context_data(words=self.words, **kwargs)


class BranchView(TemplateView):
    """One branch: where it stands, what it does, what stands below it."""

    template_name = "federation/branch_detail.html"

    def get_context_data(self, code, **kwargs):
        branch = get_object_or_404(Branch.objects.all(), code=code)
        return super().get_context_data(
            branch=branch,
            ancestors=branch.ancestors(),
            children=with_children_count(Branch.objects.public().filter(parent=branch)),
            panels=filled_panels("branch", self.request, branch=branch),
            **kwargs,
        )


class SearchView(TemplateView):
    """Branches and, through panels, whatever else bears the words."""

    template_name = "federation/search.html"

    def get_context_data(self, **kwargs):
        words = words_of(self.request)
        context = super().get_context_data(words=words, **kwargs)
        if words:
            found = Branch.objects.public().matching(words).select_related("parent")
            context |= {
                "branches": found[:BRANCHES_FOUND],
                "branch_count": found.count(),
                "panels": filled_panels("search", self.request, words=words),
            }
        return context


def with_children_count(branches):
    """Annotate ``children_count``: the branches directly below that exist."""
    standing = Q(children__closed_on__isnull=True)
    return branches.annotate(
        children_count=Count("children", filter=standing)
    ).order_by("path")
