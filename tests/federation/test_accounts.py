"""Accounts in the admin: who makes them, who may touch whose, and the first login."""

from datetime import timedelta

import pytest

from federation.accounts import grantable_roles, may_grant, may_manage, plain
from federation.models import Grant, OneTimeCode, User
from federation.months import local_today
from federation.roles import GRANTABLE, Role
from tests.conftest import staff
from tests.factories import PASSWORD, GrantFactory, UserFactory

LIST = "/admin/federation/user/"
ADD = f"{LIST}add/"

pytestmark = pytest.mark.django_db


def page_of(account, act="change"):
    return f"{LIST}{account.pk}/{act}/"


def text_of(answer):
    return answer.content.decode()


def create(client, branch, role=Role.CLERK, **answers):
    answers = {
        "username": "zhangli",
        "name": "张丽",
        "branch": branch.pk if branch else "",
        "role": role,
        **answers,
    }
    return client.post(ADD, answers)


def change(client, account, grants=(), **answers):
    """Post the account's own form with *grants*, each a dict of the inline's fields."""
    answers = {
        "name": account.name,
        "branch": account.branch_id or "",
        "email": "",
        "is_active": "on",
        **answers,
        "grants-TOTAL_FORMS": len(grants),
        "grants-INITIAL_FORMS": sum("id" in grant for grant in grants),
    }
    for number, grant in enumerate(grants):
        for name, value in {"user": account.pk, **grant}.items():
            answers[f"grants-{number}-{name}"] = value
    return client.post(page_of(account), answers)


def new_grant(branch, role, ends_on=""):
    return {
        "branch": branch.pk,
        "role": role,
        "starts_on": local_today(),
        "ends_on": ends_on,
        "note": "",
    }


def known_grant(grant, **answers):
    return {**new_grant(grant.branch, grant.role), "id": grant.pk, **answers}


@pytest.fixture
def street_office(client, street_reviewer):
    client.force_login(street_reviewer)
    return client


@pytest.fixture
def district_office(client, district_admin):
    client.force_login(district_admin)
    return client


# Making an account


def test_a_reviewer_makes_a_village_account_with_a_code(
    street_office, street_reviewer, community, client
):
    answer = create(street_office, community)
    account = User.objects.get(username="zhangli")
    [grant] = account.grants.all()
    assert (grant.branch, grant.role) == (community, Role.CLERK)
    assert (grant.granted_by, grant.starts_on) == (street_reviewer, local_today())
    assert not account.has_usable_password()
    code = answer.context["code"]
    assert code in text_of(answer)
    assert "no-store" in answer["Cache-Control"]

    client.logout()
    new = "泉水叮咚-2026-春天"
    answers = {"username": "zhangli", "code": code, "new_password": new, "again": new}
    client.post("/account/reset/", answers)
    door = {"username": "zhangli", "password": new}
    assert client.post("/admin/login/", door).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_grant_may_end(street_office, community):
    create(street_office, community, ends_on="2099-12-31")
    assert f"{Grant.objects.get(user__username='zhangli').ends_on}" == "2099-12-31"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.DISTRICT_ADMIN, Role.AUDITOR])
def test_a_reviewer_hands_out_no_role_but_clerk(street_office, community, role):
    page = create(street_office, community, role)
    assert page.context["adminform"].form.errors["role"]
    assert not User.objects.filter(username="zhangli").exists()


def test_a_reviewer_makes_no_account_in_a_sister_street(
    street_office, sister_community, district
):
    for branch in (sister_community, district):
        page = create(street_office, branch)
        assert page.context["adminform"].form.errors["branch"]
    assert not User.objects.filter(username="zhangli").exists()


def test_the_place_and_the_right_to_grant_must_belong_together(
    client, street, sister_street, sister_community
):
    user = staff(street, Role.REVIEWER, "mixed")
    GrantFactory(user=user, branch=sister_street, role=Role.AUDITOR)
    client.force_login(user)
    page = create(client, sister_community)
    assert page.context["adminform"].form.errors["branch"]


def test_the_district_makes_reviewers(district_office, street):
    create(district_office, street, Role.REVIEWER)
    assert Grant.objects.get(user__username="zhangli").role == Role.REVIEWER


def test_a_name_in_use_is_refused_and_the_rest_is_kept(street_office, community):
    UserFactory(username="zhangli")
    page = create(street_office, community)
    assert "这个用户名已有人使用，请换一个。" in text_of(page)
    assert 'value="张丽"' in text_of(page)


