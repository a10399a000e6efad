"""The expected list of a month: who is to report it.

It takes the branches that exist on the month's first day. Founding and closing change
the list of the running month, each as a logged act, and on its last day it freezes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from auditlog.context import disable_auditlog
from django.core.exceptions import ValidationError
from django.db import transaction

from federation import batches, locks
from federation.models import Branch, ReportingMonth
from federation.models.branches import Kind
from federation.months import Month, local_today
from rollups.models import Expectation, Submission
from rollups.models.submission import REPORTING_LEVELS
from rollups.submissions.settling import settle


def as_expected() -> Expectation:
    """Return what the district set, or the usual while it set nothing."""
    return Expectation.objects.first() or Expectation()


def expect(months: Iterable[Month]) -> None:
    """Write the expected list of *months*, which are opening; the first month that ever
    opens is the first to be reported. Safe to repeat."""
    months = list(months)
    if not months:
        return
    rule, _ = Expectation.objects.get_or_create(pk=Expectation.THE_ONE)
    # Nobody did this, and a log of 640 lines a month would hide what people did.
    with disable_auditlog():
        for month in filter(rule.covers, months):
            branches = rule.branches().existing_on(month.first_day)
            keys = branches.order_by("path").values_list("pk", flat=True)
            _add(month, keys, ignore_conflicts=True)


def is_frozen(month: Month) -> bool:
    """Tell whether the list of *month* stays as it is, whatever happens to the tree."""
    return local_today() >= month.last_day


def join(branches: Iterable[Branch]) -> None:
    """Let new *branches* report the running month, unless its list is frozen."""
    # A list that is being written knows nothing of them, and cannot be seen yet.
    locks.share_openings()
    if month := _changing_month():
        chosen = as_expected().branches().existing_on(local_today())
        keys = [branch.pk for branch in branches]
        listed = Submission.objects.of_month(month).filter(branch__in=keys)
        listed = set(listed.values_list("branch_id", flat=True))
        fitting = set(chosen.filter(pk__in=keys).values_list("pk", flat=True))
        _add(month, sorted(fitting - listed))


def leave(branch: Branch, last_day: date) -> None:
    """Expect nothing more of *branch*, which closes after *last_day*, for the running
    month; what it has reported stays."""
    if (month := _changing_month()) and last_day < month.last_day:
        Submission.objects.of_month(month).filter(branch=branch).unreported().delete()


@transaction.atomic
def change_expectation(levels: list[str], kinds: list[str]) -> Expectation:
    """
    Let the branches of these *levels* and *kinds* report from the running month on;
    frozen lists stay.

    Raises ValidationError if nobody would be left.
    """
    if not set(levels) <= set(REPORTING_LEVELS) or not set(kinds) <= set(Kind.values):
        raise ValidationError("请从列出的层级和类别中选择。")
    if not levels or not kinds:
        raise ValidationError("层级和类别请各至少选一项，否则没有组织要报送。")
    locks.hold_openings()
    rule, _ = Expectation.objects.get_or_create(pk=Expectation.THE_ONE)
    rule.levels, rule.kinds = sorted(levels), sorted(kinds)
    rule.save()
    if month := _changing_month():
        _follow(rule, month)
    return rule


def _follow(rule: Expectation, month: Month) -> None:
    listed = Submission.objects.of_month(month)
    wanted = rule.branches()
    listed.exclude(branch__in=wanted).unreported().delete()
    missing = wanted.existing_on(local_today())
    missing = missing.exclude(pk__in=listed.values("branch_id"))
    _add(month, missing.order_by("path").values_list("pk", flat=True))
    settle([month])


def _changing_month() -> Month | None:
    """Return the running month, if it is open and its list can still change."""
    month = Month.current()
    if is_frozen(month) or not as_expected().covers(month):
        return None
    opened = ReportingMonth.objects.filter(
        month=month.first_day, status=ReportingMonth.Status.OPEN
    )
    return month if opened.exists() else None


def _add(month: Month, branch_ids: Iterable[int], **options) -> None:
    rows = [Submission(branch_id=pk, month=month.first_day) for pk in branch_ids]
    Submission.objects.bulk_create(rows, batch_size=batches.BATCH, **options)
