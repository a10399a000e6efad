"""The chair's rights come with her post: an account if she has none, and a grant that
ends with the post. Only who may hand out the role can give it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from federation.accounts import issue_code, may_grant, may_manage
from federation.journal import Recorder
from federation.models import Grant, Journal, User
from federation.roles import GRANTABLE, Role
from members import post_grants
from members.models import Post, PostGrant
from members.post_rules import hold_committees


@dataclass
class Handover:
    """What a chair got. *code* sets her password once and can be read only here;
    *refusal* says who can give what was not given."""

    post: Post
    role: Role
    account: User | None = None
    is_new: bool = False
    needs_code: bool = False
    code: str = ""
    refusal: str = ""


def refusal_of(by, branch) -> str:
    """Return why *by* cannot give the chair of *branch* her rights, if so."""
    role = post_grants.role_of_chair(branch)
    if may_grant(by, role, branch):
        return ""
    givers = [one.label for one in Role if role in GRANTABLE[one]]
    return f"{role.label}的授权由上级妇联的{'或'.join(givers)}发放，请联系上级。"


def write(posts: Iterable[Post], by, recorder: Recorder) -> list[Handover]:
    """Give the chairs in *posts*, whose posts are stored, accounts and grants through
    *recorder*. Codes are no part of it: hashing 33 of them takes seconds, and the
    branches are locked meanwhile."""
    handovers = [
        Handover(
            post,
            post_grants.role_of_chair(post.branch),
            post.member.account,
            refusal=refusal_of(by, post.branch),
        )
        for post in posts
    ]
    given = [one for one in handovers if not one.refusal]
    _make_accounts(given, recorder)
    _make_grants(given, by, recorder)
    for one in given:
        _say_what_is_missing(one, by)
    return handovers


def issue_codes(handovers: Iterable[Handover], by) -> None:
    """Make the codes of those who need one to get in."""
    for one in handovers:
        if one.needs_code:
            one.code = issue_code(one.account, by)


def hand_over(post: Post, by) -> Handover:
    """
    Give the chair in *post* her rights on their own: elected by somebody who could not
    give them, or in a by-election.

    Raises ValidationError if they cannot be given, or came with the post already.
    """
    with transaction.atomic():
        hold_committees([post.branch_id])
        post = Post.objects.select_related("branch", "member__account").get(pk=post.pk)
        if post.title != Post.Title.CHAIR or post.ended_on is not None:
            raise ValidationError("只给在任的主席开通。")
        if post.post_grants.exists():
            raise ValidationError(f"{post.member}的账号和授权已经开通。")
        if refusal := refusal_of(by, post.branch):
            raise ValidationError(refusal)
        journal = Journal.objects.create(
            branch=post.branch, title=f"{post.branch}主席账号", made_by=by
        )
        (handover,) = write([post], by, Recorder(journal))
    issue_codes([handover], by)
    return handover


def _make_accounts(handovers: list[Handover], recorder: Recorder) -> None:
    """Make an account for each member without one; who chairs two branches has one."""
    without = [one for one in handovers if one.account is None]
    first = {one.post.member_id: one for one in reversed(without)}
    newcomers = list(first.values())
    names = _free_names([one.post for one in newcomers])
    for one, name in zip(newcomers, names, strict=True):
        account = User(username=name, name=one.post.member.name, branch=one.post.branch)
        account.set_unusable_password()
        one.is_new, one.post.member.account = True, account
    recorder.create([one.post.member.account for one in newcomers])
    for one in newcomers:
        one.post.member.account = one.post.member.account  # its key is known now
    recorder.update([one.post.member for one in newcomers], ["account"])
    for one in without:
        one.account = first[one.post.member_id].post.member.account


def _free_names(posts: list[Post]) -> list[str]:
    """Return a user name for each chair that nobody has: where she is and who she is,
    as she would say it on the phone."""
    wanted = [f"{post.branch.short_name}{post.member.name}"[:60] for post in posts]
    taken = set()
    for name in set(wanted):
        like = User.objects.filter(username__startswith=name)
        taken.update(like.values_list("username", flat=True))
    names = []
    for name in wanted:
        free, number = name, 2
        while free in taken:
            free, number = f"{name}{number}", number + 1
        taken.add(free)
        names.append(free)
    return names


def _make_grants(handovers: list[Handover], by, recorder: Recorder) -> None:
    held = set(
        Grant.objects.filter(user__in=[one.account for one in handovers]).values_list(
            "user", "branch", "role", "starts_on"
        )
    )
    pairs = []
    for one in handovers:
        post = one.post
        key = (one.account.pk, post.branch_id, str(one.role), post.started_on)
        if key in held:
            continue  # given by hand on the very day: it keeps its own end
        grant = Grant(
            user=one.account,
            branch=post.branch,
            role=one.role,
            starts_on=post.started_on,
            granted_by=by,
            note=f"{post.get_title_display()}任职",
        )
        pairs.append((post, grant))
    recorder.create([grant for _, grant in pairs])
    recorder.create([PostGrant(post=post, grant=grant) for post, grant in pairs])


def _say_what_is_missing(one: Handover, by) -> None:
    account = one.account
    if not account.is_active:
        one.refusal = f"授权已给，但账号 {account.username} 已停用，请在账号页上启用。"
    elif not account.has_usable_password() and may_manage(by, account):
        # A code for an account that is in use would be a way into it.
        one.needs_code = True
