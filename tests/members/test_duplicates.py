"""The same person typed twice: found, and merged with her history kept."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members import duplicates
from members.models import Honour, Member, Post
from tests.factories import (
    DelegateFactory,
    GrantFactory,
    HonourFactory,
    MemberFactory,
    PostFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

BORN = date(1985, 3, 1)
PAGE = "/admin/members/member/duplicates/"


@pytest.fixture
def twins(community, second_community):
    return (
        MemberFactory(name="李秀英", birth_month=BORN, branch=community),
        MemberFactory(name="李秀英", birth_month=BORN, branch=second_community),
    )


def test_same_name_and_birth_month_are_shown_once(twins):
    MemberFactory(name="李秀英", birth_month=date(1990, 1, 1))
    MemberFactory(name="王淑兰", birth_month=BORN)

    [group] = duplicates.likely_duplicates(Member.objects.all())

    assert group.reason == "姓名和出生年月相同"
    assert group.members == list(twins)


def test_the_same_phone_under_two_names_is_shown(community):
    one, other = (
        MemberFactory(name=name, phone="13800001111") for name in ("李秀英", "李秀瑛")
    )

    [group] = duplicates.likely_duplicates(Member.objects.all())

    assert (group.reason, group.members) == ("手机号相同", [one, other])


def test_many_groups_cost_as_many_queries_as_one(twins, django_assert_num_queries):
    for n in range(30):
        for _ in range(2):
            MemberFactory(name=f"张{n}", birth_month=BORN)

    with django_assert_num_queries(3):
        assert len(duplicates.likely_duplicates(Member.objects.all())) == 31


def test_her_whole_history_comes_to_the_kept_row(twins):
    kept, duplicate = twins
    own = PostFactory(
        member=kept, ended_on=date(2022, 1, 1), ending=Post.Ending.RESIGNED
    )
    other = PostFactory(member=duplicate, started_on=date(2023, 1, 1))
    honour = HonourFactory(branch=duplicate.branch, member=duplicate)
    seat = DelegateFactory(member=duplicate)

    duplicates.merge(kept, duplicate)

    assert set(kept.posts.all()) == {own, other}
    assert [*kept.honours.all(), *kept.seats.all()] == [honour, seat]
    assert list(Member.objects.current().filter(name="李秀英")) == [kept]
    assert duplicates.likely_duplicates(Member.objects.all()) == []


def test_the_merged_row_stays_and_points_to_the_kept_one(twins):
    kept, duplicate = twins

    duplicates.merge(kept, duplicate)

    duplicate.refresh_from_db()
    assert duplicate.merged_into == kept


def test_what_is_empty_is_filled_and_what_is_there_stays(twins):
    kept, duplicate = twins
    Member.objects.filter(pk=kept.pk).update(education="college")
    Member.objects.filter(pk=duplicate.pk).update(
        education="bachelor", phone="13800001111", is_grid_worker=True
    )

    duplicates.merge(kept, duplicate)

    kept.refresh_from_db()
    duplicate.refresh_from_db()
    assert (kept.education, kept.phone) == ("college", "13800001111")
    assert kept.is_grid_worker
    assert duplicate.phone == ""


def test_a_post_typed_twice_becomes_one_over_both_times(community):
    kept, duplicate = (MemberFactory(name="李秀英", branch=community) for _ in "ab")
    PostFactory(
        member=kept,
        started_on=date(2021, 3, 1),
        ended_on=date(2023, 1, 1),
        ending="resigned",
    )
    doubled = PostFactory(member=duplicate, started_on=date(2022, 5, 1))
    grant = GrantFactory(user=UserFactory(), branch=community, role="clerk")
    doubled.post_grants.create(grant=grant)

    duplicates.merge(kept, duplicate)

    post = Post.objects.get()
    assert (post.member, post.started_on, post.ended_on) == (
        kept,
        date(2021, 3, 1),
        None,
    )
    assert post.post_grants.get().grant == grant


def test_a_seat_at_the_same_congress_is_not_doubled(twins):
    kept, duplicate = twins
    DelegateFactory(member=kept)
    DelegateFactory(member=duplicate)

    duplicates.merge(kept, duplicate)

    assert kept.seats.count() == 1


def test_two_birth_months_are_two_people(twins):
    kept, duplicate = twins
    Member.objects.filter(pk=duplicate.pk).update(birth_month=date(1985, 4, 1))

    with pytest.raises(ValidationError, match="出生年月不同"):
        duplicates.merge(kept, duplicate)


def test_two_accounts_are_not_guessed_away(twins):
    for twin in twins:
        twin.account = UserFactory()
        twin.save()

    with pytest.raises(ValidationError, match="各有一个账号"):
        duplicates.merge(*twins)


def test_a_merged_row_is_not_merged_again(twins):
    duplicates.merge(*twins)

    with pytest.raises(ValidationError, match="已经并入"):
        duplicates.merge(*twins)


# The page


@pytest.fixture
def office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


def test_the_page_merges_what_was_chosen(office, twins):
    kept, duplicate = twins
    assert "李秀英" in office.get(PAGE).content.decode()

    answer = office.post(
        PAGE, {"kept": duplicate.pk, "duplicate": kept.pk}, follow=True
    )

    assert "已合并为一条：李秀英" in answer.content.decode()
    kept.refresh_from_db()
    assert kept.merged_into == duplicate


def test_the_page_says_why_not(office, twins):
    answer = office.post(
        PAGE, {"kept": twins[0].pk, "duplicate": twins[0].pk}, follow=True
    )

    assert "请选两条不同的记录。" in answer.content.decode()


@pytest.mark.parametrize("typed", ["", "x", "9999999", "１２"])
def test_whatever_is_sent_is_answered(office, twins, typed):
    answer = office.post(PAGE, {"kept": typed, "duplicate": twins[0].pk}, follow=True)

    assert answer.status_code == 200
    assert Member.objects.filter(merged_into=None).count() == 2


def test_a_person_of_a_sister_street_is_not_merged(office, twins, sister_community):
    foreign = MemberFactory(name="李秀英", birth_month=BORN, branch=sister_community)

    page = office.get(PAGE).content.decode()
    office.post(PAGE, {"kept": twins[0].pk, "duplicate": foreign.pk})

    assert "赵家庄" not in page
    foreign.refresh_from_db()
    assert foreign.merged_into is None


def test_the_merged_row_is_in_no_list_and_counts_no_more(office, twins):
    PostFactory(member=twins[1])
    duplicates.merge(*twins)

    page = office.get("/admin/members/member/?q=李秀英").content.decode()

    assert page.count(">李秀英<") == 1
    assert Honour.objects.count() == 0
    assert Member.objects.in_post(date(2024, 1, 1)).get() == twins[0]
