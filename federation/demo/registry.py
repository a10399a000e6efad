"""The steps of the demo, and what each of them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.module_loading import autodiscover_modules

from federation.months import Month

MONTHS = 60  # the five years of the work review, the month of today included
MONTHS_AHEAD = 2


@dataclass(frozen=True)
class Demo:
    """
    What every step knows: whose day it is, which draw, and how much.

    today  the day on which the demo is looked at: nothing is recorded after its
           first minute
    seed   the same seed and day give the same rows
    scale  multiplies the everyday activities, and nothing else
    full   with the register of households, which takes as long as all the rest
    """

    today: date
    seed: int = 1
    scale: int = 1
    full: bool = True

    @cached_property
    def first_month(self) -> Month:
        return self.this_month.plus(1 - MONTHS)

    @cached_property
    def this_month(self) -> Month:
        return Month.of(self.today)

    @cached_property
    def last_month(self) -> Month:
        """The last month with planned activities."""
        return self.this_month.plus(MONTHS_AHEAD)

    @cached_property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @cached_property
    def now(self) -> datetime:
        """The moment after which nothing is recorded: midnight before *today*."""
        return at(self.today)

    def random(self, name: str) -> Random:
        """Return a generator of its own for each name: a change in one step leaves
        the draws of the others alone."""
        return Random(f"{self.seed}/{name}")  # noqa: S311


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """Return the moment of local time on *day*, in UTC as the database keeps it."""
    zone = timezone.get_default_timezone()
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the demo: when, what the progress bar calls it, and what it does."""

    order: int
    label: str
    function: Callable[[Demo], None]


_steps: dict[int, Step] = {}


def step(order: int, label: str):
    """Register the decorated function of a ``Demo`` as a step. Raises ValueError if
    two steps claim the same place."""

    def register(function):
        if order in _steps:
            raise ValueError(f"two demo steps numbered {order}")
        _steps[order] = Step(order, label, function)
        return function

    return register


def steps() -> list[Step]:
    """Return every app's steps in the order in which they run."""
    autodiscover_modules("demo")
    return [_steps[order] for order in sorted(_steps)]


def run(demo: Demo) -> Iterator[tuple[int, int, str]]:
    """Run all steps; before each, and at the end, yield (done, of, label)."""
    todo = steps()
    for done, part in enumerate(todo):
        yield done, len(todo), part.label
        part.function(demo)
    yield len(todo), len(todo), "完成"
