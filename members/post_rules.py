"""Which posts cannot stand beside each other: asked for one post by ``Post.clean`` and
for thousands by every bulk write, with the same sentences.

A database constraint could not say it: the ranges of dates are open, and the two
databases know no common way to exclude overlaps. So the rule is asked inside the
transaction of the write, with the branches locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from federation import batches
from federation.models import Branch
from members.models.choices import Title

# A change of anything else moves no post in time or place.
FIELDS = {"member", "branch", "term", "title", "started_on", "ended_on"}
FIELDS |= {f"{name}_id" for name in FIELDS}
FOR_EVER = date.max


class Fault(NamedTuple):
    """What is wrong with a post: the field it concerns and the sentence for it."""

    field: str
    sentence: str


class _Span(NamedTuple):
    """A post's time; *position* is its place in the list that is asked about."""

    start: date
    end: date
    position: int | None
    name: str


def refuse(model, posts: Iterable) -> None:
    """Raise ValidationError with the first fault of *posts*, if there is one."""
    posts = list(posts)
    for fault in faults(model, posts).values():
        raise ValidationError({fault.field: fault.sentence})


@contextmanager
def enforced(model, posts: list) -> Iterator[None]:
    """Write *posts* inside: their branches are locked, and what cannot stand is
    refused before."""
    with transaction.atomic(savepoint=False):
        # What only the database can tell is asked about when it is written.
        told = [post for post in posts if post.counted_values()]
        hold_committees(post.branch_id for post in told)
        refuse(model, told)
        yield
        if len(told) < len(posts):
            written = [post.pk for post in posts if not post.counted_values()]
            rows = model._base_manager.filter(pk__in=written)
            refuse(model, rows.select_related("member", "term"))


def hold_committees(branch_ids: Iterable[int]) -> None:
    """Let one transaction at a time change who sits in these committees."""
    wanted = sorted({pk for pk in branch_ids if pk is not None})
    for pks in batches.of(wanted):
        rows = Branch.objects.filter(pk__in=pks).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def faults(model, posts: list) -> dict[int, Fault]:
    """
    Return ``{position in posts: its first fault}``.

    *posts* may be new, with members not saved yet; they are looked at together with
    each other and with what is stored about their branches, in a fixed number of
    queries for each 500 branches.
    """
    asked = {
        position: post
        for position, post in enumerate(posts)
        if post.branch_id and post.started_on and _person(post)
    }
    surroundings = _Surroundings(model, asked.values())
    found = {
        position: fault
        for position, post in asked.items()
        if (fault := surroundings.fault_of(post))
    }
    for position, fault in surroundings.overlaps(asked):
        found.setdefault(position, fault)
    return dict(sorted(found.items()))


