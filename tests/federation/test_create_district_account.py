from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from federation.accounts import redeem_code
from federation.models import User
from federation.roles import Role

pytestmark = pytest.mark.django_db


def create(*arguments):
    out = StringIO()
    call_command("create_district_account", *arguments, stdout=out)
    return out.getvalue()


def test_the_account_runs_the_district_once_its_code_is_used(district):
    printed = create("wangmin", "--name", "王敏")
    code = printed.partition("一次性重置码：")[2].split()[0]
    redeem_code("wangmin", code, "泉水叮咚-2026-春天")
    user = User.objects.get(username="wangmin")
    assert (user.name, user.branch) == ("王敏", district)
    assert [grant.role for grant in user.grants.all()] == [Role.DISTRICT_ADMIN]
    assert user.has_perm("federation.succeed_branch", district)
    assert user.check_password("泉水叮咚-2026-春天")


def test_no_password_opens_it_before(district):
    create("wangmin")
    assert not User.objects.get(username="wangmin").has_usable_password()


def test_where_the_code_is_used_is_printed(district):
    assert "/account/reset/" in create("wangmin")


def test_without_branches_the_way_to_them_is_shown(db):
    with pytest.raises(CommandError, match="import_branches"):
        create("wangmin")
    assert not User.objects.exists()


def test_a_name_in_use_is_refused(district):
    create("wangmin")
    with pytest.raises(CommandError, match="已有人使用，请换一个"):
        create("wangmin")
    assert User.objects.count() == 1


def test_a_name_that_is_no_name_is_refused(district):
    with pytest.raises(CommandError):
        create("wang min")
    assert not User.objects.exists()
