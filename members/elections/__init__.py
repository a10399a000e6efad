"""换届: one branch's committee, or those of a street's villages, elected at once.

    election = start(street, covers_below=True, elected_on=…, by=user, form_key=…)
    take_committees(election.terms.all())      # candidates; or add, or take_roster
    for problem in check(plan_of(election)): …
    outcome = confirm(election, by)            # one transaction
    undo(election, by)                         # as a whole, until a record stands on it

Nothing here knows a request: the pages are ``members.admin.elections``.
"""

from members.elections.after import approve, file, postpone
from members.elections.by_election import Vacancy, elect_to_vacancy
from members.elections.candidates import elect_everybody, take_committees
from members.elections.checking import Problem, check
from members.elections.confirming import Outcome, RefusedError, confirm, undo
from members.elections.handover import Handover, hand_over
from members.elections.plan import Plan, TermPlan, grants_that_stay, plan_of
from members.elections.rosters import Taken, take_roster
from members.elections.starting import arrange, covered, drop, leave_out, start

__all__ = [
    "Handover",
    "Outcome",
    "Plan",
    "Problem",
    "RefusedError",
    "Taken",
    "TermPlan",
    "Vacancy",
    "approve",
    "arrange",
    "check",
    "confirm",
    "covered",
    "drop",
    "elect_everybody",
    "elect_to_vacancy",
    "file",
    "grants_that_stay",
    "hand_over",
    "leave_out",
    "plan_of",
    "postpone",
    "start",
    "take_committees",
    "take_roster",
    "undo",
]
