"""补选: a seat filled within a running term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from federation.months import local_today
from members.models import Member, Post, Term
from members.post_rules import hold_committees


@dataclass
class Vacancy:
    """Who leaves to make room, and why; a seat that is empty already has none."""

    post: Post
    ending: str


@transaction.atomic
def elect_to_vacancy(
    term: Term,
    member: Member,
    *,
    title: str,
    on: date,
    concurrent_office: str = "",
    vacancy: Vacancy | None = None,
) -> Post:
    """
    Elect *member*, who may be new, to a seat of the running *term* on *on*, and end
    the post of whoever leaves it on the same day.

    Raises ValidationError if the term runs no more, or by the rules of posts.
    """
    hold_committees([term.branch_id])
    if not Term.objects.running(local_today()).filter(pk=term.pk).exists():
        raise ValidationError(f"{term}不是现任的一届，不能补选。")
    if on > local_today():
        raise ValidationError({"on": "补选日期还没有到，选举之后再来登记。"})
    if vacancy is not None:
        vacancy.post.ended_on, vacancy.post.ending = on, vacancy.ending
        vacancy.post.full_clean()
        vacancy.post.save()
    if member.pk is None:
        member.full_clean()
        member.save()
    post = Post(
        member=member,
        branch=term.branch,
        term=term,
        title=title,
        concurrent_office=concurrent_office,
        started_on=on,
    )
    post.full_clean()
    post.save()
    return post
