"""The real tree of the district, 23 branches founded since, and their numbers."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random

from federation import successions
from federation.demo.loading import Sketch, load
from federation.demo.registry import MONTHS, Demo, at, step
from federation.demo.spread import apportion
from federation.imports.branches import import_branches
from federation.models import Branch, BranchStat, Succession
from federation.programmes import load_programmes

DIVISIONS = Path(__file__).parent.parent / "data" / "zhangqiu_divisions.csv"
NEW_FIELDS = Path(__file__).with_name("new_fields.csv")

# What the review prints for the district; the courtyards follow from its
# 61,800 households at 51.2%.
WOMEN, HOUSEHOLDS, COURTYARDS, GRIDS = 540_000, 352_000, 120_703, 1_410
VILLAGERS_COMMITTEE = "村民委员会"

Figure = BranchStat.Figure


@step(10, "板块和项目")
def bring_programmes(demo: Demo) -> None:
    load_programmes()


@step(20, "妇联组织")
def bring_tree(demo: Demo) -> None:
    report = import_branches(DIVISIONS)
    if not report.is_written:
        raise ValueError(f"the demo's own tree is refused: {report.refused}")


@step(30, "三新领域妇联")
def found_new_fields(demo: Demo) -> None:
    """Found the branches of the new fields, spread over the five years."""
    random = demo.random("new fields")
    with NEW_FIELDS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    parents = Branch.objects.in_bulk(field_name="code")
    for number, row in enumerate(rows):
        on = _founding_day(demo, random, number, len(rows))
        deed = successions.Deed(
            on=on,
            reason="扩大新兴领域妇联组织覆盖",
            document_number=f"章妇字〔{on.year}〕{on.month + number} 号",
        )
        successions.found(
            deed,
            parent=parents[row["parent_code"]],
            name=f"{row['short_name']}妇联",
            short_name=row["short_name"],
            kind=row["kind"],
            level=Branch.Level.UNIT,
        )
    for act in Succession.objects.all():
        # recorded_at is the database's own clock, and these are old acts.
        recorded = min(at(act.effective_on + timedelta(days=3), 10), demo.now)
        Succession.objects.filter(pk=act.pk).update(recorded_at=recorded)


def _founding_day(demo: Demo, random: Random, number: int, count: int) -> date:
    # From the third month on, and none in this one: it would have no history.
    month = demo.first_month.plus(2 + number * (MONTHS - 4) // count)
    return month.first_day.replace(day=random.randint(3, 26))


@step(40, "基础数据")
def bring_stats(demo: Demo) -> None:
    """Give each village and community its numbers. The branches above have none of
    their own: theirs are the sum."""
    random = demo.random("stats")
    places = list(Branch.objects.filter(level=Branch.Level.VILLAGE).order_by("path"))
    rural = [p for p in places if p.place_name.endswith(VILLAGERS_COMMITTEE)]
    urban = [p for p in places if not p.place_name.endswith(VILLAGERS_COMMITTEE)]
    courtyards = _shared(COURTYARDS, rural, random, least=60)
    households = {
        branch: count * random.randint(108, 135) // 100
        for branch, count in courtyards.items()
    }
    left = HOUSEHOLDS - sum(households.values())
    households |= _shared(left, urban, random, least=400)
    weights = [households[branch] for branch in places]
    women = dict(zip(places, apportion(WOMEN, weights, least=60), strict=True))
    grids = dict(zip(places, apportion(GRIDS, weights, least=1), strict=True))
    # The courtyards were counted before the first month too: by the older number go
    # the rates of the years until the newer one.
    older = {c: n * random.randint(96, 102) // 100 for c, n in courtyards.items()}
    newest, oldest = demo.today.year - 1, demo.first_month.year - 1
    load(
        BranchStat,
        (
            Sketch(
                BranchStat,
                branch_id=branch.pk,
                figure=figure,
                as_of=date(year, 12, 31),
                value=value,
                source=f"{year} 年度村（社区）基本情况统计",
                recorded_at=at(date(year, 12, 31), 16),
            )
            for year, figure, values in (
                (oldest, Figure.COURTYARDS, older),
                (newest, Figure.WOMEN, women),
                (newest, Figure.HOUSEHOLDS, households),
                (newest, Figure.COURTYARDS, courtyards),
                (newest, Figure.GRIDS, grids),
            )
            for branch, value in values.items()
        ),
    )


def _shared(total, branches, random: Random, least: int) -> dict[Branch, int]:
    weights = [random.lognormvariate(0, 0.5) for _ in branches]
    return dict(zip(branches, apportion(total, weights, least), strict=True))
