"""换届进度: how far each street is in this round, and which terms are due next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from federation.models import Branch
from federation.months import Month
from members.models import Election, Term
from members.models.choices import TermStatus

Level = Branch.Level
COLUMNS = ("round", "elected", "approved", "filed", "overdue")


@dataclass(frozen=True, slots=True)
class Due:
    """The terms of one street that are due, the earliest first."""

    street: Branch
    terms: list[Term]


def streets_of(branches) -> list[Branch]:
    """Return the streets among *branches* in the order of the tree, and before them
    the branch above, which stands for what lies in no street; without any, the
    uppermost of *branches*: a village sees itself."""
    first = branches.order_by("path").first()
    streets = list(branches.filter(level=Level.TOWN).order_by("path"))
    return ([first] if first and first not in streets else []) + streets


def progress(streets: list[Branch], since: date, today: date) -> list[Branch]:
    """
    Return the *streets* with what their branches, and they themselves, have come to in
    the round since *since*: ``round`` terms are elected since or to be elected by the
    end of this year, of which ``elected``, ``approved`` (or filed) and ``filed``;
    ``overdue`` are due before *today* and not elected anew.
    """
    rows = []
    for street in streets:
        within = [one.path for one in streets if one.path.startswith(street.path)]
        within.remove(street.path)
        if within:  # counted there
            rows += _counted(
                [street], _outside(Term.objects.all(), within), since, today
            )
    inner = [street for street in streets if street not in rows]
    rows += _counted(inner, Term.objects.all(), since, today)
    return sorted(rows, key=lambda row: row.path)


def _outside(terms, paths: list[str]):
    inside = Q()
    for path in paths:
        inside |= Q(branch__path__startswith=path)
    return terms.exclude(inside)


def _counted(streets: list[Branch], terms, since: date, today: date):
    end_of_year = date(today.year, 12, 31)
    elected = Q(elected_on__gte=since, elected_on__lte=today)
    running = terms.running(today)
    # A branch counts once: as planned, or as due and not planned yet.
    planned = Term.objects.being_prepared().filter(branch=OuterRef("branch"))
    due = running.filter(~Exists(planned), due_on__lte=end_of_year).exclude(elected)
    done = terms.filter(elected)
    counts = {
        "waiting": terms.being_prepared(),
        "due": due,
        "elected": done,
        "approved": done.filter(status__in=(TermStatus.APPROVED, TermStatus.FILED)),
        "filed": done.filter(status=TermStatus.FILED),
        "overdue": running.filter(due_on__lt=today),
    }
    rows = Branch.objects.filter(pk__in=[street.pk for street in streets])
    rows = rows.annotate(**{name: _below(of) for name, of in counts.items()})
    return rows.annotate(round=F("waiting") + F("due") + F("elected"))


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
    by_street: dict[Branch, list[Term]] = {}
    for term in terms:
        by_street.setdefault(_street_of(term, streets), []).append(term)
    for street in streets:
        if found := by_street.get(street):
            yield Due(street, sorted(found, key=lambda term: term.due_on))


def _street_of(term: Term, streets: list[Branch]) -> Branch:
    above = [one for one in streets if term.branch.path.startswith(one.path)]
    return max(above, key=lambda street: street.depth)
