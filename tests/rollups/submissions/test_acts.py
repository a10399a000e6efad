"""The branch confirms or reports zero; its reviewer returns."""

from datetime import UTC, date, datetime

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError

from federation.models import ReportingMonth
from rollups import submissions
from rollups.models import Submission
from rollups.submissions import Figures
from tests.factories import ActivityFactory, PlanFactory
from tests.rollups.submissions.conftest import held

DAY = date(2026, 10, 9)
ACTS = {
    "confirm": lambda row, user: submissions.confirm(row, user, Figures(1, 30)),
    "zero": submissions.report_zero,
}


@pytest.fixture
def clock(monkeypatch):
    """Let it be another moment."""

    def set_moment(moment):
        monkeypatch.setattr("rollups.submissions.acts.timezone.now", lambda: moment)

    return set_moment


def test_one_tap_confirms_what_the_site_counted(submission, community, village_clerk):
    held(community, people=100)
    held(community, people=28)

    submissions.confirm(submission, village_clerk, Figures(2, 128))

    submission.refresh_from_db()
    assert submission.status == "reported"
    assert (submission.sessions, submission.attendance) == (2, 128)
    assert submission.reported_by == village_clerk
    assert submission.reported_at == submission.confirmed_at


def test_nobody_confirms_what_she_has_not_seen(submission, community, village_clerk):
    held(community, people=100)

    with pytest.raises(ValidationError, match="数字变成了 1 场 · 100 人次"):
        submissions.confirm(submission, village_clerk, Figures(1, 99))


def test_there_is_nothing_to_confirm_without_activities(submission, village_clerk):
    with pytest.raises(ValidationError, match="请点“零报告”"):
        submissions.confirm(submission, village_clerk, Figures())


def test_a_second_tap_does_nothing(submission, community, village_clerk):
    held(community)
    submissions.confirm(submission, village_clerk, Figures(1, 30))
    submissions.confirm(submission, village_clerk, Figures(1, 30))
    assert LogEntry.objects.get_for_object(submission).count() == 1


def test_a_second_zero_does_nothing(submission, village_clerk):
    submissions.report_zero(submission, village_clerk)
    submissions.report_zero(submission, village_clerk)
    assert LogEntry.objects.get_for_object(submission).count() == 1


def test_silence_becomes_a_zero_by_her_word(submission, village_clerk):
    submissions.report_zero(submission, village_clerk)

    submission.refresh_from_db()
    assert (submission.status, submission.sessions, submission.attendance) == (
        "zero",
        0,
        0,
    )


def test_a_zero_beside_counted_activities_names_them(
    submission, community, village_clerk
):
    held(community, title="健康义诊")

    with pytest.raises(ValidationError, match="“健康义诊”（30 人次）.*不能报零"):
        submissions.report_zero(submission, village_clerk)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("factory", "values", "word"),
    [
        (ActivityFactory, {}, "草稿"),
        (ActivityFactory, {"review": "returned"}, "被退回"),
        (PlanFactory, {}, "待补人次"),
    ],
)
def test_what_is_unfinished_is_named(
    submission, community, village_clerk, act, factory, values, word
):
    factory(branch=community, starts_on=DAY, title="家风宣讲", **values)
    if act == "confirm":
        held(community)

    with pytest.raises(ValidationError, match=f"“家风宣讲”（{word}）"):
        ACTS[act](submission, village_clerk)


def test_only_some_of_many_are_named(submission, community, village_clerk):
    for n in range(5):
        ActivityFactory(branch=community, starts_on=DAY, title=f"宣讲{n}")

    with pytest.raises(ValidationError, match="还有 5 场.*宣讲2”（草稿）等。"):
        submissions.report_zero(submission, village_clerk)


