"""Branches as a tree that opens step by step; nothing is added, deleted or dragged:
what changes the tree is done by the acts in ``federation.admin.successions``."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from federation.admin.scoped import FederationAdmin
from federation.admin.stats import BranchStatInline
from federation.admin.successions import SuccessionActsMixin
from federation.models import Branch, Succession
from federation.months import UNTIL_EVER, local_today
from federation.panels import filled_panels
from federation.scope import granted_paths


class StandingFilter(DropdownFilter):
    """Branches that exist, unless asked otherwise."""

    title = "状态"
    parameter_name = "standing"
    all_option = ["", "现存"]

    def lookups(self, request, model_admin):
        return [("closed", "已撤销"), ("all", "全部")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        if self.value() == "closed":
            return queryset.filter(closed_on__lt=local_today())
        return queryset.active()


class BranchForm(forms.ModelForm):
    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        if kind == Branch.Kind.REGION:
            raise ValidationError("“区域”只用于镇街、村社区，请选单位的类别。")
        return kind


@admin.register(Branch)
class BranchAdmin(SuccessionActsMixin, FederationAdmin):
    form = BranchForm
    list_display = ["name", "parent", "level", "kind", "code", "standing"]
    list_select_related = ["parent"]
    list_filter = [
        StandingFilter,
        ("level", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    # Only so that there is a search box; ``matching`` does the search.
    search_fields = ["name"]
    search_help_text = "名称、编码或拼音首字母，如 mysq"
    ordering = ["path"]
    fieldsets = [
        (
            "组织",
            {
                "fields": [
                    "name",
                    "short_name",
                    "kind",
                    "level",
                    "parent",
                    "code",
                    "place_name",
                    ("founded_on", "closed_on"),
                ],
                "description": "名称、上级、成立和撤销要在右上角“办理沿革”里办理，"
                "这样以前各月的报表才不会变。",
            },
        ),
    ]
    readonly_fields = ["name", "level", "parent", "code", "founded_on", "closed_on"]
    inlines = [BranchStatInline]
    change_list_template = "admin/federation/branch/change_list.html"
    change_form_outer_after_template = "admin/federation/branch/_history.html"

    @admin.display(description="状态")
    def standing(self, branch):
        return f"{branch.closed_on} 撤销" if branch.is_closed else "现存"

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        is_unit = obj is not None and obj.level == Branch.Level.UNIT
        return self.readonly_fields if is_unit else [*self.readonly_fields, "kind"]

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    def get_urls(self):
        children = path(
            "<path:object_id>/children/",
            self.admin_site.admin_view(self.children_view),
            name="federation_branch_children",
        )
        return [children, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        # The tree; as soon as somebody searches or filters, the plain list.
        extra_context = extra_context or {}
        if request.method == "GET" and not request.GET:
            extra_context["tree"] = self.tops(request)
        return super().changelist_view(request, extra_context)

    def tops(self, request):
        """Return the highest branches this account may see, with one level opened if
        there is only one of them."""
        view = "federation.view_branch"
        paths = granted_paths(request.user, view)
        if "" in paths:
            tops = Branch.objects.filter(parent=None)
        else:
            tops = Branch.objects.filter(path__in=paths)
        tops = list(with_children(tops.visible_to(request.user, view)))
        if len(tops) == 1:
            tops[0].opened = self.below(request, tops[0])
        return tops

    def below(self, request, branch):
        return with_children(self.get_queryset(request).filter(parent=branch))

    def children_view(self, request, object_id):
        """Answer the rows below one branch, when its row is opened."""
        branch = self.get_object(request, object_id)
        if branch is None:
            raise Http404
        return TemplateResponse(
            request,
            "admin/federation/branch/_rows.html",
            {"branches": self.below(request, branch)},
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        branch = self.get_object(request, object_id)
        extra_context = extra_context or {}
        if branch is not None:
            extra_context |= {
                "successions": _history_of(branch),
                "placements": branch.placements.select_related("parent").order_by(
                    "from_month"
                ),
                "until_ever": UNTIL_EVER,
                "panels": filled_panels("branch_staff", request, branch=branch),
            }
        return super().change_view(request, object_id, form_url, extra_context)


def with_children(branches):
    """Return the existing ones of *branches* with ``children_count``."""
    today = local_today()
    living = Q(children__closed_on__isnull=True) | Q(children__closed_on__gte=today)
    count = Count("children", filter=living)
    return branches.active().annotate(children_count=count).order_by("path")


def _history_of(branch):
    """Return the acts of *branch* and those of others that led to it."""
    return (
        Succession.objects.filter(Q(branch=branch) | Q(successors=branch))
        .select_related("branch", "old_parent", "new_parent", "recorded_by")
        .prefetch_related("successors")
        .order_by("effective_on", "pk")
        .distinct()
    )
