"""What bulk writes of counted records must not get wrong, and the doorbell."""

from datetime import date, datetime

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Value
from django.db.models.functions import Coalesce
from django.test.utils import isolate_apps
from django.utils import timezone
from kombu.exceptions import OperationalError

from activities.models import Activity, ActivityPartner
from federation import audit, doorbell, successions
from federation.checks import errors_of_counted
from federation.counted import CountedModel
from federation.models import Mark, Placement
from members.models import Member
from tests.factories import ActivityFactory, MemberFactory, ResultFactory


@pytest.fixture
def activity(community, programme):
    return ResultFactory(branch=community, programme=programme)


def make_many(branch, programme, number):
    return Activity.objects.bulk_create(
        [
            Activity(
                title=f"讲座 {n}",
                branch=branch,
                programme=programme,
                starts_on=date(2026, 3, 1 + n % 28),
                ends_on=date(2026, 3, 1 + n % 28),
                attendance_offline=n,
            )
            for n in range(number)
        ]
    )


# Bulk writes --------------------------------------------------------------------


def test_a_join_that_brings_a_row_twice_changes_it_once(activity, street, district):
    for branch in (street, district):
        ActivityPartner.objects.create(activity=activity, branch=branch, role="joint")
    joined = Activity.objects.filter(partners__role="joint")

    changed = joined.update(attendance_offline=F("attendance_offline") + 1)

    activity.refresh_from_db()
    assert (changed, activity.attendance_offline) == (1, 31)


def test_more_rows_than_one_statement_takes_are_all_written_once(community, programme):
    rows = make_many(community, programme, 1203)
    Mark.objects.all().delete()

    changed = Activity.objects.update(attendance_online=F("attendance_offline") + 1)

    assert changed == len(rows)
    last = Activity.objects.get(pk=rows[-1].pk)
    assert (last.attendance_offline, last.attendance_online) == (1202, 1203)
    assert Mark.objects.count() == 1

    deleted, by_model = Activity.objects.filter(attendance_offline__gte=3).delete()

    assert (deleted, by_model) == (1200, {"activities.Activity": 1200})
    assert Activity.objects.count() == 3


def test_rows_that_leave_the_filter_while_they_are_updated_are_all_updated(
    community, programme
):
    make_many(community, programme, 600)

    changed = Activity.objects.filter(title__startswith="讲座").update(title="宣讲")

    assert changed == 600
    assert Activity.objects.filter(title="宣讲").count() == 600


def test_an_annotation_may_give_the_new_value(activity):
    total = Coalesce(F("attendance_offline"), 0) + Value(5)

    Activity.objects.annotate(more=total).update(attendance_online=F("more"))

    activity.refresh_from_db()
    assert activity.attendance_online == 35


def test_an_ordering_and_a_grouping_do_not_disturb_an_update(activity, street):
    ActivityPartner.objects.create(activity=activity, branch=street, role="joint")
    ordered = Activity.objects.order_by("branch__path", "-partners__pk")
    grouped = Activity.objects.annotate(n=Count("partners")).filter(n=1).distinct()

    assert ordered.update(title="一") == 1
    assert grouped.update(title="二") == 1
    assert Activity.objects.values("branch").filter(title="二").update(title="三") == 1
    assert Activity.objects.none().update(title="四") == 0
    activity.refresh_from_db()
    assert activity.title == "三"


@pytest.mark.parametrize(
    "narrow",
    [
        lambda rows: rows[:1],
        lambda rows: rows.union(rows),
        lambda rows: rows.distinct("branch"),
    ],
    ids=["slice", "union", "distinct on"],
)
@pytest.mark.parametrize("write", ["update", "delete"])
def test_what_cannot_be_marked_exactly_is_refused(activity, narrow, write):
    values = {"title": "改"} if write == "update" else {}

    with pytest.raises(TypeError):
        getattr(narrow(Activity.objects.all()), write)(**values)

    activity.refresh_from_db()
    assert activity.title == "反家庭暴力法宣讲"


@pytest.mark.parametrize("option", ["ignore_conflicts", "update_conflicts"])
def test_bulk_create_refuses_what_hides_which_rows_are_new(activity, option):
    with pytest.raises(NotImplementedError):
        Activity.objects.bulk_create([activity], **{option: True})


def test_deleting_says_what_went_with_the_row(activity, street):
    ActivityPartner.objects.create(activity=activity, branch=street, role="joint")

    deleted, by_model = Activity.objects.filter(pk=activity.pk).delete()

    assert deleted == 2
    assert by_model["activities.ActivityPartner"] == 1


@pytest.mark.parametrize(
    "day",
    [
        "2026-04-09",
        datetime(2026, 4, 9, 23, 30),
        timezone.make_aware(datetime(2026, 4, 9)),
    ],
    ids=["text", "datetime", "aware datetime"],
)
def test_a_date_in_another_form_counts_in_its_month(activity, day):
    Mark.objects.all().delete()

    activity.starts_on = activity.ends_on = day
    activity.save()

    months = set(Mark.objects.values_list("month", flat=True))
    assert months == {date(2026, 3, 1), date(2026, 4, 1)}


