"""Candidates and results from an Excel roster, for one branch or with a sheet for each
village. Nothing of the file is kept, and nobody is guessed at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from federation import batches
from federation.imports.places import Places
from members.elections.plan import PERSON_FIELDS
from members.elections.starting import hold, refuse_closed
from members.models import Candidate, Election, Term
from members.rosters.people import People
from members.rosters.reading import RosterLine, read_roster

PERMISSION = "members.change_election"
RESULT = ["votes", "is_elected", "title", "concurrent_office"]


@dataclass
class Taken:
    """What came of a roster: how many candidates came, how many were there already and
    were told anew, and the lines that were refused, each with its reason."""

    added: int = 0
    changed: int = 0
    refused: list[tuple[RosterLine, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@transaction.atomic
def take_roster(election: Election, content: bytes, user, *, elected: bool) -> Taken:
    """
    Let the people in the roster stand, and mark them as *elected* if it is a result;
    the same roster again changes nothing twice.

    Raises ValidationError with the sentence for the reader if the file cannot be read
    or the election is over.
    """
    roster = read_roster(content)
    refuse_closed(hold(election))
    reading = _Reading(election, roster.lines, user, elected)
    taken = Taken(notes=roster.notes)
    new, changed = [], []
    for line, candidate, refusal in reading.lines():
        if refusal:
            taken.refused.append((line, refusal))
        else:
            (changed if candidate.pk else new).append(candidate)
    Candidate.objects.bulk_create(new, batch_size=batches.BATCH)
    Candidate.objects.bulk_update(changed, RESULT, batch_size=batches.BATCH)
    taken.added, taken.changed = len(new), len(changed)
    return taken


class _Reading:
    """Looks up where each line belongs and who it means, in a fixed number of
    queries."""

    def __init__(self, election: Election, lines: list[RosterLine], user, elected):
        self.found, self.elected = lines, elected
        self.places = Places(election.branch, user, PERMISSION, {})
        self.people = People(lines, user, "members.view_member")
        terms = election.terms.select_related("branch")
        self.terms: dict[int, Term] = {term.branch_id: term for term in terms}
        self.standing, self.seen = {}, {}
        for one in Candidate.objects.filter(term__election=election):
            self.standing[_key(one)] = one

    def lines(self) -> Iterator[tuple[RosterLine, Candidate | None, str]]:
        """Yield (line, its candidate, why it is refused)."""
        is_only_sheet = len({line.sheet for line in self.found}) == 1
        for line in self.found:
            place = self.places.find(
                line.branch, line.sheet, line.above, is_only_sheet=is_only_sheet
            )
            reason = "".join([*line.faults, place.refusal])
            term = place.branch and self.terms.get(place.branch.pk)
            if not reason and term is None:
                reason = f"{place.branch}不在这次换届里。"
            if reason:
                yield line, None, reason
            else:
                yield line, *self._candidate(line, term)

    def _candidate(self, line: RosterLine, term: Term) -> tuple[Candidate | None, str]:
        person, reason = self.people.find(line, term.branch)
        if reason:
            return None, reason
        candidate = _person(line, term, person)
        key = _key(candidate)
        if key in self.seen:
            return None, f"与第 {self.seen[key]} 行重复，请只留一行。"
        self.seen[key] = line.row
        candidate = self.standing.get(key, candidate)
        candidate.title = line.title
        candidate.votes = candidate.votes if line.votes is None else line.votes
        candidate.is_elected = candidate.is_elected or self.elected
        office = line.post.get("concurrent_office")
        candidate.concurrent_office = office or candidate.concurrent_office
        try:
            candidate.clean_fields(exclude=["term", "member"])
            candidate.clean()
        except ValidationError as refusal:
            return None, "".join(refusal.messages)
        return candidate, ""


def _person(line: RosterLine, term: Term, person) -> Candidate:
    candidate = Candidate(term=term, source=Candidate.Source.ROSTER)
    if person is not None:
        candidate.member = person.member
        return candidate
    for name in PERSON_FIELDS:
        if name in line.values:
            setattr(candidate, name, line.values[name])
    return candidate


def _key(candidate: Candidate) -> tuple:
    """Return what tells one candidate of a term from another."""
    if candidate.member_id:
        return candidate.term_id, candidate.member_id
    return candidate.term_id, candidate.name, candidate.birth_month
