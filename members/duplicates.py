"""The same person typed twice: found by name and birth month, or by phone; merged with
her whole history kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q

from members import post_rules
from members.models import Candidate, Delegate, Honour, Member, Post

# What the kept row takes over where it has nothing itself.
FACTS = (
    "birth_month",
    "education",
    "political_status",
    "occupation",
    "work_unit",
    "skills",
    "phone",
    "account",
)
FLAGS = ("is_grid_worker", "is_village_cadre", "is_new_employment", "publishes_name")
MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class Group:
    """People who may be one: why, and who; the oldest row first."""

    reason: str
    members: list[Member]


def likely_duplicates(members) -> list[Group]:
    """Return the groups of likely duplicates among the queryset *members*, at most
    ``MOST_GROUPS``, in a fixed number of queries."""
    members = members.current()
    by_birth = _repeated(
        members.filter(birth_month__isnull=False), ("name", "birth_month")
    )
    by_phone = _repeated(members.exclude(phone=""), ("phone",))
    found: dict[tuple[int, ...], Group] = {}
    for reason, keys, names in (
        ("姓名和出生年月相同", by_birth, ("name", "birth_month")),
        ("手机号相同", by_phone, ("phone",)),
    ):
        for group in _groups(members, keys, names):
            pks = tuple(member.pk for member in group)
            found.setdefault(pks, Group(reason, group))
    return list(found.values())[:MOST_GROUPS]


def _repeated(members, names: tuple[str, ...]) -> list[tuple]:
    rows = members.order_by().values_list(*names).annotate(times=Count("pk"))
    return [row[:-1] for row in rows.filter(times__gt=1).order_by(*names)[:MOST_GROUPS]]


def _groups(members, keys: list[tuple], names: tuple[str, ...]) -> list[list[Member]]:
    if not keys:
        return []
    condition = Q()
    for key in keys:
        condition |= Q(**dict(zip(names, key, strict=True)))
    groups: dict[tuple, list[Member]] = {key: [] for key in keys}
    rows = members.filter(condition).select_related("branch").order_by("pk")
    for member in rows:
        groups[tuple(getattr(member, name) for name in names)].append(member)
    return [group for group in groups.values() if len(group) > 1]


@transaction.atomic
def merge(kept: Member, duplicate: Member) -> None:
    """
    Let *duplicate* be one with *kept*: her posts, honours and seats become the kept
    row's, what is empty there is filled, and her row stays, pointing to it.

    Two posts that are the same and overlap become one over both times. Raises
    ValidationError if the two cannot be one person.
    """
    pks = sorted((kept.pk, duplicate.pk))
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=pks)
    locked = {row.pk: row for row in rows.order_by("pk")}
    kept, duplicate = locked[kept.pk], locked[duplicate.pk]
    _refuse_two_people(kept, duplicate)
    posts = Post.objects.filter(member__in=pks)
    post_rules.hold_committees(posts.values_list("branch_id", flat=True))
    _join_posts(kept, duplicate)
    for model in (Honour, Delegate, Candidate):
        _move(model, kept, duplicate)
    _fill(kept, duplicate)


def _refuse_two_people(kept: Member, duplicate: Member) -> None:
    if kept.pk == duplicate.pk:
        raise ValidationError("请选两条不同的记录。")
    for member in (kept, duplicate):
        if member.merged_into_id:
            raise ValidationError(f"{member}的这条记录已经并入另一条，不用再合并。")
    if kept.account_id and duplicate.account_id:
        raise ValidationError(
            f"两条记录各有一个账号（{kept.account.username}、"
            f"{duplicate.account.username}），请先取消其中一个的账号关联。"
        )
    born = {kept.birth_month, duplicate.birth_month} - {None}
    if len(born) > 1:
        raise ValidationError("两条记录的出生年月不同，请先核对，改成一致后再合并。")


def _join_posts(kept: Member, duplicate: Member) -> None:
    """Give *kept* the posts of *duplicate*; those that say the same as one of hers
    are joined with it."""
    own = list(Post.objects.filter(member=kept).select_related("member", "term"))
    for post in Post.objects.filter(member=duplicate).order_by("started_on", "pk"):
        twins = [one for one in own if _overlap(one, post)]
        if twins:
            own = [one for one in own if one not in twins[1:]]
            _join(twins[0], [*twins[1:], post])
        else:
            post.member = kept
            post.save()
            own.append(post)


def _join(twin: Post, doubled: list[Post]) -> None:
    """Let *twin* last as long as it and all of *doubled*, which go."""
    every = [twin, *doubled]
    last = max(every, key=lambda one: one.ended_on or post_rules.FOR_EVER)
    twin.started_on = min(one.started_on for one in every)
    twin.ended_on, twin.ending = last.ended_on, last.ending
    for post in doubled:
        # Before the doubled one goes, what came with it finds its place.
        post.post_grants.update(post=twin)
        post.delete()
    twin.save()


def _overlap(one: Post, other: Post) -> bool:
    if (one.branch_id, one.title) != (other.branch_id, other.title):
        return False
    ends = [post.ended_on or post_rules.FOR_EVER for post in (one, other)]
    return one.started_on < ends[1] and other.started_on < ends[0]


def _move(model, kept: Member, duplicate: Member) -> None:
    """Give *kept* the rows of *duplicate*; where both have one that only one may have,
    the doubled one goes."""
    for row in model.objects.filter(member=duplicate):
        row.member = kept
        try:
            row.validate_constraints()
        except ValidationError:
            row.delete()
        else:
            row.save()


def _fill(kept: Member, duplicate: Member) -> None:
    for name in FACTS:
        if not getattr(kept, name):
            setattr(kept, name, getattr(duplicate, name))
    for name in FLAGS:
        setattr(kept, name, getattr(kept, name) or getattr(duplicate, name))
    duplicate.merged_into = kept
    duplicate.phone, duplicate.account = "", None
    duplicate.save()
    kept.save()


def whole_path(member: Member) -> Iterable[Post]:
    """Return all posts of *member*, the newest first."""
    posts = Post.objects.filter(member=member).select_related("branch", "term")
    return posts.order_by("-started_on", "-pk")
