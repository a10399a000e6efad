"""A month is closed into a numbered revision and opened again with a reason."""

import csv
import io
import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import (
    IntegrityError,
    InternalError,
    OperationalError,
    models,
    transaction,
)

from activities.models import Activity
from federation import successions
from federation.models import Mark, ReportingMonth
from federation.months import Month
from rollups import closings, engine
from rollups.models import Reopening, Revision, RevisionRow
from tests.factories import PostFactory
from tests.rollups.closings.conftest import LAST, held
from tests.rollups.naive import own_and_total

pytestmark = pytest.mark.django_db


def lines_of(revision) -> list[dict]:
    text = bytes(revision.csv).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def figure(revision, branch, indicator="activities.attendance") -> tuple[str, str]:
    [line] = [
        line
        for line in lines_of(revision)
        if (line["branch_code"], line["indicator"]) == (branch.code, indicator)
    ]
    return line["own"], line["total"]


def state(month) -> ReportingMonth:
    return ReportingMonth.objects.get(month=month.first_day)


def test_a_revision_holds_every_figure_with_the_tree_of_its_month(
    month, district, street, community, district_admin
):
    revision = closings.close(month, district_admin, "按期结账")

    assert figure(revision, district) == ("0", "100")
    assert figure(revision, street) == ("0", "80")
    assert figure(revision, community) == ("30", "30")
    assert {line["month"] for line in lines_of(revision)} == {str(month)}
    [line] = [
        line
        for line in lines_of(revision)
        if line["branch_code"] == community.code
        and line["indicator"] == "activities.sessions"
    ]
    assert (line["branch"], line["level"], line["parent_code"], line["programme"]) == (
        community.name,
        "village",
        street.code,
        "everyday",
    )
    assert (revision.number, revision.closed_by, revision.reason) == (
        1,
        district_admin,
        "按期结账",
    )


def test_rows_and_file_say_the_same(month, district_admin):
    revision = closings.close(month, district_admin)

    assert revision.rows.count() == len(lines_of(revision)) > 10
    assert list(closings.verify([revision.head])) == []


def test_a_revision_lists_its_indicators_and_their_versions(month, district_admin):
    facts = json.loads(closings.close(month, district_admin).facts)

    assert facts["indicators"]["activities.sessions"] == {
        "label": "活动场次",
        "unit": "场次",
        "kind": "flow",
        "version": 1,
    }
    assert (facts["month"], facts["revision"]) == (str(month), 1)


def test_what_was_marked_and_not_counted_yet_is_in_it(
    month, community, district, district_admin
):
    held(community, attendance_offline=7)

    revision = closings.close(month, district_admin)

    assert figure(revision, district) == ("0", "107")
    assert not Mark.objects.filter(month=month.first_day, onward=False).exists()


def test_nothing_is_written_into_a_closed_month(month, community, district_admin):
    activity = Activity.objects.filter(branch=community).get()
    closings.close(month, district_admin)

    for write in (
        lambda: held(community),
        activity.save,
        activity.delete,
        lambda: Activity.objects.filter(pk=activity.pk).update(attendance_offline=1),
        lambda: Activity.objects.bulk_create(
            [
                Activity(
                    branch=community,
                    title="新",
                    programme=activity.programme,
                    starts_on=activity.starts_on,
                    ends_on=activity.starts_on,
                )
            ]
        ),
    ):
        with (
            pytest.raises(ValidationError, match="已由.*结账（第 1 版）"),
            transaction.atomic(),
        ):
            write()
    assert Activity.objects.count() == 3


def test_a_drain_leaves_a_closed_month_as_it_is(
    month, community, district_admin, district
):
    closings.close(month, district_admin)
    PostFactory(member__branch=community, started_on=date(2020, 1, 1))

    engine.drain_marks()

    assert own_and_total("members.in_post", community, month) == (0, 0)
    assert own_and_total("activities.attendance", district, month) == (0, 100)


def test_it_is_closed_once(month, district_admin):
    closings.close(month, district_admin)

    with pytest.raises(ValidationError, match="已经结账（第 1 版）"):
        closings.close(month, district_admin)


def test_a_month_that_is_not_over_is_not_closed(month, district_admin):
    with pytest.raises(ValidationError, match="还没有过完"):
        closings.close(Month.current(), district_admin)


def test_a_month_before_the_site_was_used_is_not_closed(month, district_admin):
    with pytest.raises(ValidationError, match="还没有开账"):
        closings.close(Month(1990, 1), district_admin)


