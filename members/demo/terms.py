"""When each committee was elected, how, and how far its papers have come."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from federation.demo import Demo
from federation.models import Branch
from members.models.choices import Contest, Method, TermStatus

Level = Branch.Level
TERM_YEARS = 5
FIRST_TERM = 1961  # the year of the first term, counted back from the numbers in use

# (years after a year that ends in 1 or 6, months of the election)
ELECTIONS = {Level.DISTRICT: (1, (3, 3)), Level.TOWN: (0, (9, 10))}
VILLAGE_ELECTION = (0, (1, 3))
METHODS = {
    Level.DISTRICT: [Method.CONGRESS],
    Level.TOWN: [Method.CONGRESS],
    Level.VILLAGE: [Method.CONGRESS, Method.ASSEMBLY],
    Level.UNIT: [Method.ASSEMBLY],
}
VOTERS = {
    Level.DISTRICT: (180, 240),
    Level.TOWN: (55, 120),
    Level.VILLAGE: (30, 90),
    Level.UNIT: (15, 60),
}
# How many of the newest terms wait for their filing, and for their approval too.
NOT_FILED, NOT_APPROVED = 0.16, 0.06


def years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years)  # no election is held on 29 February


def last_election(demo: Demo, random: Random, level: str) -> date:
    """Return the day of the newest election that every branch of *level* had."""
    offset, (first, last) = ELECTIONS.get(level, VILLAGE_ELECTION)
    month, day = random.randint(first, last), random.randint(5, 26)
    year = demo.today.year - (demo.today.year - 1 - offset) % TERM_YEARS
    elected_on = date(year, month, day)
    if elected_on > demo.yesterday:
        elected_on = years_later(elected_on, -TERM_YEARS)
    return elected_on


def number_of(branch: Branch, elected_on: date) -> int:
    if branch.founded_on:
        return 1
    return (elected_on.year - FIRST_TERM) // TERM_YEARS + 1


def how_elected(random: Random, level: str) -> dict:
    """Return how the election went."""
    expected = random.randint(*VOTERS[level])
    return {
        "method": random.choice(METHODS[level]),
        "contest": Contest.CONTESTED if random.random() < 0.6 else Contest.EQUAL,
        "voters_expected": expected,
        "voters_present": expected * random.randint(86, 100) // 100,
    }


def papers(
    demo: Demo, random: Random, branch: Branch, elected_on: date, *, newest: bool
) -> dict:
    """Return the status with the approval and filing documents that go with it."""
    approved_on = elected_on + timedelta(days=random.randint(3, 15))
    filed_on = approved_on + timedelta(days=random.randint(5, 25))
    reached = random.random() if newest else 1.0
    found = {"status": TermStatus.ELECTED}
    if reached < NOT_APPROVED or approved_on > demo.yesterday:
        return found
    office = "济妇" if branch.level == Level.DISTRICT else "章妇"
    number = f"{office}组〔{elected_on.year}〕{{}} 号"
    found |= {
        "status": TermStatus.APPROVED,
        "approval_number": number.format(random.randint(1, 260)),
        "approved_on": approved_on,
    }
    if reached < NOT_FILED or filed_on > demo.yesterday:
        return found
    return found | {
        "status": TermStatus.FILED,
        "filing_number": number.format(f"备 {random.randint(1, 260)}"),
        "filed_on": filed_on,
    }
