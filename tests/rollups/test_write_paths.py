"""Every way to write a counted record marks the old and the new buckets, is audited,
and is refused when the month is closed.

A table of counted models times a table of paths: a counted model without an entry in
``SUBJECTS`` fails the first test.
"""

from copy import deepcopy
from datetime import date
from types import SimpleNamespace

import pytest
from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from federation.counted import CountedModel
from federation.models import Mark, Placement, ReportingMonth
from federation.models.branches import Level
from tests.factories import BranchFactory, ProgrammeFactory, UserFactory
from tests.rollups.subjects import COUNTED_ELSEWHERE, MARCH, MAY, SUBJECTS
from tests.rollups.write_paths import (
    ADOPTING,
    DELETING,
    MAKING,
    MAKING_ELSEWHERE,
    MOVING,
    bulk_create,
    bulk_update,
    update,
    update_expression,
)


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker):
    """The places, made once: to make them takes far longer than to try a path."""
    with django_db_blocker.unblock(), transaction.atomic():
        district = BranchFactory(code="370114", level=Level.DISTRICT)
        street, sister_street = (
            BranchFactory(code=code, level=Level.TOWN, parent=district)
            for code in ("370114001", "370114002")
        )
        yield SimpleNamespace(
            street=street,
            sister_street=sister_street,
            community=BranchFactory(code="370114001001", parent=street),
            second_community=BranchFactory(code="370114001002", parent=street),
            sister_community=BranchFactory(code="370114002001", parent=sister_street),
            programme=ProgrammeFactory(),
        )
        transaction.set_rollback(True)


@pytest.fixture
def place(standing, db):
    # What a test does to a branch in memory is no other test's matter.
    return deepcopy(standing)


@pytest.fixture(params=SUBJECTS, ids=lambda model: model.__name__)
def model(request):
    return request.param


@pytest.fixture
def subject(model):
    return SUBJECTS[model]


@pytest.fixture
def row(subject, place):
    row = subject.make(place)
    row.save()
    forget_marks()
    return type(row).objects.get(pk=row.pk)


def _named(paths):
    return {"argvalues": paths, "ids": lambda path: path.__name__}


def test_every_counted_model_is_in_the_table():
    counted = {m for m in apps.get_models() if issubclass(m, CountedModel)}

    assert counted == set(SUBJECTS) | COUNTED_ELSEWHERE


@pytest.mark.parametrize("path", **_named(MAKING))
def test_making_a_row_marks_its_bucket(path, model, subject, place):
    forget_marks()

    row = path(model, subject, place)

    assert marked() == subject.before(place, row)


@pytest.mark.parametrize("path", **_named(MAKING_ELSEWHERE))
def test_making_a_row_through_a_related_manager_marks_its_bucket(
    path, model, subject, place
):
    forget_marks()

    row = path(model, subject, place)

    assert marked() == subject.adopted(place, row)


@pytest.mark.parametrize("path", **_named(MOVING))
def test_moving_a_row_marks_the_old_and_the_new_bucket(path, subject, place, row):
    path(row, subject.moved(place))

    assert marked() == subject.before(place, row) | subject.after(place, row)


@pytest.mark.parametrize("path", **_named(ADOPTING))
def test_adopting_a_row_marks_the_old_and_the_new_bucket(path, subject, place, row):
    path(subject.manager(place), row)

    stored = getattr(
        type(row).objects.get(pk=row.pk), subject.manager(place).field.name
    )
    assert stored == subject.manager(place).instance
    assert marked() == subject.before(place, row) | subject.adopted(place, row)


@pytest.mark.parametrize("path", **_named(DELETING))
def test_deleting_a_row_marks_its_bucket(path, subject, place, row):
    expected = subject.before(place, row)
    if subject.is_deletable:
        path(row)
        assert marked() == expected
        return
    with pytest.raises(ProtectedError), transaction.atomic():
        path(row)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("path", **_named(MAKING))
def test_a_closed_month_takes_no_new_row(path, model, subject, place):
    close(MARCH)

    wrote = attempt(model, lambda: path(model, subject, place))

    assert wrote == model.is_dated_fact
    assert model.objects.filter(**{subject.day_field: date(2026, 3, 8)}).exists() == (
        model.is_dated_fact and model is not Placement
    )


