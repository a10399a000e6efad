"""The figures that are typed in where no records exist, as the review prints them:
jobs for mothers, insurance against two cancers in three yearly batches, girls helped;
and what papers say of the years before the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from federation.demo import Demo, Sketch, load, step
from federation.demo.registry import at
from federation.demo.spread import apportion
from federation.models import Branch, Programme, User
from federation.months import Month
from rollups.models import (
    Baseline,
    DerivedIndicator,
    ReportedBatch,
    ReportedFigure,
    ReportedIndicator,
)

Level = Branch.Level

JOBS = 12_000  # 人次, over the five years
HELPED = 900  # girls, over the five years
INSURED = {2021: 6_180, 2022: 6_512, 2023: 6_873}  # 19,565 together
CAMPAIGN = (3, 10)  # from March to October of its year

# What the summaries say of the years before the site's first, latest first.
TOLD = {
    "activities.sessions": (2_100, 1_900),
    "activities.attendance": (96_000, 88_000),
}

REASONS = ("新开三家来料加工点", "服装厂“妈妈岗”扩招", "直播基地投入使用")
EXPLAINED = 0.15


@dataclass(frozen=True, slots=True)
class Place:
    """A branch that reports, and whose account types it in."""

    branch_id: int
    clerk: int | None


@step(840, "填报数")
def bring_reported(demo: Demo) -> None:
    random = demo.random("reported")
    towns = _places((Level.TOWN,))
    load(ReportedFigure, _jobs(demo, random, towns))
    load(ReportedFigure, _helped(demo, random, towns))
    for year, total in INSURED.items():
        _insure(demo, random, towns, year, total)
    _tell_earlier_years(demo)
    lectures = {
        "slug": "lectures",
        "name": "讲座场次",
        "base": "activities.sessions",
        "filters": {"kind": ["lecture"]},
    }
    load(DerivedIndicator, [DerivedIndicator(**lectures)])


def _places(levels: tuple) -> list[Place]:
    rows = User.objects.filter(branch__isnull=False).order_by("-pk")
    clerks = dict(rows.values_list("branch_id", "pk"))
    office = clerks.get(Branch.objects.root().pk)
    branches = Branch.objects.filter(level__in=levels).order_by("path")
    return [
        Place(pk, clerks.get(pk) or clerks.get(parent) or office)
        for pk, parent in branches.values_list("pk", "parent_id")
    ]


def _indicator(slug, name, programme, **values) -> ReportedIndicator:
    indicator = ReportedIndicator(
        slug=slug,
        name=name,
        programme=Programme.objects.get(slug=programme),
        **{"unit": "人", **values},
    )
    load(ReportedIndicator, [indicator])
    return indicator


def _batch(demo: Demo, indicator: ReportedIndicator, **values) -> ReportedBatch:
    values = {"from_month": demo.first_month.first_day} | values
    year = values["from_month"].year
    number = f"章妇字〔{year}〕{values['from_month'].month + 3} 号"
    batch = ReportedBatch(indicator=indicator, document_number=number, **values)
    load(ReportedBatch, [batch])
    return batch


def _jobs(demo: Demo, random: Random, towns: list[Place]) -> Iterator[Sketch]:
    """Yield every town's figure of every month that is over, more from year to year."""
    jobs = _indicator(
        "mom_jobs",
        "“妈妈岗”灵活就业",
        "jobs",
        unit="人次",
        levels=[Level.TOWN],
        most=2000,
        explain_beyond=200,
    )
    batch = _batch(demo, jobs)
    months = Month.range(demo.first_month, demo.this_month.previous())
    slots = [(month, town) for month in months for town in towns]
    weights = [
        random.uniform(0.2, 2) * (1 + month.year - demo.first_month.year)
        for month, _ in slots
    ]
    for (month, town), value in zip(slots, apportion(JOBS, weights), strict=True):
        yield _figure(demo, random, town, batch, month, value)


def _helped(demo: Demo, random: Random, towns: list[Place]) -> Iterator[Sketch]:
    """Yield every town's figure of every month that is over, most of them small."""
    helped = _indicator(
        "spring_buds",
        "救助春蕾女童",
        "spring-buds",
        levels=[Level.TOWN],
        most=200,
        position=2,
    )
    batch = _batch(demo, helped)
    months = Month.range(demo.first_month, demo.this_month.previous())
    slots = [(month, town) for month in months for town in towns]
    # Before the school year begins, more.
    weights = [
        random.random() ** 3 * (4 if month.number in (8, 9) else 1)
        for month, _ in slots
    ]
    for (month, town), value in zip(slots, apportion(HELPED, weights), strict=True):
        yield _figure(demo, random, town, batch, month, value)


def _insure(demo: Demo, random: Random, towns, year: int, total: int) -> None:
    """Write one year's batch: by month where the site counts, else as what papers
    say of each town."""
    insured = ReportedIndicator.objects.filter(slug="insured").first()
    insured = insured or _indicator(
        "insured",
        "免费“两癌”保险投保",
        "health",
        levels=[Level.TOWN],
        most=5000,
        position=1,
    )
    first, last = (Month(year, number) for number in CAMPAIGN)
    batch = _batch(
        demo,
        insured,
        slug=str(year),
        name=f"{year} 年",
        from_month=first.first_day,
        until_month=last.first_day,
    )
    slots = [(month, town) for town in towns for month in Month.range(first, last)]
    values = apportion(total, [random.uniform(0.3, 1.7) for _ in slots])
    earlier: dict[int, int] = {}
    figures = []
    for (month, town), value in zip(slots, values, strict=True):
        if month < demo.first_month:
            earlier[town.branch_id] = earlier.get(town.branch_id, 0) + value
        else:
            figures.append(_figure(demo, random, town, batch, month, value))
    load(ReportedFigure, figures)
    load(
        Baseline,
        (
            Sketch(
                Baseline,
                indicator=batch.code,
                branch_id=branch_id,
                first_month=first.first_day,
                last_month=min(last, demo.first_month.previous()).first_day,
                programme_id=insured.programme_id,
                value=value,
                source=f"{year} 年“两癌”保险投保花名册",
            )
            for branch_id, value in earlier.items()
        ),
    )


def _tell_earlier_years(demo: Demo) -> None:
    """Write what the summaries of the years before the site say of the district."""
    root = Branch.objects.root()
    load(
        Baseline,
        (
            Sketch(
                Baseline,
                indicator=indicator,
                branch_id=root.pk,
                first_month=date(demo.first_month.year - back, 1, 1),
                last_month=date(demo.first_month.year - back, 12, 1),
                value=value,
                is_exact=False,
                source=f"区妇联 {demo.first_month.year - back} 年工作总结",
            )
            for indicator, values in TOLD.items()
            for back, value in enumerate(values, start=1)
        ),
    )


def _figure(demo: Demo, random: Random, place: Place, batch, month: Month, value: int):
    entered_at = at(month.next_first_day + timedelta(days=random.randrange(4)), 9)
    explains = batch.indicator.slug == "mom_jobs" and random.random() < EXPLAINED
    return Sketch(
        ReportedFigure,
        branch_id=place.branch_id,
        month=month.first_day,
        batch_id=batch.pk,
        value=value,
        explanation=random.choice(REASONS) if explains else "",
        entered_by_id=place.clerk,
        entered_at=min(entered_at, demo.now),
    )
