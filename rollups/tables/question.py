"""What a table is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from federation.models import Branch, Programme
from federation.months import Month
from rollups.registry import Indicator, Kind

CHILDREN = ""  # the level of a listing of direct children, whatever their level


@dataclass(frozen=True, slots=True)
class Question:
    """
    Months × the branches below one × programme × indicators.

    branch         whose listing it is; its own figures are the whole
    first, last    the months, both included
    level          which branches below are listed; ``CHILDREN`` for the direct ones
    programme      with its children, which are in programme_ids; None for all
    paths          where the reader's grants are, today: a branch that stood below
                   *branch* then and is out of her sight now is not listed by name, and
                   its figures stay in 本级及直属
    basis          None: each month in its own tree (当时口径). A month: all months by
                   the tree of that one (现口径), which is not earlier than the last
    """

    branch: Branch
    first: Month
    last: Month
    indicators: tuple[Indicator, ...]
    level: str = CHILDREN
    programme: Programme | None = None
    programme_ids: tuple[int, ...] = ()
    paths: tuple[str, ...] = ("",)
    basis: Month | None = None

    def during(self, first: Month, last: Month) -> Question:
        """Return the same question about another period."""
        return replace(self, first=first, last=last)

    def of_programme_alone(self) -> Question:
        """Return the same question about the programme without its children."""
        return replace(self, programme_ids=(self.programme.pk,))

    @property
    def named_in(self) -> Month:
        """The month whose names and tree order the rows have."""
        return self.basis or self.last

    @property
    def length(self) -> int:
        """The number of months."""
        return self.last.ordinal - self.first.ordinal + 1

    @property
    def stock_month(self) -> Month | None:
        """The month whose end a stock stands for: the last one that has begun. None
        if the whole period is still to come."""
        month = min(self.last, Month.current())
        return month if month >= self.first else None

    @property
    def period(self) -> str:
        """Return the Chinese title of the period."""
        if self.first == self.last:
            return self.first.label
        return f"{self.first.label}至 {self.last.label}"

    @property
    def asked(self) -> list[Indicator]:
        """The indicators that have values here: most have nothing to say about one
        programme only."""
        if self.programme is None:
            return list(self.indicators)
        return [one for one in self.indicators if one.has_programmes]

    def codes(self, *kinds: Kind) -> list[str]:
        """Return the codes of *kinds* that are needed, a ratio's two included."""
        parts = [part for one in self.asked for part in one.parts]
        return sorted({part.code for part in parts if part.kind in kinds})
