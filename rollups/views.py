"""The pages of the rollups: the table, its files, and the records behind a number."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import Http404
from django.views.generic import TemplateView

from federation.models import Branch
from federation.panels import filled_panels
from federation.scope import holds_everywhere
from rollups import files
from rollups.closings import chain_head
from rollups.forms import (
    EXPORT,
    LONG,
    VIEW,
    WIDE,
    PageForm,
    RecordsForm,
    TableForm,
    branch_asked_for,
)
from rollups.freshness import freshness
from rollups.links import Links
from rollups.month_pages import VIEW_TARGETS
from rollups.pages import (
    closed_months,
    long_page,
    page_links,
    record_page,
    tree_part,
    wide_page,
)
from rollups.records import evidence
from rollups.tables import (
    REST,
    WHOLE,
    LongTable,
    Question,
    WideTable,
    wide_table,
)
from rollups.tables.notes import gap_notes
from rollups.tables.tree import places
from rollups.wording import shown

LONG_ROWS_A_PAGE = 200
RECORDS_A_PAGE = 50


class AskedView(LoginRequiredMixin, TemplateView):
    """A page that answers a question; a wrong parameter gets a sentence on the page."""

    template_name = "rollups/table.html"
    permission = VIEW
    form_class = TableForm

    def get(self, request, *args, **kwargs):
        code = request.GET.get("branch")
        self.branch, self.paths = branch_asked_for(request.user, self.permission, code)
        self.form = self.form_class(request.GET)
        if self.form.is_valid():
            return self.answer(self.form.question(self.branch, self.paths))
        context = self.get_context_data(sentences=self.form.sentences)
        return self.render_to_response(context, status=400)

    def answer(self, question: Question):
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        above = Branch.objects.visible_to(self.request.user, VIEW)
        return super().get_context_data(
            branch=self.branch,
            form=self.form,
            ancestors=above.filter(code__in=self.branch.ancestor_codes()),
            tops=self._tops(),
            head=chain_head(),
            **kwargs,
        )

    def _tops(self):
        """Return where the reader's own trees begin, if she has several."""
        if len(self.paths) < 2:
            return []
        return Branch.objects.filter(path__in=self.paths).order_by("path")


class TableView(AskedView):
    """`/rollups/`: one branch's listing, wide for people or long."""

    form_class = PageForm

    def answer(self, question):
        layout = self.form.cleaned_data["layout"] or WIDE
        links = Links(question, self.form.chosen)
        show = self._long if layout == LONG else self._wide
        table = self._table(question, layout)
        return self.render_to_response(
            self.get_context_data(
                question=question,
                freshness=freshness(question, table.coverage),
                months=closed_months(question, table.coverage),
                layout=layout,
                chosen_count=len(self.form.chosen["indicator"]),
                links=page_links(links),
                tree=tree_part(table, links),
                panels=filled_panels("figures", self.request, question=question),
                **show(table, links),
            )
        )

    def _table(self, question, layout) -> WideTable | LongTable:
        if layout == LONG:
            return LongTable(question)
        return wide_table(question, **self.form.columns)

    def _wide(self, table, links) -> dict:
        shown = {"wide": wide_page(table, links)}
        if self.form.cleaned_data["target"]:
            shown["target_year"] = table.question.last.year
            may_see = holds_everywhere(self.request.user, VIEW_TARGETS)
            shown["may_see_targets"] = may_see
        return shown

    def _long(self, table, links) -> dict:
        pages = Paginator(table, LONG_ROWS_A_PAGE)
        lines = pages.get_page(self.request.GET.get("page"))
        return {"lines": lines, "long": long_page(table, lines, links)}


class CsvView(AskedView):
    """`/rollups/monthly.csv`."""

    permission = EXPORT

    def answer(self, question):
        return _proved(files.csv_file(self.form, question))


class XlsxView(AskedView):
    """`/rollups/monthly.xlsx`."""

    permission = EXPORT

    def answer(self, question):
        return _proved(files.xlsx_file(self.form, question))


def _proved(response):
    """Say beside the file which chain of revisions its closed months stand in: the
    long layout's columns are fixed, and have no place for it."""
    response["X-Revision-Chain"] = chain_head()
    return response


class RecordsView(AskedView):
    """`/rollups/records/`: the records behind one number, and that they give it."""

    template_name = "rollups/records.html"
    form_class = RecordsForm

    def answer(self, question):
        indicator = question.indicators[0]
        if indicator not in question.asked:
            raise Http404  # it knows no programmes: there was no such number
        key = self.form.key(question)
        found = evidence(question, indicator, key, own=self.form.cleaned_data["own"])
        records = found.records.visible_to(self.request.user)
        pages = Paginator(records, RECORDS_A_PAGE)
        lines = pages.get_page(self.request.GET.get("page"))
        return self.render_to_response(
            self.get_context_data(
                question=question,
                indicator=indicator,
                evidence=found,
                parts=[(part, shown(figure)) for part, figure in found.parts],
                figure=shown(found.figure),
                stored=shown(found.stored),
                row_name=self._row_name(question, key),
                hidden=found.records.count() - pages.count,
                notes=gap_notes(found.gap, indicator),
                lines=lines,
                records=record_page(found, lines),
                back=Links(question, {}).table(),
            )
        )

    def _row_name(self, question, key) -> str:
        name = question.branch.name
        if key not in (WHOLE, REST):
            name = places([key], question.named_in)[key].name
        suffix = "（本级及直属）" if key == REST else ""
        own = "本级" if self.form.cleaned_data["own"] and key != REST else ""
        return f"{name}{suffix}{own}"
