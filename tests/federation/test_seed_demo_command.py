"""When the demo may be loaded, and that it is the same each time."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from activities.demo import seeding
from activities.models import Activity, ActivityPartner, ActivityPhoto, ReviewRound
from families.models import Batch, Household, Standard
from federation.demo import registry
from federation.management.commands.seed_demo import Command
from federation.models import Branch, Placement, Programme, User
from members.models import Post
from tests.seeded import TODAY, demo_database

pytestmark = pytest.mark.django_db

REPORTED = 850  # the step that makes reports of what the earlier ones brought

# Everything of a row but its keys: a second load has others.
COLUMNS = {
    Placement: "branch__code name path from_month",
    Post: "member__name member__phone branch__code title started_on ended_on known_on",
    Activity: "client_token title branch__code programme__slug kind starts_on "
    "starts_at place lecturer attendance_offline attendance_online summary review "
    "happening approved_at result_approved_at recorded_at updated_at sequence "
    "series__created_at",
    ReviewRound: "activity__client_token number stage author__username submitted_at "
    "decision reviewer__username reason decided_at submitted__title",
    ActivityPartner: "activity__client_token branch__code organisation role",
    ActivityPhoto: "activity__client_token key uploaded_at",
}


def demo_of(today):
    """Load little: the rest is drawn in the same way."""
    return demo_database(scale=0, full=False, today=today)


def contents():
    return {
        model: sorted(map(str, model.objects.values_list(*columns.split())))
        for model, columns in COLUMNS.items()
    }


@pytest.fixture(scope="module")
def tellings(django_db_setup, django_db_blocker):
    """Return what two loads of the same first day of a month said and left."""
    found = []
    with django_db_blocker.unblock():
        for is_first in (True, False):
            with transaction.atomic():
                if is_first:  # what is there already stands in nobody's way
                    call_command("load_programmes")
                with demo_of(TODAY.replace(day=1)) as printed:
                    counted = Activity.objects.counted()
                    days = list(counted.values_list("starts_on", flat=True))
                    found.append((printed, contents(), days))
                transaction.set_rollback(True)
    return found


def test_the_same_day_and_seed_give_the_same_rows_and_words(tellings):
    (first_printed, first, _), (second_printed, second, _) = tellings

    assert second == first
    assert second_printed == first_printed


def test_the_first_day_of_a_month_has_nothing_of_that_month_to_count(tellings):
    for _, _, days in tellings:
        assert max(days) < TODAY.replace(day=1)
        assert len(days) >= 915


def test_scale_multiplies_the_everyday_activities_alone(monkeypatch):
    # 915 sessions are the review's: 85 and no more are left for everyday life.
    monkeypatch.setattr(seeding, "COUNTED", 1_000)
    # What is made of them afterwards, reports and figures, is no matter of the scale.
    brought = {part.order: part for part in registry.steps() if part.order < REPORTED}
    monkeypatch.setattr(registry, "_steps", brought)

    with demo_database(scale=3, full=False):
        counted = Activity.objects.counted()
        everyday = counted.filter(programme__slug=Programme.EVERYDAY)
        assert everyday.count() == 3 * 85
        assert counted.count() == 915 + 3 * 85


def test_the_households_are_loaded_unless_one_says_no():
    parser = Command().create_parser("manage.py", "seed_demo")

    said = [parser.parse_args(words).full for words in ([], ["--full"], ["--no-full"])]
    assert said == [True, True, False]


def test_without_them_there_are_standards_and_no_households(monkeypatch):
    brought = {part.order: part for part in registry.steps() if part.order <= 310}
    monkeypatch.setattr(registry, "_steps", brought)

    with demo_of(TODAY):
        assert Standard.objects.count() == 2
        assert not Household.objects.exists()
        assert not Batch.objects.exists()


def test_with_debug_off_it_is_refused(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="只在 DEBUG 打开时载入"):
        call_command("seed_demo")
    assert not Branch.objects.exists()


def test_where_there_is_a_branch_it_is_refused(settings, district):
    settings.DEBUG = True

    with pytest.raises(CommandError, match="数据库中已有组织或账号"):
        call_command("seed_demo")
    assert list(Branch.objects.all()) == [district]


def test_where_there_is_an_account_it_is_refused(settings):
    settings.DEBUG = True
    User.objects.create_user("first", "password", name="王芳")

    with pytest.raises(CommandError, match="请换一个空数据库"):
        call_command("seed_demo")


@pytest.mark.parametrize(
    ("option", "sentence"),
    [("--today=2026-13-01", "日期请写成"), ("--scale=-1", "倍数不能是负数")],
)
def test_an_impossible_option_is_refused(settings, option, sentence):
    settings.DEBUG = True

    with pytest.raises(CommandError, match=sentence):
        call_command("seed_demo", option)


def test_broken_off_it_leaves_the_database_empty(settings, monkeypatch):
    settings.DEBUG = True
    parts = registry.steps()
    accounts = next(part for part in parts if part.label == "账号")

    def break_off(demo):
        raise KeyboardInterrupt

    broken = registry.Step(accounts.order, accounts.label, break_off)
    monkeypatch.setitem(registry._steps, accounts.order, broken)

    with pytest.raises(KeyboardInterrupt):
        call_command("seed_demo", today=TODAY)
    assert not Branch.objects.exists()
