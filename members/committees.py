"""A branch's committee on any day, and its terms one after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Value, When

from members.models import Post, Term
from members.models.choices import Title

TITLE_ORDER = Case(
    *[When(title=title, then=Value(place)) for place, title in enumerate(Title)]
)


@dataclass(frozen=True, slots=True)
class TermLine:
    """One elected term: from its election to the next one's, who chaired it one after
    another, and how many held posts in it."""

    term: Term
    until: date | None
    chairs: list[str]
    people: int
    is_shown: bool


def committee_on(branch, on: date):
    """Return the posts held in *branch* on *on*, in the order of a committee's list."""
    posts = Post.objects.filter(branch=branch).in_post(on)
    return posts.select_related("member", "term").order_by(
        TITLE_ORDER, "started_on", "pk"
    )


def terms_of(branch, on: date) -> list[TermLine]:
    """Return the elected terms of *branch*, the newest first; the one that ran on *on*
    is marked as shown."""
    terms = Term.objects.filter(branch=branch).elected().order_by("-number")
    terms = list(terms.annotate(people=Count("posts__member", distinct=True)))
    chairs = Post.objects.filter(term__in=terms).chairs().order_by("started_on")
    names: dict[int, list[str]] = {}
    for term_id, name in chairs.values_list("term_id", "member__name"):
        names.setdefault(term_id, []).append(name)
    lines, until = [], None
    for term in terms:
        is_shown = term.elected_on <= on and (until is None or on < until)
        lines.append(
            TermLine(term, until, names.get(term.pk, []), term.people, is_shown)
        )
        until = term.elected_on
    return lines
