"""The acts that change the tree (沿革): found, close, rename, transfer, merge, split.

The only door to the tree. Each act is one transaction: it writes the Succession,
today's tree on Branch, and the dated tree in Placement, which leaves the marks. A
change of the tree takes effect on the first of an open month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.dispatch import Signal

from federation import batches, dated_tree
from federation.models import Branch, Placement, ReportingMonth, Succession
from federation.models.branches import initials_of
from federation.months import Month, local_today

TREE_LOCK = 370_114_3

# Sent while a branch closes, before it is written: (branch, last_day, into). *into*
# takes over from it; None: nobody does. A receiver may refuse with a ValidationError.
branch_closing = Signal()
# Asked before an act that closes a branch: (branch, act). Each receiver returns the
# sentences that whoever does it should read first.
closing_considered = Signal()
# Sent when new branches stand in the tree, founded or brought by an import: (branches).
branches_placed = Signal()


@dataclass(frozen=True, slots=True)
class Deed:
    """What every act needs: the day, the reason, the document, and who records it."""

    on: date
    reason: str
    document_number: str
    by: object = None


def place(
    *, code, name, short_name, kind, level, parent, founded_on=None, place_name=""
) -> Branch:
    """Put a new branch into today's tree and the dated one, without a Succession: for
    branches that were there before this site (imports) and for ``found``."""
    path = f"{parent.path if parent else ''}{code}/"
    branch = Branch(
        code=code,
        name=name,
        short_name=short_name,
        place_name=place_name,
        kind=kind,
        level=level,
        parent=parent,
        path=path,
        depth=parent.depth + 1 if parent else 0,
        founded_on=founded_on,
    )
    branch.full_clean(exclude=["path"])
    with transaction.atomic():
        branch.save()
        dated_tree.stand([branch])
        branches_placed.send(Branch, branches=[branch])
    return branch


@transaction.atomic
def place_together(branches: list[Branch]) -> None:
    """Put many new, already validated *branches* into the tree, as ``place`` does with
    one. Each stands in the list after its parent."""
    for branch in branches:
        parent = branch.parent
        branch.path = f"{parent.path if parent else ''}{branch.code}/"
        branch.depth = parent.depth + 1 if parent else 0
        branch.initials = initials_of(branch.short_name)
    for depth in sorted({branch.depth for branch in branches}):
        # A level at a time: a row needs its parent's key.
        Branch.objects.bulk_create(b for b in branches if b.depth == depth)
    dated_tree.stand(branches)
    branches_placed.send(Branch, branches=branches)


@transaction.atomic
def correct_names(branches: list[Branch]) -> None:
    """Store the corrected names of *branches*: today's, and that of the running
    placement. What they were called before a renaming stays."""
    for branch in branches:
        branch.initials = initials_of(branch.short_name)
    names = {branch.pk: branch.name for branch in branches}
    Branch.objects.bulk_update(
        branches, ["name", "short_name", "place_name", "initials"]
    )
    running = Placement.objects.current().order_by()
    for pks in batches.of(list(names)):
        placements = list(running.filter(branch__in=pks))
        for placement in placements:
            placement.name = names[placement.branch_id]
        Placement.objects.bulk_update(placements, ["name"])


@transaction.atomic
def found(
    deed: Deed, *, parent: Branch, name, short_name, kind, level, code=""
) -> Branch:
    """Found a branch below *parent*; a unit without a code gets the next free one."""
    hold_tree()
    _must_exist(parent, deed.on)
    branch = place(
        code=code or next_unit_code(parent),
        name=name,
        short_name=short_name,
        kind=kind,
        level=level,
        parent=parent,
        founded_on=deed.on,
    )
    _record(Succession.Act.FOUND, branch, deed, new_name=name, new_parent=parent)
    return branch


def next_unit_code(parent: Branch) -> str:
    """Return the parent's code + U + three digits; a code once used stays used."""
    if "U" in parent.code:
        raise ValidationError("单位妇联下面不能再设单位妇联，请选择上一级。")
    prefix = f"{parent.code}U"
    last = (
        Branch.objects.filter(code__startswith=prefix)
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    number = int(last[len(prefix) :]) + 1 if last else 1
    if number > 999:
        raise ValidationError("这个组织下的单位编码已用完，请联系区妇联。")
    return f"{prefix}{number:03d}"


@transaction.atomic
def close(deed: Deed, branch: Branch) -> None:
    """Close *branch* from the day after ``deed.on``: that day is its last."""
    hold_tree()
    _must_exist(branch, deed.on)
    if _still_below(branch, deed.on + timedelta(days=1)).exists():
        raise ValidationError("下面还有未撤销的组织，请先划转或撤销它们。")
    _end(branch, deed.on)
    _record(Succession.Act.CLOSE, branch, deed, old_name=branch.name)


@transaction.atomic
def rename(deed: Deed, branch: Branch, *, name: str, short_name: str) -> None:
    """Give *branch* a new name from the month of ``deed.on``; earlier months keep the
    old one."""
    hold_tree()
    _must_have_come(deed.on)
    _must_exist(branch, deed.on)
    old_name = branch.name
    branch.name, branch.short_name = name, short_name
    branch.full_clean()
    branch.save()
    for placement in dated_tree.fork([branch.pk], Month.of(deed.on)):
        placement.name = name
        placement.save()
    _record(Succession.Act.RENAME, branch, deed, old_name=old_name, new_name=name)


@transaction.atomic
def transfer(deed: Deed, branch: Branch, *, parent: Branch) -> None:
    """Move *branch* with everything below it under *parent*."""
    hold_tree()
    month = _first_of_open_month(deed.on)
    _must_exist(branch, deed.on)
    _must_exist(parent, deed.on)
    old_parent = branch.parent
    dated_tree.move(branch, parent, month)
    _record(
        Succession.Act.TRANSFER,
        branch,
        deed,
        old_parent=old_parent,
        new_parent=parent,
    )


@transaction.atomic
def merge(deed: Deed, branches: list[Branch], *, into: Branch) -> None:
    """Merge *branches* into *into*: what lay below them moves there, they close on the
    day before, and their history stays theirs."""
    hold_tree()
    month = _first_of_open_month(deed.on)
    _must_exist(into, deed.on)
    for branch in branches:
        _must_exist(branch, deed.on)
        if branch.pk == into.pk or into.path.startswith(branch.path):
            raise ValidationError("不能把组织并入它自己或它的下级，请另选承接组织。")
        for child in _still_below(branch, deed.on):
            dated_tree.move(child, into, month)
        _end(branch, deed.on - timedelta(days=1), into=into)
        act = _record(Succession.Act.MERGE, branch, deed, old_name=branch.name)
        act.successors.add(into)


@transaction.atomic
def split(
    deed: Deed, branch: Branch, *, parts: list[dict], closes: bool
) -> list[Branch]:
    """Split *branch*: found a sister for each of *parts* (name, short_name, code; a
    unit without a code gets the next free one), and close *branch* itself on the day
    before if *closes*."""
    hold_tree()
    _first_of_open_month(deed.on)
    _must_exist(branch, deed.on)
    if branch.parent is None:
        raise ValidationError("最上级组织不能分设。")
    if closes and _still_below(branch, deed.on).exists():
        raise ValidationError("下面还有未撤销的组织，请先划转它们，再办理分设。")
    founded = [
        place(
            kind=branch.kind,
            level=branch.level,
            parent=branch.parent,
            founded_on=deed.on,
            **{**part, "code": part["code"] or next_unit_code(branch.parent)},
        )
        for part in parts
    ]
    if closes:
        _end(branch, deed.on - timedelta(days=1))
    act = _record(Succession.Act.SPLIT, branch, deed, old_name=branch.name)
    act.successors.add(*founded)
    return founded


def hold_tree() -> None:
    """Let one act change the tree at a time (SQLite has one writer anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def _must_exist(branch: Branch, day: date) -> None:
    branch.refresh_from_db()
    if not branch.exists_on(day):
        raise ValidationError(
            f"{branch}在 {day} 不存在（尚未成立或已撤销），请核对日期和组织。"
        )
    if branch.is_closed:
        raise ValidationError(
            f"{branch}已登记在 {branch.closed_on} 撤销，不能再办理别的事项。"
        )


def _must_have_come(day: date) -> None:
    # Today's tree and names change with the act, so it cannot be entered ahead.
    if day > local_today():
        raise ValidationError(f"{day} 还没到，请在生效之日起再办理。")


def _still_below(branch: Branch, day: date):
    """Return the branches below *branch* that exist on *day* or will: one founded
    later must not be left without a parent."""
    return branch.children.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=day))


def _first_of_open_month(day: date) -> Month:
    if day.day != 1:
        raise ValidationError("划转、合并、分设从某月 1 日起生效，请把日期改为 1 日。")
    _must_have_come(day)
    later = ReportingMonth.objects.not_open().filter(month__gte=day).order_by("month")
    if closed := later.first():
        raise ValidationError(closed.refusal)
    return Month.of(day)


def to_consider(branch: Branch, act: str) -> list[str]:
    """Return what whoever is about to close *branch* by *act* should know of it."""
    answers = closing_considered.send(type(branch), branch=branch, act=act)
    return [sentence for _, sentences in answers for sentence in sentences]


def _end(branch: Branch, last_day: date, into: Branch | None = None) -> None:
    branch.closed_on = last_day
    branch.full_clean(exclude=["parent"])
    # The apps above end what cannot outlive it; the branch then is as it will be.
    branch_closing.send(type(branch), branch=branch, last_day=last_day, into=into)
    branch.save()
    dated_tree.end(branch, last_day)


def _record(act: str, branch: Branch, deed: Deed, **details) -> Succession:
    succession = Succession(
        act=act,
        branch=branch,
        effective_on=deed.on,
        reason=deed.reason,
        document_number=deed.document_number,
        recorded_by=deed.by,
        **details,
    )
    succession.full_clean()
    succession.save()
    return succession
