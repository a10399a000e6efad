"""What the calendar's filter bar offers, and the address of each choice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery

from activities.filters import ActivityFilter
from activities.models import Activity
from activities.models.choices import Kind
from federation.models import Branch, Programme
from federation.paths import codes_of

INDENT = "　"


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a select, or one chip."""

    value: str
    label: str
    is_chosen: bool = False
    colour: str = ""
    query: str = ""


class FilterBar:
    """The choices beside a filtered calendar; what is chosen and valid is kept in
    every link of the page."""

    def __init__(self, filterset: ActivityFilter, view: str = ""):
        self.branch = filterset.chosen("branch")
        self.programme = filterset.chosen("programme")
        self.kind = filterset.chosen("kind") or ""
        self.words = filterset.chosen("q") or ""
        self.complaints = filterset.complaints()
        self.view = view

    @cached_property
    def filters(self) -> dict[str, str]:
        """The chosen filters as they stand in an address."""
        values = {
            "branch": self.branch.code if self.branch else "",
            "programme": self.programme.slug if self.programme else "",
            "kind": self.kind,
            "q": self.words,
        }
        return {name: value for name, value in values.items() if value}

    def query(self, **changes: str) -> str:
        """Return ``?branch=…`` with *changes*; nothing for the bare page."""
        values = {"view": self.view, **self.filters, **changes}
        values = {name: value for name, value in values.items() if value}
        return f"?{urlencode(values)}" if values else ""

    @property
    def feed_query(self) -> str:
        return f"?{urlencode(self.filters)}" if self.filters else ""

    @cached_property
    def places(self) -> list[Option]:
        """The streets, and below the chosen one its villages: a select of 600 is no
        choice."""
        chain = codes_of(self.branch.path) if self.branch else []
        branches = (
            Branch.objects.public()
            .filter(Q(depth=1) | Q(parent__code__in=chain))
            .order_by("path")
            .values_list("code", "short_name", "depth")
        )
        return [
            Option(code, INDENT * (depth - 1) + name, code in chain[-1:])
            for code, name, depth in branches
        ]

    @cached_property
    def _programmes(self) -> list[tuple[Programme, int]]:
        """The programmes to choose from with their depth, in the order of the tree:
        those with public activities, and what stands above them."""
        # In an order an index gives: for a programme without activities PostgreSQL
        # would otherwise read them all.
        of_this = Activity.objects.public().filter(programme=OuterRef("pk"))
        first = of_this.order_by("starts_on").values("pk")[:1]
        programmes = list(
            Programme.objects.public()
            .select_related("chapter")
            .annotate(first_activity=Subquery(first))
        )
        by_key = {programme.pk: programme for programme in programmes}
        used = {self.programme.pk} if self.programme else set()
        for programme in filter(lambda each: each.first_activity, programmes):
            while programme and programme.pk not in used:
                used.add(programme.pk)
                programme = by_key.get(programme.parent_id)
        below = defaultdict(list)
        for programme in programmes:
            if programme.pk in used:
                below[programme.parent_id].append(programme)
        return list(_walk(below, None, 0))

    @cached_property
    def programme_groups(self) -> list[tuple[str, list[Option]]]:
        """Chapters with their programmes."""
        groups = groupby(self._programmes, key=lambda item: item[0].chapter)
        return [
            (
                chapter.name if chapter else "其他",
                [
                    Option(p.slug, INDENT * depth + p.name, p == self.programme)
                    for p, depth in items
                ],
            )
            for chapter, items in groups
        ]

    @property
    def kinds(self) -> list[Option]:
        return [
            Option(value, label, value == self.kind) for value, label in Kind.choices
        ]

    @cached_property
    def chips(self) -> list[Option]:
        """One chip for each programme on top of the tree: also the colours' legend."""
        return [
            Option(
                programme.slug,
                programme.name,
                programme == self.programme,
                programme.colour,
                self.query(programme=programme.slug),
            )
            for programme, depth in self._programmes
            if depth == 0
        ]

    @property
    def chosen(self) -> list[Option]:
        """What is chosen, each with the address that leaves it out."""
        labels = {
            "branch": self.branch and self.branch.short_name,
            "programme": self.programme and self.programme.name,
            "kind": self.kind and Kind(self.kind).label,
            "q": self.words and f"“{self.words}”",
        }
        return [
            Option(name, label, query=self.query(**{name: ""}))
            for name, label in labels.items()
            if label
        ]

    @property
    def nothing_chosen_query(self) -> str:
        return self.query(branch="", programme="", kind="", q="")

    @property
    def all_programmes_query(self) -> str:
        return self.query(programme="")


def _walk(below: dict, parent_id, depth: int):
    for programme in below[parent_id]:
        yield programme, depth
        yield from _walk(below, programme.pk, depth + 1)
