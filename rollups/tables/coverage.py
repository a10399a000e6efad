"""What the closed months of a period counted.

A revision lists the indicators it counted, each with its definition's version. One that
came later has no figure there, which is no zero; its sums say which months they lack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from federation.models import ReportingMonth
from federation.months import Month
from rollups.models import Revision
from rollups.registry import Indicator, Kind
from rollups.tables.question import Question

Versions = Mapping[str, int]  # {indicator code: version of its definition}

# A revision never changes, and neither does what is known of it by its hash. Most of
# them list the same: they share one mapping.
_by_hash: dict[str, Versions] = {}
_shared: dict[tuple, Versions] = {}


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month's newest revision; *versions* is None where it says nothing."""

    month: Month
    revision: int
    versions: Versions | None


@dataclass(frozen=True, slots=True)
class Gap:
    """
    The months that lack an indicator; false if none does.

    is_whole  whether nothing is left: the figure is 未统计
    """

    months: tuple[Month, ...] = ()
    is_whole: bool = False

    def __bool__(self):
        return bool(self.months)


NO_GAP = Gap()


class Coverage:
    """The closed months of a period, oldest first, and what they lack."""

    def __init__(self, closed: Iterable[ClosedMonth]):
        self.closed = list(closed)
        self._lacking: dict[str, list[Month]] = {}
        self._gaps: dict[tuple, Gap] = {}

    def within(self, question: Question) -> list[ClosedMonth]:
        """Return the closed months of the question's period."""
        return [
            one for one in self.closed if question.first <= one.month <= question.last
        ]

    def gap(self, indicator: Indicator, question: Question) -> Gap:
        """Return which months of the question's period lack *indicator*. A ratio lacks
        those that lack one of its parts."""
        if not self.closed:
            return NO_GAP
        key = (indicator.code, question.first, question.last)
        if key not in self._gaps:
            self._gaps[key] = self._gap(indicator, question)
        return self._gaps[key]

    def _gap(self, indicator: Indicator, question: Question) -> Gap:
        first, last = question.first, question.last
        missing, is_whole = set(), False
        for part in indicator.parts:
            lacking = [m for m in self._lacking_in(part.code) if first <= m <= last]
            if part.kind is Kind.STOCK:
                # Only the one month is asked.
                lacking = [month for month in lacking if month == question.stock_month]
                is_whole |= bool(lacking)
            missing.update(lacking)
        is_whole |= len(missing) == question.length
        return Gap(tuple(sorted(missing)), is_whole)

    def _lacking_in(self, code: str) -> list[Month]:
        if code not in self._lacking:
            self._lacking[code] = [
                one.month
                for one in self.closed
                if one.versions is not None and code not in one.versions
            ]
        return self._lacking[code]

    def counted_otherwise(
        self, indicator: Indicator, question: Question
    ) -> tuple[Month, ...]:
        """Return the closed months that counted *indicator* by another definition
        than today's."""
        now = {part.code: part.version for part in indicator.parts}
        return tuple(
            one.month
            for one in self.within(question)
            if one.versions is not None
            and any(one.versions.get(code, now[code]) != now[code] for code in now)
        )


def read_coverage(question: Question) -> Coverage:
    """Read the closed months of the question's period: one query, and another for the
    revisions that this process has not met yet."""
    closed = ReportingMonth.objects.closed().filter(
        month__gte=question.first.first_day, month__lte=question.last.first_day
    )
    stands = Revision.objects.filter(
        month=OuterRef("month"), number=OuterRef("revision")
    )
    closed = closed.annotate(sha256=Subquery(stands.values("sha256")))
    rows = list(closed.order_by("month").values_list("month", "revision", "sha256"))
    _meet(sha256 for _, _, sha256 in rows)
    return Coverage(
        ClosedMonth(Month.of(month), revision, _by_hash.get(sha256))
        for month, revision, sha256 in rows
    )


def _meet(hashes: Iterable[str | None]) -> None:
    unknown = {sha256 for sha256 in hashes if sha256} - _by_hash.keys()
    if not unknown:
        return
    revisions = Revision.objects.filter(sha256__in=unknown).order_by()
    for sha256, facts in revisions.values_list("sha256", "facts"):
        versions = _versions_in(facts)
        if versions is not None:
            _by_hash[sha256] = _shared.setdefault(
                tuple(sorted(versions.items())), versions
            )


def _versions_in(facts: str) -> Versions | None:
    # Facts that were tampered with are told by verify_revisions, not by the table.
    try:
        indicators = json.loads(facts)["indicators"]
        return {code: int(one["version"]) for code, one in indicators.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
