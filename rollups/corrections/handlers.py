"""What an app says of its records, so that a correction of one can be kept, told and
entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from federation.counted import Bucket
from federation.models import Branch, ReportingMonth
from federation.months import Month
from rollups.models import Correction


class Difference(NamedTuple):
    """One field as it was and as it is to be, in words; "" for nothing."""

    label: str
    old: str
    new: str


class Proposal(NamedTuple):
    """What somebody would have written, looked over by the app: sound but for the
    month, which is closed. *before* and *values* may stand in JSON."""

    record: str
    act: str
    branch: Branch
    month: Month
    title: str
    before: dict
    values: dict
    object_id: int | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """
    What an app says of one kind of record.

    name         stored with each correction, "activities.activity"
    label        what it is called, 活动
    differences  a correction -> what it changes
    enter        a correction -> the record's key; writes it as a record that was
                 approved, by its author, street and district. Raises ValidationError
                 with the sentence when the record is not any more what it was.
    address      a record's key -> its page
    form         a correction -> (address, fields) of the form that made it
    """

    name: str
    label: str
    differences: Callable[[Correction], list[Difference]]
    enter: Callable[[Correction], int]
    address: Callable[[int], str]
    form: Callable[[Correction], tuple[str, dict]]


_handlers: dict[str, Handler] = {}


def register(handler: Handler) -> None:
    """Add *handler*. Raises ValueError for a name that is taken."""
    if handler.name in _handlers:
        raise ValueError(f"two handlers named {handler.name!r}")
    _handlers[handler.name] = handler


def handler_of(correction: Correction) -> Handler:
    return _handlers[correction.record]


def handler_named(name: str) -> Handler:
    """Return the handler *name*. Raises KeyError if there is none."""
    return _handlers[name]


def closed_month(buckets: Iterable[Bucket]) -> Month | None:
    """Return the first month among *buckets* that is closed to its branch."""
    for bucket in sorted(set(buckets), key=lambda bucket: bucket.month):
        if ReportingMonth.objects.why_closed_to([bucket]):
            return Month.of(bucket.month)
    return None
