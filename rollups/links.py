"""The addresses on the pages: each number leads to its records, each branch to what
is below it. Whoever follows one keeps what she asked for."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

from federation.months import Month
from rollups.tables import REST, WHOLE, Question
from rollups.tables.wide import Column, Row


class Links:
    """The addresses that belong to one question. *chosen* are the parameters of the
    page that are not the question's: indicators, layout, comparisons."""

    def __init__(self, question: Question, chosen: dict):
        self.question = question
        self.chosen = chosen
        self._records = reverse("rollups:records")
        self._table = reverse("rollups:table")
        self._periods: dict[int, str] = {}

    def table(self, **changes) -> str:
        """Return the page with some parameters changed; None drops one."""
        return f"{self._table}?{self._query(**changes)}"

    def file(self, name: str) -> str:
        """Return a file of what this page shows; the layout is named, for without one
        a page is wide and a file long."""
        layout = self.chosen.get("layout") or "wide"
        return f"{reverse(name)}?{self._query(layout=layout)}"

    def opened(self, code: str) -> str:
        """Return the page of another branch, with what is directly below it."""
        return self.table(branch=code, level=None)

    def opened_before(self, code: str) -> str:
        """Return the page of a predecessor, as it was."""
        return self.table(branch=code, level=None, basis=None)

    def basis(self, basis: str | None) -> str:
        return self.table(basis=basis)

    def period(self, first: Month, last: Month) -> str:
        return self.table(**{"from": first, "to": last})

    def figure(self, row: Row, column: Column) -> str:
        """Return the page of the records behind a number of the wide table."""
        query = self._periods.get(id(column.question))
        if query is None:
            query = urlencode(_parameters(column.question))
            self._periods[id(column.question)] = query
        which = {WHOLE: "", REST: f"&row={REST}"}.get(row.key, f"&row={row.code}")
        return f"{self._records}?{query}{which}&indicator={column.indicator.code}"

    def long_figure(self, row: dict, *, own: bool) -> str:
        """Return the page of the records behind a number of the long table, whose row
        is one month of one programme alone."""
        asked = _parameters(self.question)
        asked |= {"from": row["month"], "to": row["month"]}
        asked |= {"indicator": row["indicator"], "row": row["branch_code"]}
        if self.question.basis:
            asked["basis"] = str(self.question.basis)
        if row["level"] == REST:
            asked["row"] = REST
        if row["programme"] != "none":
            asked["programme"] = row["programme"]
            # A distinct stands on the programme asked for, with its children.
            if row["kind"] != "distinct":
                asked["exact"] = 1
        if own:
            asked["own"] = 1
        return f"{self._records}?{urlencode(asked)}"

    def _query(self, **changes) -> str:
        asked = _parameters(self.question) | self.chosen | changes
        return urlencode(
            {
                name: value
                for name, value in asked.items()
                if value not in (None, "", [])
            },
            doseq=True,
        )


def _parameters(question: Question) -> dict:
    """Return the parameters that ask *question*, without its indicators."""
    asked = {
        "branch": question.branch.code,
        "from": str(question.first),
        "to": str(question.last),
        "level": question.level,
        "programme": question.programme.slug if question.programme else "",
        "basis": _basis(question),
    }
    return {name: value for name, value in asked.items() if value}


def _basis(question: Question) -> str:
    if question.basis is None:
        return ""
    return "now" if question.basis == question.last else str(question.basis)