def test_an_account_without_a_place_is_refused(street_office, community):
    page = create(street_office, None)
    assert page.context["adminform"].form.errors["branch"]


@pytest.mark.parametrize("person", ["village_clerk", "auditor"])
def test_others_make_no_accounts(client, community, person, request):
    client.force_login(request.getfixturevalue(person))
    assert client.get(ADD).status_code == 403
    assert create(client, community).status_code == 403


# Whose account


def test_the_list_shows_ones_subtree_and_no_superuser(
    street_office, village_clerk, sister_reviewer, district_admin, community
):
    UserFactory(username="maintainer", is_superuser=True, branch=community)
    shown = street_office.get(LIST).context["cl"].result_list
    assert {account.username for account in shown} == {
        "street_reviewer",
        "village_clerk",
    }


def test_the_list_costs_the_same_however_long_it_is(
    street_office, community, django_assert_max_num_queries
):
    for number in range(20):
        staff(community, Role.CLERK, f"clerk{number}")
    with django_assert_max_num_queries(12):
        page = street_office.get(LIST)
    assert "录入员（明一社区）" in text_of(page)


def test_a_reviewer_manages_the_clerks_of_her_villages(
    street_reviewer, village_clerk, sister_reviewer
):
    assert may_manage(street_reviewer, village_clerk)
    assert not may_manage(sister_reviewer, village_clerk)


def test_nobody_manages_herself(street_reviewer, district_admin, street_office, street):
    assert not may_manage(street_reviewer, street_reviewer)
    assert not may_manage(district_admin, district_admin)
    grants = [new_grant(street, Role.CLERK)]
    assert change(street_office, street_reviewer, grants).status_code == 403
    assert street_reviewer.grants.count() == 1


def test_a_peer_and_a_superior_are_out_of_reach(
    street_office, street_reviewer, street, district_admin
):
    peer = staff(street, Role.REVIEWER, "peer")
    assert not may_manage(street_reviewer, peer)
    assert not may_manage(street_reviewer, district_admin)
    assert street_office.post(page_of(peer, "code")).status_code == 403
    assert street_office.post(page_of(district_admin, "code")).status_code == 404
    assert change(street_office, peer, name="改名").status_code == 403
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("starts", [-10, 10])
def test_a_clerk_with_a_grant_elsewhere_is_out_of_reach(
    street_reviewer, village_clerk, sister_community, starts
):
    day = local_today() + timedelta(days=starts)
    GrantFactory(
        user=village_clerk, branch=sister_community, role=Role.CLERK, starts_on=day
    )
    assert not may_manage(street_reviewer, village_clerk)


def test_a_grant_that_is_over_keeps_nobody_out_of_reach(
    street_reviewer, village_clerk, district
):
    yesterday = local_today() - timedelta(days=1)
    GrantFactory(
        user=village_clerk, branch=district, role=Role.AUDITOR, ends_on=yesterday
    )
    assert may_manage(street_reviewer, village_clerk)


def test_a_reviewer_whose_grant_ended_manages_nobody(street_reviewer, village_clerk):
    street_reviewer.grants.update(ends_on=local_today() - timedelta(days=1))
    street_reviewer.forget_grants()
    assert not may_manage(street_reviewer, village_clerk)


def test_a_superuser_is_managed_by_superusers_only(district_admin, community):
    maintainer = UserFactory(is_superuser=True, branch=community)
    second = UserFactory(is_superuser=True)
    assert not may_manage(district_admin, maintainer)
    assert may_manage(second, maintainer)


def test_the_auditor_manages_nobody(auditor, village_clerk):
    assert not may_manage(auditor, village_clerk)


@pytest.mark.parametrize("held", Role)
@pytest.mark.parametrize("role", Role)
def test_roles_are_handed_out_as_the_table_says(street, community, held, role):
    user = staff(street, held, "giver")
    assert may_grant(user, role, community) is (role in GRANTABLE[held])
    assert (role in grantable_roles(user)) is (role in GRANTABLE[held])


# Changing one


def test_a_reviewer_ends_a_grant_and_gives_another(
    street_office, street_reviewer, village_clerk, second_community
):
    [grant] = village_clerk.grants.all()
    today = local_today()
    rows = [
        known_grant(grant, ends_on=today),
        new_grant(second_community, Role.CLERK),
    ]
    assert change(street_office, village_clerk, rows).status_code == 302
    grant.refresh_from_db()
    assert grant.ends_on == today
    added = village_clerk.grants.get(branch=second_community)
    assert added.granted_by == street_reviewer