@pytest.mark.parametrize(
    "day", [date(206, 3, 8), date(1899, 12, 31), date(9999, 12, 1)]
)
def test_a_date_without_a_month_of_this_site_is_refused_in_one_sentence(activity, day):
    activity.starts_on, activity.ends_on = day, date(9999, 12, 31)

    with pytest.raises(ValidationError, match="请核对年份"):
        activity.full_clean()
    with pytest.raises(ValidationError, match="请核对年份"), transaction.atomic():
        activity.save()
    with pytest.raises(ValidationError, match="请核对年份"), transaction.atomic():
        Activity.objects.update(starts_on=day, ends_on=date(9999, 12, 31))


def test_a_bulk_entry_of_the_audit_log_carries_no_phone(community):
    member = MemberFactory(branch=community, phone="13812345678")
    fields = {"phone": "", "name": ""}
    before = audit.values_of(Member, [member.pk], fields)
    Member.objects.update(phone="13912345678", name="张三")

    audit.log_updates(Member, before, fields)
    audit.log_creations([member])

    said = list(audit.LogEntry.objects.values_list("changes", flat=True))
    assert "138" not in str(said)
    assert "139" not in str(said)
    assert "张三" in str(said)


# Making it impossible to forget -------------------------------------------------


@isolate_apps("activities")
def test_a_counted_model_must_not_be_written_by_a_cascade():
    class Visit(CountedModel):
        activity = models.ForeignKey(Activity, on_delete=models.CASCADE)

        class Meta:
            app_label = "activities"

    found = [error.id for error in errors_of_counted(Visit)]

    assert found == ["federation.E002"]


@isolate_apps("activities")
def test_a_counted_model_needs_a_manager_that_marks():
    class Visit(CountedModel):
        branch = models.ForeignKey("federation.Branch", on_delete=models.PROTECT)
        objects = models.Manager()

        class Meta:
            app_label = "activities"

    found = [error.id for error in errors_of_counted(Visit)]

    assert found == ["federation.E003"]


def test_our_counted_models_pass_the_checks():
    assert [error for error in run_checks() if error.id.startswith("federation")] == []


# The doorbell -------------------------------------------------------------------


@pytest.fixture
def bell(monkeypatch):
    """The messages sent; a broker that answers."""
    sent = []
    monkeypatch.setattr(doorbell, "_resting_until", 0.0)
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda name, **options: sent.append(name)
    )
    return sent


@pytest.fixture
def dead_broker(monkeypatch):
    """The attempts made; a broker that refuses them."""
    attempts = []

    def refuse(name, **options):
        attempts.append(options)
        raise OperationalError("connection refused")

    monkeypatch.setattr(doorbell, "_resting_until", 0.0)
    monkeypatch.setattr(doorbell.current_app, "send_task", refuse)
    return attempts


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_once_for_a_transaction(community, programme, bell):
    bell.clear()

    with transaction.atomic():
        for _ in range(3):
            ActivityFactory(branch=community, programme=programme)
        Activity.objects.update(title="改")

    assert bell == ["rollups.tasks.drain_marks"]


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_for_what_follows_a_part_that_was_undone(
    community, programme, bell
):
    bell.clear()

    with transaction.atomic():
        undone = transaction.savepoint()
        ActivityFactory(branch=community, programme=programme)
        transaction.savepoint_rollback(undone)
        ActivityFactory(branch=community, programme=programme)

    assert bell == ["rollups.tasks.drain_marks"]


@pytest.mark.django_db(transaction=True)
def test_the_bell_is_silent_when_nothing_was_written(community, programme, bell):
    bell.clear()

    with transaction.atomic():
        ActivityFactory(branch=community, programme=programme)
        transaction.set_rollback(True)

    assert bell == []
    assert Mark.objects.filter(month=date(2026, 3, 1), onward=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_is_asked_once_and_shown_to_nobody(
    community, programme, dead_broker
):
    dead_broker.clear()
    doorbell._resting_until = 0.0

    for _ in range(3):
        ActivityFactory(branch=community, programme=programme)

    assert dead_broker == [{"retry": False}]
    assert Mark.objects.filter(month=date(2026, 3, 1), onward=False).count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_came_back_is_asked_again(
    community, programme, dead_broker, monkeypatch
):
    doorbell._resting_until = 0.0
    ActivityFactory(branch=community, programme=programme)
    sent = []
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda *a, **k: sent.append(a)
    )
    monkeypatch.setattr(doorbell.time, "monotonic", lambda: doorbell._resting_until + 1)

    ActivityFactory(branch=community, programme=programme)

    assert len(sent) == 1


def test_moving_a_branch_marks_both_streets_and_all_that_moved(
    street, sister_street, community
):
    Mark.objects.all().delete()
    deed = successions.Deed(
        on=date(2026, 3, 1), reason="区划调整", document_number="1号"
    )

    successions.transfer(deed, community, parent=sister_street)

    marked = set(Mark.objects.filter(onward=True).values_list("branch", flat=True))
    assert marked == {street.pk, sister_street.pk, community.pk}
    assert Placement.objects.filter(branch=community).count() == 2