class _Surroundings:
    """What is stored about the branches of some posts, read at once."""

    def __init__(self, model, posts):
        self.model = model
        posts = list(posts)
        branch_ids = sorted({post.branch_id for post in posts})
        self.branches, self.elections, self.stored = {}, defaultdict(list), []
        earliest = min((post.started_on for post in posts), default=None)
        own = {post.pk for post in posts}
        for pks in batches.of(branch_ids):
            self.branches |= Branch.objects.in_bulk(pks)
            self._read_elections(pks)
            self._read_posts(pks, earliest, own)

    def _read_elections(self, pks) -> None:
        terms = apps.get_model("members", "Term")._base_manager
        elected = terms.filter(branch__in=pks, elected_on__isnull=False)
        rows = elected.order_by("number").values_list(
            "branch_id", "number", "elected_on"
        )
        for branch_id, number, elected_on in rows:
            self.elections[branch_id].append((number, elected_on))

    def _read_posts(self, pks, earliest, own) -> None:
        lasting = Q(ended_on__isnull=True) | Q(ended_on__gt=earliest)
        rows = self.model._base_manager.filter(lasting, branch__in=pks).order_by()
        columns = ("pk", "member_id", "branch_id", "title", "started_on", "ended_on")
        for pk, *row in rows.values_list(*columns, "member__name"):
            if pk not in own:
                self.stored.append(row)

    def fault_of(self, post) -> Fault | None:
        branch = self.branches.get(post.branch_id)
        if branch is None:
            return None
        last_day = None if post.ended_on is None else _day_before(post.ended_on)
        if branch.founded_on and post.started_on < branch.founded_on:
            return Fault(
                "started_on",
                f"{branch}在 {branch.founded_on} 才成立，任职日期不能早于这一天。",
            )
        if branch.closed_on and (last_day is None or last_day > branch.closed_on):
            return Fault(
                "ended_on",
                f"{branch}已在 {branch.closed_on} 撤销，请填写不晚于次日的卸任日期。",
            )
        return self._fault_with_term(post) if post.term_id else None

    def _fault_with_term(self, post) -> Fault | None:
        term = post.term
        if term.branch_id != post.branch_id:
            return Fault("term", "所选的届不属于这个妇联组织，请重新选择。")
        if term.elected_on is None:
            return Fault("term", f"第 {term.number} 届还没有选举，不能登记任职。")
        if post.started_on < term.elected_on:
            return Fault(
                "started_on",
                f"第 {term.number} 届在 {term.elected_on} 选举，"
                "任职日期不能早于这一天。",
            )
        end = post.ended_on or FOR_EVER
        for number, elected_on in self.elections[post.branch_id]:
            if number > term.number and end > elected_on:
                return Fault(
                    "ended_on",
                    f"第 {number} 届已在 {elected_on} 选举，"
                    f"第 {term.number} 届的任职最晚到这一天为止，请填写卸任日期。",
                )
        return None

    def overlaps(self, asked: dict) -> Iterator[tuple[int, Fault]]:
        """Yield the posts that stand beside another one they cannot stand beside."""
        chairs, same = defaultdict(list), defaultdict(list)
        for member_id, branch_id, title, start, end, name in self.stored:
            span = _Span(start, end or FOR_EVER, None, name)
            same[member_id, branch_id, title].append(span)
            if title == Title.CHAIR:
                chairs[branch_id].append(span)
        for position, post in asked.items():
            span = _Span(
                post.started_on, post.ended_on or FOR_EVER, position, post.member.name
            )
            same[_person(post), post.branch_id, post.title].append(span)
            if post.title == Title.CHAIR:
                chairs[post.branch_id].append(span)
        for spans in same.values():
            for position, other in _crossings(spans):
                yield position, Fault("started_on", _same_sentence(other))
        for branch_id, spans in chairs.items():
            for position, other in _crossings(spans):
                branch = self.branches.get(branch_id)
                yield position, Fault("title", _chair_sentence(branch, other))


def _crossings(spans: list[_Span]) -> Iterator[tuple[int, _Span]]:
    """Yield (position, the other one) where two of *spans* hold on the same day; of
    two that are both asked about, the later one."""
    if all(span.position is None for span in spans):
        return
    reaching = None
    for span in sorted(spans, key=lambda span: (span.start, span.position is not None)):
        if span.end <= span.start:
            continue  # the constraint has a sentence for that
        if reaching and span.start < reaching.end:
            if span.position is not None:
                yield span.position, reaching
            elif reaching.position is not None:
                yield reaching.position, span
        if reaching is None or span.end > reaching.end:
            reaching = span


def _same_sentence(other: _Span) -> str:
    until = "至今" if other.end == FOR_EVER else f"至 {other.end}"
    return f"{other.name}已有同样的任职（{other.start} {until}），不能重复登记。"


def _chair_sentence(branch, other: _Span) -> str:
    until = "至今" if other.end == FOR_EVER else f"至 {other.end}"
    return (
        f"{branch}已有主席{other.name}（{other.start} {until}），"
        "同一天只能有一位主席，请先填写前任的卸任日期。"
    )


def _person(post):
    """Return what tells the person: her key, or the instance that has none yet."""
    if post.member_id:
        return post.member_id
    member = type(post)._meta.get_field("member").get_cached_value(post, None)
    return id(member) if member is not None else None


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
