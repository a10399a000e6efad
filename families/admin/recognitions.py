"""认定 in the admin: who is recognised, whose 复核 is due, and what becomes of each."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from families import recognition
from families.admin.filters import InForceFilter
from families.admin.forms import AfterForm
from families.admin.pages import FamilyPages, refuse, row_of
from families.models import Recognition
from families.models.choices import Act, Stage
from families.plates import ended_on
from families.recognition.after import REVOKE
from federation.admin.filters import BranchAndBelowFilter
from federation.admin.paging import ShortListMixin
from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.months import local_today

SHOWN_INSPECTIONS = 12


class TodoFilter(DropdownFilter):
    """What is to be done about those in force."""

    title = "要办的"
    parameter_name = "todo"
    all_option = ["", "全部"]

    def lookups(self, request, model_admin):
        return [("due", "复核到期"), ("mending", "限期整改中"), ("overdue", "整改到期")]

    def queryset(self, request, queryset):
        today = local_today()
        if self.value() == "due":
            return queryset.due_for_review(today)
        if self.value() == "mending":
            return queryset.to_mend()
        return (
            queryset.overdue_to_mend(today) if self.value() == "overdue" else queryset
        )


@admin.register(Recognition)
class RecognitionAdmin(ShortListMixin, FamilyPages, ReadOnlyMixin, FederationAdmin):
    """Rows are written by ``families.recognition`` alone; a page of one offers what may
    be done about it."""

    list_display = ["what", "stage", "granted", "review_due_on", "mend_by", "batch"]
    list_select_related = ["branch", "household__branch", "batch"]
    list_filter = [
        ("subject", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        InForceFilter,
        TodoFilter,
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["branch__name", "branch__initials", "branch__code"]
    search_help_text = "村（社区）的名称、编码或拼音首字母"
    ordering = ["branch__path", "household__number", "pk"]
    sortable_by = ["review_due_on", "mend_by"]
    actions = ["renew_selected"]

    @admin.display(description="家庭户或村")
    def what(self, row):
        return recognition.name_of(row)

    @admin.display(description="认定日期")
    def granted(self, row):
        return row.recognised_on

    def get_queryset(self, request):
        return super().get_queryset(request).without_former()

    def get_actions(self, request):
        actions = super().get_actions(request)
        if not request.user.has_perm(REVOKE):
            actions.pop("renew_selected", None)
        return actions

    @admin.action(description="所选的复核合格")
    def renew_selected(self, request, queryset):
        try:
            done = recognition.renew(request.user, queryset, local_today())
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        else:
            messages.success(request, f"复核合格：已办理 {done} 个。")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        seen = self.get_queryset(request)
        if not seen.filter(pk=_key(object_id)).exists():
            return super().change_view(request, object_id, form_url, extra_context)
        row = row_of(seen.select_related("branch", "household", "batch"), object_id)
        may_act = row.stage == Stage.GRANTED and request.user.has_perm(REVOKE, row)
        if request.method == "POST" and not request.user.has_perm(REVOKE, row):
            raise PermissionDenied
        form = AfterForm(request.POST or None, recognition=row) if may_act else None
        if request.method == "POST" and form and form.is_valid():
            try:
                self._do(request, row, **form.cleaned_data)
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                return HttpResponseRedirect(request.path)
        of_it = row.household or row.branch
        seen = of_it.inspections.all() if row.household else _of_village(row.branch)
        return self.page(
            request,
            "recognition/change",
            recognition.name_of(row),
            row=row,
            form=form,
            steps=row.steps.select_related("done_by"),
            inspections=seen[:SHOWN_INSPECTIONS],
            ended_on=ended_on(row, local_today()),
        )

    def _do(self, request, row, *, act, on, mend_by, reason) -> None:
        rows = Recognition.objects.filter(pk=row.pk)
        if act == Act.RENEW:
            recognition.renew(request.user, rows, on)
        elif act == Act.WARN:
            recognition.warn(request.user, rows, on, mend_by, reason)
        elif act == Act.MEND:
            recognition.mend(request.user, rows, on)
        else:
            recognition.revoke(request.user, rows, on, reason)
        messages.success(request, f"{Act(act).label}，已登记。")


def _key(text) -> int:
    return int(text) if str(text).isdecimal() and len(str(text)) < 19 else 0


def _of_village(branch):
    return branch.inspections.filter(household__isnull=True)
