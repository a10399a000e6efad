"""This year's targets of the district and its towns, as the district hands them down in
spring: a little more than what each did last year."""

from __future__ import annotations

from collections import defaultdict

from federation.demo import Demo, Sketch, load, step
from federation.models import Branch
from federation.months import Month
from rollups.models import Target
from rollups.models.target import TARGETED_LEVELS
from rollups.submissions import reporting

CODES = ("activities.sessions", "activities.attendance")
GROWTH = 105  # per cent of last year
STEP = 10  # a target is a round number


@step(870, "年度目标")
def bring_targets(demo: Demo) -> None:
    """Give each town its targets; the district's is their sum and its own."""
    year = demo.this_month.year
    last_year = Month.range(Month(year - 1, 1), Month(year - 1, 12))
    done = _done_below(reporting.counted_of(last_year))
    load(
        Target,
        (
            Sketch(
                Target,
                indicator=code,
                year=year,
                branch_id=branch.pk,
                level=branch.level,
                value=_rounded(done[branch.pk][place]),
                document_number=f"章妇字〔{year}〕2 号",
            )
            for branch in Branch.objects.filter(level__in=TARGETED_LEVELS)
            for place, code in enumerate(CODES)
        ),
    )


def _done_below(counted: dict) -> dict[int, list[int]]:
    """Return ``{branch: [sessions, attendance]}`` of each branch with all below it."""
    above = dict(Branch.objects.values_list("pk", "parent_id"))
    done = defaultdict(lambda: [0, 0])
    for (branch_id, _), figures in counted.items():
        place = branch_id
        while place is not None:
            for number, figure in enumerate(figures):
                done[place][number] += figure
            place = above[place]
    return done


def _rounded(done: int) -> int:
    return max(1, round(done * GROWTH / 100 / STEP)) * STEP