@pytest.mark.parametrize("closed", [MARCH, MAY], ids=["old closed", "new closed"])
@pytest.mark.parametrize("path", **_named(MOVING))
def test_a_closed_month_lets_no_row_go_or_come(
    path, closed, model, subject, place, row
):
    close(closed)

    wrote = attempt(model, lambda: path(row, subject.moved(place)))

    assert wrote == model.is_dated_fact
    if not wrote:
        stored = model.objects.get(pk=row.pk)
        assert getattr(stored, subject.day_field).month == 3
        assert marked() == set()


@pytest.mark.parametrize("path", **_named(ADOPTING))
def test_a_closed_month_gives_no_row_to_another_branch(
    path, model, subject, place, row
):
    close(MARCH)

    wrote = attempt(model, lambda: path(subject.manager(place), row))

    assert wrote == model.is_dated_fact


@pytest.mark.parametrize("path", **_named(DELETING))
def test_a_closed_month_loses_no_row(path, model, subject, place, row):
    if not subject.is_deletable:
        return
    close(MARCH)

    wrote = attempt(model, lambda: path(row))

    assert wrote == model.is_dated_fact
    assert model.objects.filter(pk=row.pk).exists() == (not wrote)


def test_validation_says_so_before_anything_is_written(model, subject, place):
    close(MARCH)
    row = subject.make(place)

    if model.is_dated_fact:
        row.clean()
        return
    with pytest.raises(ValidationError, match="2026 年 3 月已由王主任于 2026-04-02"):
        row.clean()


@pytest.mark.parametrize("path", **_named([update, update_expression, bulk_update]))
def test_moving_in_bulk_is_audited(path, subject, place, row):
    user = UserFactory()
    LogEntry.objects.all().delete()

    with set_actor(user, remote_addr="10.0.0.8"):
        path(row, subject.moved(place))

    entry = LogEntry.objects.get_for_object(row).get()
    moved = subject.moved(place)
    assert entry.action == LogEntry.Action.UPDATE
    assert (entry.actor, entry.remote_addr) == (user, "10.0.0.8")
    assert set(entry.changes) == set(moved)
    old, new = entry.changes[subject.day_field]
    assert old.startswith("2026-03")
    assert new == "2026-05-01"


def test_making_in_bulk_is_audited(model, subject, place):
    LogEntry.objects.all().delete()

    row = bulk_create(model, subject, place)

    entry = LogEntry.objects.get_for_object(row).get()
    assert entry.action == LogEntry.Action.CREATE
    assert entry.changes[subject.day_field][1].startswith("2026-03")


@pytest.mark.parametrize("path", **_named(DELETING))
def test_deleting_is_audited(path, subject, place, row):
    if not subject.is_deletable:
        return
    key, label = row.pk, f"{type(row)._meta.label_lower}"
    LogEntry.objects.all().delete()

    path(row)

    entry = LogEntry.objects.get(action=LogEntry.Action.DELETE)
    assert (entry.object_id, entry.content_type.model) == (key, label.split(".")[1])


# What they stand on ---------------------------------------------------------------


def marked() -> set:
    return set(Mark.objects.values_list("branch", "month", "onward"))


def forget_marks() -> None:
    Mark.objects.all().delete()


def close(month: date) -> None:
    ReportingMonth.objects.create(
        month=month,
        status=ReportingMonth.Status.CLOSED,
        revision=1,
        closed_at=timezone.make_aware(timezone.datetime(2026, 4, 2, 9)),
        closed_by=UserFactory(name="王主任"),
    )


def attempt(model, write) -> bool:
    """Tell whether *write* was let through; a refusal carries its sentence."""
    before = list(model.objects.order_by("pk").values())
    refusal = ""
    try:
        with transaction.atomic():
            write()
    except ValidationError as error:
        refusal = error.messages[0]
    if not refusal:
        return True
    assert "不能再改动这个月的记录" in refusal
    assert "请联系区妇联办公室" in refusal
    assert list(model.objects.order_by("pk").values()) == before
    return False
