"""A village with an old committee, and the election that follows it."""

import uuid
from datetime import date

import pytest

from members import elections
from members.models import Member, Post, PostGrant
from tests.factories import (
    GrantFactory,
    MemberFactory,
    PostFactory,
    TermFactory,
    UserFactory,
)

OLD, NEW = date(2021, 3, 1), date(2026, 3, 2)


def committee_of(branch, *names):
    """Seat *names* in a term that began five years ago; the first is the chair."""
    term = TermFactory(
        branch=branch, number=1, elected_on=OLD, due_on=NEW, seats_planned=len(names)
    )
    for place, name in enumerate(names):
        PostFactory(
            member=MemberFactory(name=name, branch=branch),
            branch=branch,
            term=term,
            started_on=OLD,
            title="committee" if place else "chair",
        )
    return term


def post_of(name) -> Post:
    """Return the latest post of the person called *name*."""
    return Post.objects.filter(member__name=name).latest("started_on")


def begun(branch, by, covers_below=False, on=NEW, form_key=None):
    return elections.start(
        branch,
        covers_below=covers_below,
        elected_on=on,
        by=by,
        form_key=form_key or uuid.uuid4(),
    )


def give_account(name, role="clerk") -> PostGrant:
    """Give the chair called *name* an account and a grant that came with her post."""
    post = post_of(name)
    account = UserFactory(branch=post.branch)
    Member.objects.filter(pk=post.member_id).update(account=account)
    grant = GrantFactory(
        user=account, branch=post.branch, role=role, starts_on=post.started_on
    )
    return PostGrant.objects.create(post=post, grant=grant)


@pytest.fixture
def old_term(community):
    return committee_of(community, "李秀英", "王淑兰", "张桂芬")


@pytest.fixture
def election(community, old_term, street_reviewer):
    """The old committee stands again, and all of it is elected."""
    started = begun(community, street_reviewer)
    elections.take_committees(started.terms.all())
    started.terms.update(method="congress", voters_expected=40, voters_present=36)
    elections.elect_everybody(started)
    return started


@pytest.fixture
def term(election):
    return election.terms.get()
