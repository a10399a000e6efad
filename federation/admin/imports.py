"""The pages of an import: hand the file in, look at what it would do, confirm, undo."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from federation.admin.filters import BranchAndBelowFilter
from federation.admin.scoped import FederationAdmin, ReadOnlyMixin
from federation.disclosures import note_export
from federation.imports import progress, refused, runs
from federation.imports.places import SKIP
from federation.imports.plans import Kind
from federation.imports.registers import Register, register_of
from federation.journal import UNDO_DAYS, why_not
from federation.models import ImportRun

LINES_A_PAGE = 50
# What comes first is what somebody must look at.
ORDER = (Kind.REFUSED, Kind.CREATE, Kind.CHANGE, Kind.END, Kind.UNCHANGED)


@dataclass(frozen=True)
class Tab:
    """One kind of outcome, how many there are, and whether they are shown."""

    kind: Kind
    count: int
    is_shown: bool


class TakesFilesMixin:
    """The way to the import from the list of a register."""

    takes_files_of: str  # the register's code

    @action(description="导入名册", url_path="to-import", permissions=["import"])
    def import_roster(self, request):
        return HttpResponseRedirect(
            reverse("admin:federation_importrun_start", args=[self.takes_files_of])
        )

    def has_import_permission(self, request):
        return request.user.has_perm(register_of(self.takes_files_of).permission)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyMixin, FederationAdmin):
    list_display = ["filename", "branch", "status", "written", "made_by", "made_at"]
    list_select_related = ["branch", "made_by"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("branch", BranchAndBelowFilter),
    ]
    search_fields = ["filename", "branch__name", "made_by__name"]
    search_help_text = "文件名、妇联组织或经办人"

    @admin.display(description="写入")
    def written(self, run):
        return f"{run.write_count} 条" if run.is_done else "—"

    def get_queryset(self, request):
        return super().get_queryset(request).light()

    def get_urls(self):
        acts = {
            "answer": self.answer_view,
            "columns": self.columns_view,
            "confirm": self.confirm_view,
            "drop": self.drop_view,
            "undo": self.undo_view,
            "refused": self.refused_view,
        }
        closed = self.admin_site.admin_view
        own = [
            path(
                f"<int:object_id>/{name}/",
                closed(view),
                name=f"federation_importrun_{name}",
            )
            for name, view in acts.items()
        ]
        start = path(
            "start/<slug:code>/",
            closed(self.start_view),
            name="federation_importrun_start",
        )
        return [start, *own, *super().get_urls()]

    # Handing a file in

    def start_view(self, request, code):
        register = _register(code)
        if not request.user.has_perm(register.permission):
            raise PermissionDenied
        form = register.form(
            request.POST or None,
            request.FILES or None,
            user=request.user,
            register=register,
        )
        if request.method == "POST" and form.is_valid():
            try:
                run = _start(register, request.user, form)
            except ValidationError as refusal:
                form.add_error("file", refusal)
            else:
                return HttpResponseRedirect(run.get_absolute_url())
        context = {
            **self.admin_site.each_context(request),
            "title": f"导入{register.label}",
            "opts": self.opts,
            "register": register,
            "form": form,
            "media": form.media,
        }
        template = "admin/federation/importrun/start.html"
        return TemplateResponse(request, template, context)

    # Looking at it

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, object_id)
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method != "GET":
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(run),
            "opts": self.opts,
            **_shown(run, request),
        }
        template = "admin/federation/importrun/run.html"
        return TemplateResponse(request, template, context)

    # What one does with it

    def answer_view(self, request, object_id):
        def answer(run, user):
            runs.answer(run, user, _answers(run, request.POST))

        return self._act(request, object_id, answer, "已按您的选择重新核对。")

    def columns_view(self, request, object_id):
        def correct(run, user):
            runs.correct_columns(run, user, _meanings(run, request.POST))

        said = "已按您选的列重新核对，下次同样的表头也这样读。"
        return self._act(request, object_id, correct, said)

    def confirm_view(self, request, object_id):
        return self._act(
            request, object_id, runs.confirm, "已开始导入，可以关掉页面，稍后再来看。"
        )

    def drop_view(self, request, object_id):
        said = "已放弃这次导入，读到的内容已删除。"
        return self._act(request, object_id, runs.drop, said)

    def undo_view(self, request, object_id):
        said = "已撤销：这次导入写入的全部改回来了。"
        return self._act(request, object_id, runs.undo, said)

    def refused_view(self, request, object_id):
        run = self._handled(request, object_id)
        if run.content is None:
            messages.error(request, "内容已按期删除，不能再下载。")
            return HttpResponseRedirect(run.get_absolute_url())
        header, rows = refused.sheet_of(run)
        register = register_of(run.register)
        note_export(
            request.user,
            ImportRun,
            run.branch,
            purpose="改正没能导入的行",
            recipient=str(request.user),
            selection=str(run)[:500],
            rows=len(rows),
        )
        return register.send(f"没能导入的行（{run.branch.name}）.xlsx", header, rows)

    def _act(self, request, object_id, act, said):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run = self._handled(request, object_id)
        try:
            act(run, request.user)
        except ValidationError as refusal:
            messages.error(request, "".join(refusal.messages))
        else:
            messages.success(request, said)
        return HttpResponseRedirect(run.get_absolute_url())

    def _handled(self, request, object_id) -> ImportRun:
        """Return a run this account may handle: 404 out of sight, 403 without right."""
        run = self.get_object(request, str(object_id))
        if run is None:
            raise Http404
        if not runs.may_handle(run, request.user):
            raise PermissionDenied
        return run


def _register(code: str) -> Register:
    try:
        return register_of(code)
    except KeyError:
        raise Http404 from None


def _start(register: Register, user, form) -> ImportRun:
    answers = form.cleaned_data
    file = answers["file"]
    return runs.start(
        register,
        answers["branch"],
        user,
        file.name,
        file.read(),
        form.options(),
        answers["form_key"],
    )


def _answers(run: ImportRun, sent) -> dict[str, str]:
    """Return ``{word: code}`` for the questions that were answered; what was not
    offered is no answer."""
    _, questions, _ = runs.outcomes_of(run)
    found = {}
    for number, question in enumerate(questions):
        chosen = sent.get(f"word-{number}", "")
        if chosen == SKIP or chosen in dict(question.choices):
            found[question.word] = chosen
    return found


def _meanings(run: ImportRun, sent) -> dict[str, str]:
    """Return ``{title: column}`` as chosen; what was not offered is not taken."""
    labels = register_of(run.register).titles.labels
    found = {}
    for number, title in enumerate(sorted(run.columns)):
        chosen = sent.get(f"column-{number}")
        if chosen == "" or chosen in labels:
            found[title] = chosen
    return found


def _columns(run: ImportRun) -> list[tuple[int, str, str]]:
    """Return (number, title, column) of each title, those without a meaning first."""
    numbered = enumerate(sorted(run.columns))
    found = [(number, title, run.columns[title]) for number, title in numbered]
    return sorted(found, key=lambda one: (one[2] != "", one[0]))


def _shown(run: ImportRun, request) -> dict:
    outcomes, questions, notes = runs.outcomes_of(run)
    counts = {kind: getattr(run, f"{kind}_count") for kind in ORDER}
    chosen = request.GET.get("kind", "")
    if chosen not in counts:
        chosen = next((kind for kind in ORDER if counts[kind]), Kind.CREATE)
    listed = [outcome for outcome in outcomes if outcome.kind == chosen]
    register = register_of(run.register)
    titles, is_known = register.titles, register.needed in run.columns.values()
    refusal = why_not(run.journal) if run.is_done and run.journal else ""
    return {
        "run": run,
        "register": register,
        "list_page": reverse(register.list_page),
        "may_handle": runs.may_handle(run, request.user),
        "notes": notes,
        "questions": list(enumerate(questions)),
        "skip": SKIP,
        "columns": _columns(run),
        "labels": titles.labels,
        "missing_column": "" if is_known else titles.labels[register.needed],
        "tabs": [Tab(kind, counts[kind], kind == chosen) for kind in ORDER],
        "lines": Paginator(listed, LINES_A_PAGE).get_page(request.GET.get("page")),
        "share": progress.share(run.pk) if run.is_waiting else None,
        "undo_days": UNDO_DAYS,
        "undo_refusal": refusal,
    }
