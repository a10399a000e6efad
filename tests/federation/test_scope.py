"""Who reaches which branch's rows: pairs of place and permission, dated."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from federation.models import Branch, Grant
from federation.months import local_today
from federation.roles import Role, allow, permissions_of, roles_with
from federation.scope import granted_paths, scope_path, visible_choices
from members.models import Member, Post
from tests.conftest import staff
from tests.factories import GrantFactory, MemberFactory, PostFactory, UserFactory

VIEW, CHANGE = "members.view_member", "members.change_member"

pytestmark = pytest.mark.django_db


@pytest.fixture
def neighbours(community, second_community, sister_community):
    """One person in each of three villages."""
    branches = (community, second_community, sister_community)
    return {branch: MemberFactory(branch=branch) for branch in branches}


def reached(user, permission=VIEW):
    return set(Member.objects.visible_to(user, permission))


def test_a_grant_reaches_its_branch_and_all_below(
    street_reviewer, community, second_community, neighbours
):
    expected = {neighbours[community], neighbours[second_community]}
    assert reached(street_reviewer) == expected


def test_staff_do_not_see_a_sister_street(sister_reviewer, neighbours, community):
    assert neighbours[community] not in reached(sister_reviewer)


def test_a_code_that_begins_alike_is_no_branch_below(street, community, db):
    # 370114001 and 3701140010 share nine digits and nothing else.
    reviewer = staff(street, Role.REVIEWER, "reviewer")
    twin = Branch.objects.get(pk=street.pk)
    twin.pk, twin.code = None, "3701140010"
    twin.path = f"{street.parent.path}3701140010/"
    twin.save()
    assert set(Branch.objects.visible_to(reviewer)) == {street, community}


def test_two_grants_are_a_union_of_pairs_and_not_of_places_times_permissions(
    district, community, second_community, neighbours
):
    user = staff(district, Role.AUDITOR, "mixed")
    GrantFactory(user=user, branch=community, role=Role.REVIEWER)
    assert reached(user, VIEW) == set(neighbours.values())
    assert reached(user, CHANGE) == {neighbours[community]}
    assert user.has_perm(CHANGE, neighbours[community])
    assert not user.has_perm(CHANGE, neighbours[second_community])
    assert user.has_perm(VIEW, neighbours[second_community])


def test_two_grants_of_one_role_reach_both_places(
    community, sister_community, neighbours
):
    user = staff(community, Role.REVIEWER, "two_places")
    GrantFactory(user=user, branch=sister_community, role=Role.REVIEWER)
    expected = {neighbours[community], neighbours[sister_community]}
    assert reached(user, CHANGE) == expected


def test_a_grant_below_another_is_left_out_of_the_paths(district, street, community):
    user = staff(district, Role.AUDITOR, "nested")
    GrantFactory(user=user, branch=community, role=Role.AUDITOR)
    GrantFactory(user=user, branch=street, role=Role.CLERK)
    assert granted_paths(user, "federation.view_branch") == [district.path]


@pytest.mark.parametrize(
    ("starts", "ends", "is_open"),
    [
        (-10, None, True),
        (0, None, True),
        (0, 0, True),
        (-10, 0, True),
        (-10, -1, False),
        (1, None, False),
    ],
)
def test_a_grant_opens_from_its_first_to_its_last_day(community, starts, ends, is_open):
    today = local_today()
    user = UserFactory()
    Grant.objects.create(
        user=user,
        branch=community,
        role=Role.CLERK,
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )
    member = MemberFactory(branch=community)
    assert user.has_perm(VIEW, member) is is_open
    assert user.has_perm(VIEW) is is_open
    assert user.is_staff is is_open
    assert (reached(user) == {member}) is is_open


def test_a_grant_that_ends_closes_the_door_without_a_logout(client, street_reviewer):
    client.force_login(street_reviewer)
    assert client.get("/admin/federation/branch/").status_code == 200
    yesterday = local_today() - timedelta(days=1)
    street_reviewer.grants.update(ends_on=yesterday)
    answer = client.get("/admin/federation/branch/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_the_grants_of_yesterday_are_not_remembered_today(
    street_reviewer, community, monkeypatch
):
    member = MemberFactory(branch=community)
    tonight = local_today()
    street_reviewer.grants.update(ends_on=tonight)
    assert street_reviewer.has_perm(VIEW, member)
    monkeypatch.setattr(
        "federation.scope.local_today", lambda: tonight + timedelta(days=1)
    )
    assert not street_reviewer.has_perm(VIEW, member)


def test_nobody_without_a_grant_reaches_anything(staff_without_grant, neighbours):
    assert not reached(staff_without_grant)
    assert not staff_without_grant.is_staff
    assert not staff_without_grant.has_perm(VIEW)
    assert not staff_without_grant.has_module_perms("members")


def test_an_inactive_account_reaches_nothing(street_reviewer, neighbours, community):
    street_reviewer.is_active = False
    assert not reached(street_reviewer)
    assert not street_reviewer.has_perm(VIEW, neighbours[community])
    assert not street_reviewer.has_module_perms("members")


def test_an_inactive_superuser_reaches_nothing(neighbours):
    maintainer = UserFactory(is_superuser=True, is_active=False)
    assert not reached(maintainer)
    assert not maintainer.has_perm(VIEW)


def test_a_superuser_reaches_everything(neighbours):
    maintainer = UserFactory(is_superuser=True)
    assert reached(maintainer) == set(neighbours.values())
    assert maintainer.has_perm(CHANGE, next(iter(neighbours.values())))


def test_the_public_reaches_nothing_through_the_scope(neighbours, community):
    anybody = AnonymousUser()
    assert not reached(anybody)
    assert not anybody.has_perm(VIEW, neighbours[community])
    assert not Branch.objects.visible_to(anybody)


def test_a_row_through_another_is_judged_by_its_branch(street_reviewer, community):
    post = PostFactory(member__branch=community, started_on=date(2021, 3, 1))
    assert scope_path(post) == community.path
    assert street_reviewer.has_perm("members.change_post", post)
    assert set(Post.objects.visible_to(street_reviewer)) == {post}


def test_a_row_without_a_branch_belongs_to_nobody_yet(street_reviewer):
    assert not street_reviewer.has_perm("members.add_member", Member(name="李秀英"))


def test_choices_are_those_of_the_permission_that_is_asked_for(
    district, community, second_community
):
    user = staff(district, Role.AUDITOR, "chooser")
    GrantFactory(user=user, branch=community, role=Role.CLERK)
    chosen = visible_choices(Branch, user, "activities.add_activity")
    assert set(chosen) == {community}
    assert second_community in visible_choices(Branch, user)


def test_asking_again_costs_no_query(
    street_reviewer, neighbours, django_assert_num_queries
):
    with django_assert_num_queries(1):
        for member in neighbours.values():
            street_reviewer.has_perm(CHANGE, member)
            street_reviewer.has_perm(VIEW, member)


def test_a_new_grant_counts_after_forgetting(street_reviewer, sister_street):
    assert granted_paths(street_reviewer, VIEW)
    GrantFactory(user=street_reviewer, branch=sister_street, role=Role.REVIEWER)
    street_reviewer.forget_grants()
    assert sister_street.path in granted_paths(street_reviewer, VIEW)


def test_a_role_is_what_the_apps_declare():
    assert CHANGE in permissions_of(Role.REVIEWER)
    assert CHANGE not in permissions_of(Role.CLERK)
    assert roles_with("federation.succeed_branch") == [Role.DISTRICT_ADMIN]
    with pytest.raises(ValueError, match=r"app\.codename"):
        allow(Role.CLERK, "change_member")


def test_the_auditor_holds_nothing_that_changes():
    verbs = {p.partition(".")[2].partition("_")[0] for p in permissions_of("auditor")}
    assert verbs == {"view", "export"}
