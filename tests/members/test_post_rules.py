"""Which posts cannot stand beside each other, whatever path they take."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from federation import successions
from members.models import Post, Term
from tests.factories import (
    BranchFactory,
    GrantFactory,
    MemberFactory,
    PostFactory,
    TermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CHAIR = Post.Title.CHAIR


@pytest.fixture
def village():
    return BranchFactory(
        code="370114001001", short_name="明一社区", founded_on=date(2015, 1, 1)
    )


@pytest.fixture
def term(village):
    return TermFactory(branch=village, number=2, elected_on=date(2021, 3, 1))


@pytest.fixture
def li(village):
    return MemberFactory(name="李秀英", branch=village)


@pytest.fixture
def wang(village):
    return MemberFactory(name="王淑兰", branch=village)


def post_of(member, **values):
    values = {"branch": member.branch, "started_on": date(2021, 3, 1)} | values
    return Post(member=member, **values)


def sentence(posts) -> str:
    """Return what every path answers: the same, or the test fails."""
    answers = set()
    for write in (
        lambda: posts[-1].full_clean(),
        lambda: posts[-1].save(),
        lambda: Post.objects.bulk_create(posts),
    ):
        with pytest.raises(ValidationError) as refusal, transaction.atomic():
            write()
        answers.add("".join(refusal.value.messages))
    (answer,) = answers
    return answer


def test_two_chairs_at_once_are_refused(li, wang):
    post_of(li, title=CHAIR).save()

    assert sentence([post_of(wang, title=CHAIR, started_on=date(2022, 1, 1))]) == (
        "明一社区妇联已有主席李秀英（2021-03-01 至今），"
        "同一天只能有一位主席，请先填写前任的卸任日期。"
    )


def test_a_chair_may_follow_on_the_day_the_other_leaves(li, wang):
    post_of(li, title=CHAIR, ended_on=date(2022, 1, 1), ending="resigned").save()
    post_of(wang, title=CHAIR, started_on=date(2022, 1, 1)).save()

    assert Post.objects.chairs().in_post(date(2021, 12, 31)).get().member == li
    assert Post.objects.chairs().in_post(date(2022, 1, 1)).get().member == wang


def test_an_earlier_chair_cannot_be_entered_into_the_time_of_another(li, wang):
    post_of(li, title=CHAIR, started_on=date(2020, 1, 1)).save()

    assert "已有主席李秀英" in sentence(
        [
            post_of(
                wang,
                title=CHAIR,
                started_on=date(2019, 1, 1),
                ended_on=date(2020, 1, 2),
                ending="resigned",
            )
        ]
    )


def test_the_same_post_twice_at_once_is_refused(li):
    post_of(li).save()

    assert sentence([post_of(li, started_on=date(2023, 1, 1))]) == (
        "李秀英已有同样的任职（2021-03-01 至今），不能重复登记。"
    )


def test_two_posts_of_one_batch_are_held_against_each_other(li, wang):
    posts = [post_of(li, title=CHAIR), post_of(wang, title=CHAIR)]

    with pytest.raises(ValidationError, match="已有主席李秀英"), transaction.atomic():
        Post.objects.bulk_create(posts)

    assert not Post.objects.exists()


def test_no_post_before_its_branch_was_founded(li):
    assert sentence([post_of(li, started_on=date(2014, 12, 31))]) == (
        "明一社区妇联在 2015-01-01 才成立，任职日期不能早于这一天。"
    )


def test_no_post_outlives_its_branch(li, village):
    deed = successions.Deed(date(2023, 5, 31), "撤并", "章妇〔2023〕5 号")
    successions.close(deed, village)
    village.refresh_from_db()

    assert "已在 2023-05-31 撤销" in sentence([post_of(li)])


def test_posts_end_with_their_branch_and_their_grants_with_them(li, village):
    post = PostFactory(member=li, title=CHAIR)
    grant = GrantFactory(user=UserFactory(), branch=village, role="clerk")
    post.post_grants.create(grant=grant)

    deed = successions.Deed(date(2023, 5, 31), "撤并", "章妇〔2023〕5 号")
    successions.close(deed, village)

    post.refresh_from_db()
    grant.refresh_from_db()
    assert (post.ended_on, post.ending) == (date(2023, 6, 1), "branch_closed")
    assert grant.ends_on == date(2023, 5, 31)


def test_a_post_lies_within_its_term(li, term):
    assert "第 2 届在 2021-03-01 选举" in sentence(
        [post_of(li, term=term, started_on=date(2021, 2, 28))]
    )


def test_a_post_ends_when_the_next_term_is_elected(li, village, term):
    TermFactory(
        branch=village,
        number=3,
        elected_on=date(2026, 3, 2),
        due_on=date(2031, 3, 2),
    )

    assert sentence([post_of(li, term=term)]) == (
        "第 3 届已在 2026-03-02 选举，第 2 届的任职最晚到这一天为止，请填写卸任日期。"
    )


def test_nobody_holds_a_post_in_a_term_that_is_not_elected(li, village):
    planned = TermFactory(
        branch=village,
        number=3,
        status=Term.Status.PREPARING,
        elected_on=None,
        due_on=None,
    )

    assert sentence([post_of(li, term=planned)]) == (
        "第 3 届还没有选举，不能登记任职。"
    )


def test_a_term_of_another_branch_is_refused(li):
    elsewhere = TermFactory(branch=BranchFactory(parent=None))

    assert sentence([post_of(li, term=elsewhere)]) == (
        "所选的届不属于这个妇联组织，请重新选择。"
    )


def test_an_update_of_many_rows_is_refused_and_leaves_none(li, wang):
    PostFactory(member=li)
    PostFactory(member=wang)

    with pytest.raises(ValidationError, match="已有主席"), transaction.atomic():
        Post.objects.update(title=CHAIR)

    assert not Post.objects.chairs().exists()


def test_a_grant_that_came_with_a_post_ends_the_day_before_it(li, village):
    post = PostFactory(member=li, title=CHAIR)
    own, other = (
        GrantFactory(user=UserFactory(), branch=village, role="clerk") for _ in "ab"
    )
    post.post_grants.create(grant=own)

    post.ended_on, post.ending = date(2024, 9, 1), "resigned"
    post.save()

    own.refresh_from_db()
    other.refresh_from_db()
    assert own.ends_on == date(2024, 8, 31)
    assert other.ends_on is None
