"""Standing in: a dated grant of one's own role and branch, and never more."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from federation import deputies
from federation.accounts import grantable_roles, may_grant, may_manage
from federation.models import Grant
from federation.months import local_today
from federation.roles import Role
from federation.scope import holds, principals_of
from tests.conftest import staff
from tests.factories import GrantFactory, UserFactory

TODAY = local_today()
DAY = timedelta(days=1)
PAGE = "/admin/federation/user/deputies/"
REVIEW = "activities.review_activity"


@pytest.fixture
def colleague(street):
    return staff(street, Role.CLERK, "colleague")


def appointed(principal, deputy, days=7, by=None, **dates):
    grant = principal.grants.get()
    starts_on = dates.get("starts_on", TODAY)
    return deputies.appoint(
        grant, deputy, starts_on, starts_on + (days - 1) * DAY, by or principal
    )


def refusal(call) -> str:
    with pytest.raises(ValidationError) as refused:
        call()
    return "".join(refused.value.messages)


def dismiss(pk) -> str:
    return f"{PAGE}{pk}/dismiss/"


def sent(client, deputy, /, **fields):
    fields = {
        "deputy": deputy.pk,
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + 9 * DAY).isoformat(),
        "note": "外出学习",
    } | fields
    return client.post(PAGE, fields, follow=True)


def test_a_reviewer_lets_a_colleague_stand_in(
    client, street, street_reviewer, colleague, community
):
    client.force_login(street_reviewer)
    page = client.get(PAGE).content.decode()
    assert f"请人代理{street_reviewer}（明水街道审核员）" in page
    answer = sent(client, colleague)
    assert f"{colleague}代{street_reviewer}审核。到期自动结束。" in (
        answer.content.decode()
    )
    lent = Grant.objects.get(stands_in_for__isnull=False)
    assert (lent.user, lent.branch, lent.role) == (colleague, street, Role.REVIEWER)
    assert (lent.granted_by, lent.note) == (street_reviewer, "外出学习")
    assert (lent.starts_on, lent.ends_on) == (TODAY, TODAY + 9 * DAY)
    assert holds(colleague, REVIEW, community.path)
    assert principals_of(colleague, REVIEW, community.path) == {street_reviewer.pk}
    entry = LogEntry.objects.get_for_object(lent).get()
    assert entry.actor == street_reviewer

    client.force_login(colleague)
    first = client.get("/admin/").content.decode()
    assert f"您正在代 {street_reviewer} 审核（明水街道）" in first


def test_it_begins_and_ends_with_its_days(street_reviewer, colleague, community):
    lent = appointed(street_reviewer, colleague, days=3, starts_on=TODAY + DAY)
    in_force = [
        Grant.objects.in_force(TODAY + n * DAY).filter(pk=lent.pk).exists()
        for n in range(5)
    ]
    assert in_force == [False, True, True, True, False]


def test_it_ends_with_the_grant_it_stands_for(street_reviewer, colleague):
    lent = appointed(street_reviewer, colleague, days=30)
    own = street_reviewer.grants.get()
    own.ends_on = TODAY + DAY
    own.save()
    assert Grant.objects.in_force(TODAY + DAY).filter(pk=lent.pk).exists()
    assert not Grant.objects.in_force(TODAY + 2 * DAY).filter(pk=lent.pk).exists()


def test_it_ends_with_the_account_it_stands_for(street_reviewer, colleague):
    lent = appointed(street_reviewer, colleague)
    street_reviewer.is_active = False
    street_reviewer.save()
    assert not Grant.objects.in_force().filter(pk=lent.pk).exists()


def test_it_is_sixty_days_at_most(street_reviewer, colleague):
    assert "最长 60 天" in refusal(
        lambda: appointed(street_reviewer, colleague, days=61)
    )
    lent = appointed(street_reviewer, colleague, days=60)
    lent.ends_on += DAY
    assert "最长 60 天" in refusal(lent.full_clean)


def test_it_always_has_a_last_day(street_reviewer, colleague, street):
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            user=colleague,
            branch=street,
            role=Role.REVIEWER,
            stands_in_for=street_reviewer.grants.get(),
        )


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [(-1, 5, "不能早于今天"), (3, 2, "不能早于开始的日期")],
)
def test_dates_that_cannot_be(street_reviewer, colleague, starts, ends, sentence):
    grant = street_reviewer.grants.get()
    days = (TODAY + starts * DAY, TODAY + ends * DAY)
    assert sentence in refusal(
        lambda: deputies.appoint(grant, colleague, *days, street_reviewer)
    )


def test_never_longer_than_her_own(street_reviewer, colleague):
    own = street_reviewer.grants.get()
    own.ends_on = TODAY + 3 * DAY
    own.save()
    assert f"自己的授权到 {own.ends_on} 为止" in refusal(
        lambda: appointed(street_reviewer, colleague)
    )


def test_not_by_herself_and_not_by_whoever_may_it_anyway(
    street_reviewer, street, district, district_admin
):
    assert "不能由本人代理本人" in refusal(
        lambda: appointed(street_reviewer, street_reviewer)
    )
    other = staff(street, Role.REVIEWER, "other")
    assert "本来就有这个权限" in refusal(lambda: appointed(street_reviewer, other))


def test_a_deputy_lends_nothing_on_and_gives_no_role_for_good(
    client, district, street, district_admin, street_reviewer
):
    deputy = staff(district, Role.CLERK, "office")
    lent = appointed(district_admin, deputy)
    other = UserFactory(username="other", branch=district)
    assert deputies.lendable(deputy) == []
    assert "不能再让别人代理" in refusal(
        lambda: deputies.appoint(lent, other, TODAY, TODAY, deputy)
    )
    assert may_grant(deputy, Role.CLERK, street)
    assert not may_grant(deputy, Role.REVIEWER, street)
    assert grantable_roles(deputy) == [Role.CLERK]
    assert not may_manage(deputy, street_reviewer)
    client.force_login(deputy)
    assert "不能再转给他人" in client.get(PAGE).content.decode()


def test_the_district_appoints_for_a_reviewer_who_is_away(
    client, district_admin, street_reviewer, colleague, sister_reviewer
):
    client.force_login(district_admin)
    grant = street_reviewer.grants.get()
    page = client.get(PAGE).content.decode()
    assert f'href="?for={grant.pk}"' in page
    answer = client.post(
        f"{PAGE}?for={grant.pk}",
        {
            "deputy": sister_reviewer.pk,
            "starts_on": TODAY.isoformat(),
            "ends_on": TODAY.isoformat(),
        },
        follow=True,
    )
    assert "到期自动结束" in answer.content.decode()
    lent = Grant.objects.get(stands_in_for=grant)
    assert (lent.user, lent.granted_by) == (sister_reviewer, district_admin)


def test_only_colleagues_she_sees(
    client, street_reviewer, colleague, village_clerk, sister_reviewer, superuser_like
):
    seen = set(deputies.colleagues(street_reviewer, street_reviewer.grants.get()))
    assert seen == {colleague, village_clerk}
    client.force_login(street_reviewer)
    answer = sent(client, sister_reviewer)
    assert "请从列出的账号里选一位" in answer.content.decode()
    assert not Grant.objects.filter(stands_in_for__isnull=False)


@pytest.fixture
def superuser_like(street):
    return UserFactory(username="keeper", branch=street, is_superuser=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"deputy": "9" * 40},
        {"deputy": "x\x00"},
        {"starts_on": "0000-00-00"},
        {"ends_on": ""},
        {"ends_on": "9999-12-31"},
        {"note": "换" * 300},
    ],
)
def test_what_is_wrong_is_said_and_kept(client, street_reviewer, colleague, fields):
    client.force_login(street_reviewer)
    answer = sent(client, colleague, **fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Grant.objects.filter(stands_in_for__isnull=False)


def test_sent_twice_it_is_one(client, street_reviewer, colleague):
    client.force_login(street_reviewer)
    sent(client, colleague)
    answer = sent(client, colleague)
    assert "本来就有这个权限" in answer.content.decode()
    assert Grant.objects.filter(stands_in_for__isnull=False).count() == 1


def test_it_is_ended_before_its_time(client, street_reviewer, colleague, community):
    lent = appointed(street_reviewer, colleague)
    lent.starts_on -= DAY
    lent.save()
    client.force_login(street_reviewer)
    assert "提前结束" in client.get(PAGE).content.decode()
    client.post(dismiss(lent.pk))
    lent.refresh_from_db()
    assert lent.ends_on == TODAY - DAY
    assert not holds(colleague, REVIEW, community.path)
    assert client.post(dismiss(lent.pk)).status_code == 404


def test_one_of_today_is_taken_back_whole(client, street_reviewer, colleague):
    lent = appointed(street_reviewer, colleague)
    client.force_login(street_reviewer)
    client.post(dismiss(lent.pk))
    assert not Grant.objects.filter(pk=lent.pk)
    actions = LogEntry.objects.get_for_objects(Grant.objects.none()) or (
        LogEntry.objects.filter(object_pk=str(lent.pk), action=LogEntry.Action.DELETE)
    )
    assert actions.exists()


def test_only_who_may_opens_the_page_and_ends_one(
    client, street_reviewer, colleague, village_clerk, sister_reviewer, auditor
):
    lent = appointed(street_reviewer, colleague)
    for user, page, ending in (
        (village_clerk, 403, 403),
        (auditor, 403, 403),
        (sister_reviewer, 200, 404),
        # She stands in; she does not end it, nor prolong it.
        (colleague, 200, 404),
    ):
        client.force_login(user)
        assert client.get(PAGE).status_code == page, user
        assert client.post(dismiss(lent.pk)).status_code == ending, user
        assert client.get(dismiss(lent.pk)).status_code in (403, 405), user
    assert Grant.objects.filter(pk=lent.pk).exists()


def test_no_ordinary_grant_is_ended_there(client, street_reviewer, community):
    grant = GrantFactory(
        user=UserFactory(branch=community), branch=community, role=Role.CLERK
    )
    client.force_login(street_reviewer)
    assert client.post(dismiss(grant.pk)).status_code == 404
