"""The dated tree: where branches stand, from month to month.

A month's tree is the placements that cover it, and each of them agrees with its
parent's of the same month: path, depth and presence. Only the acts of
``federation.successions`` write here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from federation import batches
from federation.models import Branch, Placement
from federation.models.branches import Level
from federation.months import SINCE_EVER, UNTIL_EVER, Month


def stand(branches: list[Branch]) -> None:
    """Give the new *branches* their placements, each after its parent: below it
    wherever it stood, since the founding or, without a date, as long as it did."""
    parents = {branch.parent_id for branch in branches if branch.parent_id}
    places = _placements_of(parents - {branch.pk for branch in branches})
    for branch in branches:
        places[branch.pk] = _below(branch, places[branch.parent_id])
    Placement.objects.bulk_create(p for b in branches for p in places[b.pk])


def _placements_of(pks: Iterable[int]) -> dict[int | None, list[Placement]]:
    pks = sorted(pks)
    found = defaultdict(list)
    for chosen in batches.of(pks):
        rows = Placement.objects.filter(branch__in=chosen)
        for placement in rows.order_by("from_month"):
            found[placement.branch_id].append(placement)
    return found


def _below(branch: Branch, above: list[Placement]) -> list[Placement]:
    since = branch.founded_on.replace(day=1) if branch.founded_on else SINCE_EVER
    if branch.parent is None:
        return [_placement(branch, from_month=since)]
    above = [place for place in above if place.until_month > since]
    if not above or above[-1].until_month != UNTIL_EVER:
        raise ValidationError(f"{branch.parent}已经撤销，请另选上级妇联。")
    if branch.founded_on and above[0].from_month > since:
        raise ValidationError(
            f"{branch.parent}在 {branch.founded_on} 还没有成立，请核对日期和上级妇联。"
        )
    return [
        _placement(
            branch,
            path=f"{place.path}{branch.code}/",
            depth=place.depth + 1,
            from_month=max(since, place.from_month),
            until_month=place.until_month,
        )
        for place in above
    ]


def _placement(branch: Branch, **where) -> Placement:
    standing = {"path": branch.path, "depth": branch.depth} | where
    return Placement(
        branch=branch,
        parent=branch.parent,
        name=branch.name,
        level=branch.level,
        **standing,
    )


def move(branch: Branch, parent: Branch, month: Month) -> None:
    """Rewrite today's and the dated tree below *branch*, set-based."""
    _refuse_parent(branch, parent)
    _refuse_unsettled(parent, month)
    start = len(branch.path) - len(branch.code)  # where the path below the old parent
    deeper = parent.depth + 1 - branch.depth
    moved = Branch.objects.within(branch)
    forked = fork(list(moved.values_list("pk", flat=True)), month)
    for placement in forked:
        placement.path = parent.path + placement.path[start - 1 :]
        placement.depth += deeper
        if placement.branch_id == branch.pk:
            placement.parent = parent
    Placement.objects.bulk_update(forked, ["path", "depth", "parent"])
    rest = Substr("path", start)
    moved.update(path=Concat(Value(parent.path), rest), depth=F("depth") + deeper)
    Branch.objects.filter(pk=branch.pk).update(parent=parent)
    branch.refresh_from_db()


def _refuse_parent(branch: Branch, parent: Branch) -> None:
    if parent.path.startswith(branch.path):
        raise ValidationError("不能把组织划转到它自己或它的下级之下。")
    if branch.parent_id == parent.pk:
        raise ValidationError(f"{branch}本来就属于{parent}，不需要划转。")
    if Level.values.index(parent.level) >= Level.values.index(branch.level):
        raise ValidationError(f"{parent}的层级不高于{branch}，请另选上级妇联。")


def fork(pks: list[int], month: Month) -> list[Placement]:
    """Cut the placements of the branches *pks* at *month* and return the later halves,
    which may then be changed. One that begins in *month* is its own half."""
    day = month.first_day
    later = Placement.objects.filter(branch__in=pks, until_month__gt=day)
    running = list(later.order_by("path"))
    _refuse_later(running, month)
    whole = [p for p in running if p.from_month == day]
    cut = [p for p in running if p.from_month < day]
    halves = [
        Placement(
            branch_id=p.branch_id,
            parent_id=p.parent_id,
            name=p.name,
            path=p.path,
            depth=p.depth,
            level=p.level,
            from_month=day,
            until_month=p.until_month,
        )
        for p in cut
    ]
    Placement.objects.filter(pk__in=[p.pk for p in cut]).update(until_month=day)
    return whole + Placement.objects.bulk_create(halves)


def end(branch: Branch, last_day: date) -> None:
    """Let *branch* stand until the month of *last_day* is over."""
    month = Month.of(last_day).next()
    later = Placement.objects.filter(branch=branch, until_month__gt=month.first_day)
    _refuse_later(later.filter(from_month__gte=month.first_day), month.previous())
    later.update(until_month=month.first_day)


def _refuse_unsettled(branch: Branch, month: Month) -> None:
    _refuse_later(Placement.objects.current().filter(branch=branch), month)


def _refuse_later(placements: Iterable[Placement], month: Month) -> None:
    """An act between two others would have to rewrite what the later one found."""
    for late in placements:
        if late.from_month > month.first_day:
            raise ValidationError(
                f"{late.name}在 {late.from_month:%Y-%m} 已有更晚的变动，"
                "请选择之后的月份。"
            )