def test_what_was_granted_stays_as_it_was(
    street_office, village_clerk, second_community
):
    [grant] = village_clerk.grants.all()
    row = known_grant(grant, branch=second_community.pk, role=Role.REVIEWER)
    change(street_office, village_clerk, [row])
    grant.refresh_from_db()
    assert (grant.branch.code, grant.role) == ("370114001001", Role.CLERK)


def test_a_grant_that_is_over_is_not_revived(
    street_office, village_clerk, second_community
):
    yesterday = local_today() - timedelta(days=1)
    village_clerk.grants.update(ends_on=yesterday)
    [grant] = village_clerk.grants.all()
    change(street_office, village_clerk, [known_grant(grant, ends_on="2099-01-01")])
    grant.refresh_from_db()
    assert grant.ends_on == yesterday


@pytest.mark.parametrize(
    ("place", "role"),
    [("community", Role.REVIEWER), ("street", Role.DISTRICT_ADMIN)],
)
def test_a_reviewer_adds_no_role_beyond_her_own_gift(
    street_office, village_clerk, place, role, request
):
    rows = [new_grant(request.getfixturevalue(place), role)]
    assert change(street_office, village_clerk, rows).status_code == 200
    assert village_clerk.grants.count() == 1


def test_a_reviewer_adds_no_grant_in_a_sister_street(
    street_office, village_clerk, sister_community, district
):
    for branch in (sister_community, district):
        rows = [new_grant(branch, Role.CLERK)]
        assert change(street_office, village_clerk, rows).status_code == 200
    assert village_clerk.grants.count() == 1


def test_nobody_is_made_a_superuser_by_a_form(street_office, village_clerk):
    change(street_office, village_clerk, is_superuser="on", username="root")
    village_clerk.refresh_from_db()
    assert not village_clerk.is_superuser
    assert village_clerk.username == "village_clerk"


def test_a_disabled_account_is_out_at_once(client, street_reviewer, village_clerk):
    client.force_login(village_clerk)
    assert client.get("/admin/").status_code == 200
    village_clerk.is_active = False
    village_clerk.save()
    assert client.get("/admin/").status_code == 302


# The code


def test_a_code_is_issued_by_a_post_and_shown_once(street_office, village_clerk):
    page = page_of(village_clerk, "code")
    assert street_office.get(page).status_code == 200
    assert not OneTimeCode.objects.exists()
    answer = street_office.post(page)
    code = answer.context["code"]
    assert len(plain(code)) == 10
    assert code in text_of(answer)
    assert f"/account/reset/?username={village_clerk.username}" in text_of(answer)


def test_the_button_stands_where_one_may_press_it(street_office, village_clerk, street):
    peer = staff(street, Role.REVIEWER, "peer")
    assert "发放重置码" in text_of(street_office.get(page_of(village_clerk)))
    assert "发放重置码" not in text_of(street_office.get(page_of(peer)))


# The door


def test_who_lost_her_grant_is_told_so(client, village_clerk):
    village_clerk.grants.update(ends_on=local_today() - timedelta(days=1))
    door = {"username": village_clerk.username, "password": PASSWORD}
    page = client.post("/admin/login/", door)
    assert "这个账号现在没有授权（可能已到期），请联系上级妇联开通。" in text_of(page)


def test_a_wrong_password_says_what_to_do(client, village_clerk):
    door = {"username": village_clerk.username, "password": "wrong"}
    page = text_of(client.post("/admin/login/", door))
    assert "请上级妇联发放一次性重置码" in page
    assert "/account/reset/" in page


def test_a_password_somebody_else_chose_is_changed_first(client, village_clerk):
    User.objects.filter(pk=village_clerk.pk).update(must_change_password=True)
    client.force_login(village_clerk)
    for address in ("/admin/", "/", "/branches/", "/admin/autocomplete/"):
        answer = client.get(address)
        assert (answer.status_code, address) == (302, address)
        assert answer["Location"] == "/admin/password_change/"
    assert client.get("/api/v1/").status_code == 403
    assert "请先改成自己的" in text_of(client.get("/admin/password_change/"))

    new = "泉水叮咚-2026-春天"
    answers = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = client.post("/admin/password_change/", answers, follow=True)
    assert answer.status_code == 200
    village_clerk.refresh_from_db()
    assert not village_clerk.must_change_password
    assert client.get("/admin/").status_code == 200


def test_the_public_is_not_asked_to_change_a_password(client, district):
    assert client.get("/").status_code == 200
