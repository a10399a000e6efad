"""换届进度: how far each street is in this round, and which terms are due next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from federation.models import Branch
from federation.months import Month
from members.models import Election, Term
from members.models.choices import BEFORE_ELECTION, TermStatus

Level = Branch.Level
COLUMNS = ("round", "elected", "approved", "filed", "overdue")


@dataclass(frozen=True, slots=True)
class Due:
    """The terms of one street that are due, the earliest first."""

    street: Branch
    terms: list[Term]


def streets_of(branches) -> list[Branch]:
    """Return the streets among *branches*, in the order of the tree; without any, the
    uppermost of *branches*: a village sees itself."""
    streets = list(branches.filter(level=Level.TOWN).order_by("path"))
    if streets:
        return streets
    first = branches.order_by("path").first()
    return [first] if first else []


def progress(streets: list[Branch], since: date, today: date):
    """
    Return the *streets* with what their branches, and they themselves, have come to in
    the round since *since*: ``round`` terms are elected since or to be elected by the
    end of this year, of which ``elected``, ``approved`` (or filed) and ``filed``;
    ``overdue`` are due before *today* and not elected anew.
    """
    end_of_year = date(today.year, 12, 31)
    elected = Q(elected_on__gte=since, elected_on__lte=today)
    terms = Term.objects.all()
    running = terms.running(today)
    # A branch counts once: as planned, or as due and not planned yet.
    planned = terms.being_prepared().filter(branch=OuterRef("branch"))
    due = running.filter(~Exists(planned), due_on__lte=end_of_year).exclude(elected)
    waiting = terms.filter(status__in=BEFORE_ELECTION)
    done = terms.filter(elected)
    counts = {
        "waiting": waiting,
        "due": due,
        "elected": done,
        "approved": done.filter(status__in=(TermStatus.APPROVED, TermStatus.FILED)),
        "filed": done.filter(status=TermStatus.FILED),
        "overdue": running.filter(due_on__lt=today),
    }
    rows = Branch.objects.filter(pk__in=[street.pk for street in streets])
    rows = rows.annotate(**{name: _below(of) for name, of in counts.items()})
    rows = rows.annotate(round=F("waiting") + F("due") + F("elected"))
    return rows.order_by("path")


def _below(terms):
    """Return how many of *terms* are of the outer branch or of one below it today."""
    inside = terms.filter(
        branch__path__startswith=OuterRef("path"), branch__closed_on__isnull=True
    )
    one = inside.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(one.annotate(count=Count("pk")).values("count"), 0)


def due_terms(streets: list[Branch], today: date, months: int) -> Iterator[Due]:
    """Yield for each street the running terms due within *months*, overdue ones too,
    which are not being elected yet."""
    by = Month.of(today).plus(months).last_day
    in_election = Term.objects.filter(
        branch=OuterRef("branch"), election__in=Election.objects.open()
    )
    terms = Term.objects.due_by(today, by=by).filter(
        ~Exists(in_election), branch__closed_on__isnull=True
    )
    terms = terms.within_paths([street.path for street in streets])
    terms = terms.select_related("branch").order_by("branch__path")
    by_street = {
        street: list(group)
        for street, group in groupby(terms, lambda term: _street_of(term, streets))
    }
    for street in streets:
        if found := by_street.get(street):
            yield Due(street, sorted(found, key=lambda term: term.due_on))


def _street_of(term: Term, streets: list[Branch]) -> Branch:
    return next(
        street for street in streets if term.branch.path.startswith(street.path)
    )