def test_reopening_needs_a_reason_and_says_who(month, district_admin):
    revision = closings.close(month, district_admin)
    with pytest.raises(ValidationError, match="为什么要重新开账"):
        closings.reopen(month, district_admin, reason="  ")

    closings.reopen(month, district_admin, reason="明二社区人次有误")

    reopening = Reopening.objects.get()
    assert (reopening.revision, reopening.reopened_by, reopening.reason) == (
        revision,
        district_admin,
        "明二社区人次有误",
    )
    assert state(month).status == "open"


def test_an_open_month_is_not_reopened(month, district_admin):
    with pytest.raises(ValidationError, match="没有结账"):
        closings.reopen(month, district_admin, reason="改数")


def test_dated_facts_entered_while_closed_count_when_it_is_open_again(
    month, community, district_admin
):
    closings.close(month, district_admin)
    PostFactory(member__branch=community, started_on=date(2020, 1, 1))
    engine.drain_marks()

    closings.reopen(month, district_admin, reason="补录任职")

    assert own_and_total("members.in_post", community, month) == (1, 1)


def test_closing_again_writes_the_next_revision_and_keeps_the_first(
    month, community, district, district_admin
):
    first = closings.close(month, district_admin)
    before = bytes(first.csv), first.sha256
    closings.reopen(month, district_admin, reason="人次有误")
    Activity.objects.filter(branch=community).update(attendance_offline=33)

    second = closings.close(month, district_admin)

    first.refresh_from_db()
    assert (bytes(first.csv), first.sha256) == before
    assert (second.number, state(month).revision) == (2, 2)
    assert figure(second, district) == ("0", "103")
    assert second.previous == first.sha256


def test_the_difference_names_every_figure_that_changed(
    month, community, street, district, district_admin
):
    first = closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="人次有误")
    Activity.objects.filter(branch=community).update(attendance_offline=33)
    second = closings.close(month, district_admin)

    changes = [
        change
        for change in closings.difference(first, second)
        if change.indicator == "activities.attendance"
    ]

    assert [(one.branch_code, one.before, one.after) for one in changes] == [
        (district.code, (0, 100), (0, 103)),
        (street.code, (0, 80), (0, 83)),
        (community.code, (30, 30), (33, 33)),
    ]


def test_a_figure_that_vanished_or_appeared_is_a_difference(
    month, community, second_community, district_admin
):
    first = closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="记错了村")
    Activity.objects.filter(branch=community).update(branch=second_community)
    second = closings.close(month, district_admin)

    sessions = {
        change.branch_code: (change.before[0], change.after[0])
        for change in closings.difference(first, second)
        if change.indicator == "activities.sessions"
    }

    assert sessions == {community.code: (1, 0), second_community.code: (1, 2)}


def test_a_closed_month_keeps_its_tree_and_its_names(
    month, community, sister_street, district_admin
):
    closings.close(month, district_admin)
    deed = successions.Deed(
        Month.current().first_day, "区划调整", "章妇〔2026〕1 号", district_admin
    )
    successions.transfer(deed, community, parent=sister_street)
    successions.rename(deed, community, name="泉城社区妇联", short_name="泉城社区")
    closings.reopen(month, district_admin, reason="再看一遍")

    revision = closings.close(month, district_admin)

    assert figure(revision, sister_street) == ("0", "20")
    names = {line["branch"] for line in lines_of(revision)}
    assert "泉城社区妇联" not in names
    assert closings.difference(revision, Revision.objects.get(number=1)) == []
    assert list(closings.verify()) == []


@pytest.mark.parametrize("model", [Revision, RevisionRow, Reopening])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_keeps_what_was_closed(month, district_admin, model, verb):
    closings.close(month, district_admin)
    closings.reopen(month, district_admin, reason="再看一遍")
    rows = model._base_manager.all()
    write = {
        "update": lambda: models.QuerySet.update(rows, id=0),
        "delete": lambda: rows._raw_delete(rows.db),
    }[verb]

    refusals = (IntegrityError, OperationalError, InternalError)
    with pytest.raises(refusals) as refusal, transaction.atomic():
        write()

    assert "closed revisions are never changed" in str(refusal.value)


def test_the_commands_close_reopen_and_verify(month, capsys):
    call_command("close_month", str(month))
    call_command("reopen_month", str(month), reason="人次有误")
    call_command("close_month", str(month))
    call_command("verify_revisions")

    said = capsys.readouterr().out
    assert f"{LAST.label}第 2 版已结账" in said
    assert f"2 个版本都完好。校验值：{closings.chain_head()}" in said
    with pytest.raises(CommandError, match="已经结账"):
        call_command("close_month", str(month))
    with pytest.raises(CommandError, match="不是月份"):
        call_command("close_month", "2026-13")