def test_what_waits_for_the_reviewer_stops_a_zero_but_no_confirmation(
    submission, community, village_clerk
):
    ActivityFactory(branch=community, starts_on=DAY, review="submitted", title="义诊")
    with pytest.raises(ValidationError, match="正在等审核：“义诊”"):
        submissions.report_zero(submission, village_clerk)

    held(community)
    submissions.confirm(submission, village_clerk, Figures(1, 30))

    submission.refresh_from_db()
    assert submission.status == "reported"


def test_what_other_branches_left_is_not_hers(
    submission, second_community, village_clerk
):
    ActivityFactory(branch=second_community, starts_on=DAY)
    held(second_community)

    submissions.report_zero(submission, village_clerk)


@pytest.mark.parametrize(
    ("day", "is_early"), [(date(2026, 10, 30), True), (date(2026, 10, 31), False)]
)
def test_a_month_can_be_reported_from_its_last_day_on(
    submission, village_clerk, on, day, is_early
):
    on(day)

    if is_early:
        with pytest.raises(ValidationError, match="10 月 31 日起可以报"):
            submissions.report_zero(submission, village_clerk)
    else:
        submissions.report_zero(submission, village_clerk)


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [
        (datetime(2026, 11, 5, 10, 0, tzinfo=UTC), False),  # 18:00 sharp
        (datetime(2026, 11, 5, 10, 0, 1, tzinfo=UTC), True),
    ],
)
def test_it_is_late_from_the_deadline_on(
    submission, village_clerk, clock, moment, is_late
):
    clock(moment)

    submissions.report_zero(submission, village_clerk)

    submission.refresh_from_db()
    assert submission.is_late == is_late


def test_a_return_after_the_deadline_makes_nobody_late(
    submission, community, village_clerk, street_reviewer, clock
):
    clock(datetime(2026, 11, 4, 1, tzinfo=UTC))
    submissions.report_zero(submission, village_clerk)
    clock(datetime(2026, 11, 9, 1, tzinfo=UTC))
    submissions.send_back(submission, street_reviewer, " 少报一场 ")
    submission.refresh_from_db()
    assert (submission.status, submission.reason) == ("returned", "少报一场")
    assert submission.returned_by == street_reviewer

    submissions.report_zero(submission, village_clerk)

    submission.refresh_from_db()
    assert (submission.status, submission.reason) == ("zero", "")
    assert not submission.is_late


def test_a_return_needs_a_reason_and_a_report(
    submission, village_clerk, street_reviewer
):
    with pytest.raises(ValidationError, match="还没有报"):
        submissions.send_back(submission, street_reviewer, "少报一场")

    submissions.report_zero(submission, village_clerk)
    with pytest.raises(ValidationError, match="请写明退回的原因"):
        submissions.send_back(submission, street_reviewer, " ")


def test_a_closed_month_refuses_everything(
    submission, village_clerk, street_reviewer, october
):
    submissions.report_zero(submission, village_clerk)
    ReportingMonth.objects.filter(month=october.first_day).update(
        status="closed", revision=1
    )

    for act in (
        lambda: submissions.report_zero(submission, village_clerk),
        lambda: submissions.confirm(submission, village_clerk, Figures(1, 1)),
        lambda: submissions.send_back(submission, street_reviewer, "少报一场"),
    ):
        with pytest.raises(ValidationError, match="结账（第 1 版）"):
            act()


def test_who_may_not(submission, village_clerk, sister_reviewer, auditor):
    for user in (sister_reviewer, auditor):
        with pytest.raises(PermissionDenied):
            submissions.report_zero(submission, user)
        with pytest.raises(PermissionDenied):
            submissions.send_back(submission, user, "少报一场")
    with pytest.raises(PermissionDenied):
        submissions.send_back(submission, village_clerk, "少报一场")
    assert set(Submission.objects.values_list("status", flat=True)) == {"missing"}


def test_the_street_may_report_for_its_village(submission, street_reviewer):
    submissions.report_zero(submission, street_reviewer)

    submission.refresh_from_db()
    assert submission.reported_by == street_reviewer
