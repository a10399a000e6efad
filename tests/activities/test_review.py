"""Review in rounds: what the public sees and what counts move only by a decision."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from activities import review
from activities.models import Activity, ReviewRound
from federation.models import ReportingMonth
from tests.activities.entry import (
    changed,
)
from tests.factories import (
    ActivityFactory,
)

Review = Activity.Review
Happening = Activity.Happening
Decision = ReviewRound.Decision
DAY = date(2026, 3, 8)


def counted():
    return Activity.objects.counted().count()


# From draft to approval


def test_a_new_entry_is_a_draft_that_nobody_sees(community, programme, village_clerk):
    typed = ActivityFactory.build(branch=community, programme=programme)
    saved = review.save(typed, village_clerk)
    assert saved.review == Review.DRAFT
    assert saved.recorded_by == village_clerk
    assert not Activity.objects.public().exists()
    assert not saved.rounds.exists()


def test_saving_with_submit_opens_a_round(community, programme, village_clerk):
    typed = ActivityFactory.build(branch=community, programme=programme)
    saved = review.save(typed, village_clerk, submit=True)
    assert saved.review == Review.SUBMITTED
    pending = saved.rounds.get()
    assert pending.author == village_clerk
    assert pending.stage == ReviewRound.Stage.PLAN
    assert pending.submitted["title"] == typed.title


def test_a_held_activity_is_submitted_as_a_result(draft, village_clerk):
    draft.happening, draft.attendance_offline = Happening.HELD, 30
    saved = review.save(draft, village_clerk, submit=True)
    assert saved.rounds.get().stage == ReviewRound.Stage.RESULT


def test_an_approved_plan_is_public_and_does_not_count(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    decided = review.approve(draft, street_reviewer)
    assert list(Activity.objects.public()) == [draft]
    assert counted() == 0
    assert (decided.reviewer, decided.releaser) == (street_reviewer, street_reviewer)
    assert decided.decided_at is not None


def test_an_approved_result_counts(draft, village_clerk, street_reviewer):
    draft.happening, draft.attendance_offline = Happening.HELD, 30
    review.save(draft, village_clerk, submit=True)
    assert counted() == 0
    review.approve(draft, street_reviewer)
    assert counted() == 1


def test_held_without_attendance_does_not_count(draft, village_clerk, street_reviewer):
    draft.happening = Happening.HELD
    review.save(draft, village_clerk, submit=True)
    review.approve(draft, street_reviewer)
    assert counted() == 0
    assert list(Activity.objects.awaiting_figures()) == [draft]


def test_zero_people_is_an_attendance(draft, village_clerk, street_reviewer):
    draft.happening, draft.attendance_online = Happening.HELD, 0
    review.save(draft, village_clerk, submit=True)
    review.approve(draft, street_reviewer)
    assert counted() == 1


# Twice


def test_submitting_twice_opens_one_round(draft, village_clerk):
    review.submit(draft, village_clerk)
    with pytest.raises(ValidationError, match="只有草稿"):
        review.submit(draft, village_clerk)
    assert draft.rounds.count() == 1


def test_a_form_sent_twice_does_not_supersede_its_own_round(draft, village_clerk):
    review.save(changed(draft, title="家风家教讲座"), village_clerk, submit=True)
    review.save(changed(draft, title="家风家教讲座"), village_clerk, submit=True)
    assert draft.rounds.get().decision == Decision.PENDING


def test_approving_twice_decides_once(draft, village_clerk, street_reviewer):
    review.submit(draft, village_clerk)
    review.approve(draft, street_reviewer)
    with pytest.raises(ValidationError, match="可能已由别人处理"):
        review.approve(draft, street_reviewer)
    assert draft.rounds.get().decision == Decision.APPROVED


def test_the_database_allows_one_pending_round(draft, village_clerk):
    review.submit(draft, village_clerk)
    first = draft.rounds.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewRound.objects.create(
            activity=draft,
            number=2,
            stage=first.stage,
            submitted={},
            submitted_at=first.submitted_at,
        )


# Returned


def test_a_returned_activity_keeps_its_reason(draft, village_clerk, street_reviewer):
    review.submit(draft, village_clerk)
    returned = review.send_back(draft, street_reviewer, " 人次有误 ")
    draft.refresh_from_db()
    assert draft.review == Review.RETURNED
    assert returned.reason == "人次有误"


def test_returning_asks_for_a_reason(draft, village_clerk, street_reviewer):
    review.submit(draft, village_clerk)
    with pytest.raises(ValidationError, match="请写明退回的理由"):
        review.send_back(draft, street_reviewer, "  ")
    draft.refresh_from_db()
    assert draft.review == Review.SUBMITTED


def test_a_reason_with_an_id_number_is_refused(draft, village_clerk, street_reviewer):
    review.submit(draft, village_clerk)
    with pytest.raises(ValidationError, match="身份证号"):
        review.send_back(draft, street_reviewer, "11010519491231002X 这人没来")
    draft.refresh_from_db()
    assert draft.review == Review.SUBMITTED


def test_a_returned_activity_is_edited_submitted_and_approved(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    review.send_back(draft, street_reviewer, "人次有误")
    kept = review.save(changed(draft, attendance_offline=20), village_clerk)
    assert kept.review == Review.RETURNED
    review.save(changed(draft, title="反家暴法宣讲"), village_clerk, submit=True)
    review.approve(draft, street_reviewer)
    assert [r.decision for r in draft.rounds.order_by("number")] == [
        Decision.RETURNED,
        Decision.APPROVED,
    ]
    assert Activity.objects.public().get().title == "反家暴法宣讲"


def test_the_author_editing_what_she_submitted_takes_it_back(draft, village_clerk):
    review.submit(draft, village_clerk)
    saved = review.save(changed(draft, title="家风家教讲座"), village_clerk)
    assert saved.review == Review.DRAFT
    superseded = draft.rounds.get()
    assert superseded.decision == Decision.WITHDRAWN
    assert superseded.reason == "提交后又作了修改"


def test_rounds_are_numbered_in_order(draft, village_clerk, street_reviewer):
    for reason in ("人次有误", "重复"):
        review.submit(draft, village_clerk)
        review.send_back(draft, street_reviewer, reason)
    review.submit(draft, village_clerk)
    assert [(r.number, r.reason) for r in draft.rounds.all()] == [
        (1, "人次有误"),
        (2, "重复"),
        (3, ""),
    ]


# What waits beside an approved record


def test_a_clerks_change_of_a_result_moves_neither_calendar_nor_count(
    result, village_clerk
):
    typed = changed(result, title="改名", attendance_offline=90, starts_on=DAY)
    saved = review.save(typed, village_clerk, submit=True)
    assert saved.review == Review.SUBMITTED
    stored = Activity.objects.counted().get()
    assert (stored.title, stored.attendance_offline) == ("反家庭暴力法宣讲", 30)
    assert stored.sequence == 0
    assert stored.proposal["attendance_offline"] == 90


def test_an_approved_change_replaces_what_was_approved(
    result, village_clerk, street_reviewer
):
    typed = changed(result, title="改名", attendance_offline=90)
    review.save(typed, village_clerk, submit=True)
    review.approve(result, street_reviewer)
    result.refresh_from_db()
    assert (result.title, result.attendance_offline) == ("改名", 90)
    assert result.proposal is None
    assert result.sequence == 1


def test_a_change_no_subscriber_sees_leaves_the_sequence(
    result, village_clerk, street_reviewer
):
    review.save(changed(result, attendance_offline=90), village_clerk, submit=True)
    review.approve(result, street_reviewer)
    result.refresh_from_db()
    assert result.sequence == 0


def test_the_result_round_replaces_the_plan(plan, village_clerk, street_reviewer):
    typed = changed(plan, happening=Happening.HELD, attendance_offline=42)
    review.save(typed, village_clerk, submit=True)
    assert Activity.objects.public().get().happening == Happening.PLANNED
    assert counted() == 0
    decided = review.approve(plan, street_reviewer)
    assert decided.stage == ReviewRound.Stage.RESULT
    assert Activity.objects.counted().get().attendance == 42


def test_a_returned_change_leaves_what_was_approved(
    result, village_clerk, street_reviewer
):
    review.save(changed(result, attendance_offline=9000), village_clerk, submit=True)
    review.send_back(result, street_reviewer, "人次有误")
    assert Activity.objects.counted().get().attendance_offline == 30
    again = review.working_copy(Activity.objects.get(pk=result.pk))
    assert again.attendance_offline == 9000


def test_typing_back_what_is_approved_ends_the_change(result, village_clerk):
    review.save(changed(result, title="改名"), village_clerk, submit=True)
    saved = review.save(changed(result, title="反家庭暴力法宣讲"), village_clerk)
    assert saved.review == Review.APPROVED
    assert saved.proposal is None
    assert not saved.rounds.pending().exists()


@pytest.mark.parametrize("happening", [Happening.CANCELLED, Happening.POSTPONED])
def test_cancelling_and_postponing_go_through_a_round(
    plan, village_clerk, street_reviewer, happening
):
    review.save(changed(plan, happening=happening), village_clerk, submit=True)
    assert Activity.objects.public().get().happening == Happening.PLANNED
    review.approve(plan, street_reviewer)
    shown = Activity.objects.public().get()
    assert shown.happening == happening
    assert shown.sequence == 1


def test_cancelling_a_result_uncounts_it(result, village_clerk, street_reviewer):
    typed = changed(result, happening=Happening.CANCELLED)
    review.save(typed, village_clerk, submit=True)
    assert counted() == 1
    review.approve(result, street_reviewer)
    assert counted() == 0


def test_a_reviewers_change_takes_effect_at_once_as_a_decided_round(
    result, street_reviewer
):
    saved = review.save(changed(result, attendance_offline=31), street_reviewer)
    assert saved.review == Review.APPROVED
    assert Activity.objects.counted().get().attendance_offline == 31
    decided = saved.rounds.get()
    assert decided.decision == Decision.APPROVED
    assert decided.reason == "审核人直接更正"


def test_a_reviewers_correction_of_what_waits_is_part_of_what_she_decides(
    draft, result, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    review.save(changed(result, attendance_offline=300), village_clerk, submit=True)
    for activity in (draft, result):
        typed = changed(activity, title="更正后的名称")
        saved = review.save(typed, street_reviewer)
        assert saved.review == Review.SUBMITTED
        pending = saved.rounds.pending().get()
        assert pending.author == village_clerk
        review.approve(activity, street_reviewer)
        activity.refresh_from_db()
        assert activity.title == "更正后的名称"


# Withdrawn


def test_withdrawing_a_result_uncounts_it(result, street_reviewer):
    review.withdraw(result, street_reviewer, "重复录入")
    assert counted() == 0
    assert not Activity.objects.public().exists()


def test_a_withdrawn_result_stays_out_until_it_is_approved_anew(
    result, village_clerk, street_reviewer
):
    review.withdraw(result, street_reviewer)
    review.save(changed(result, title="改名"), village_clerk)
    assert not Activity.objects.public().exists()
    review.submit(result, village_clerk)
    assert not Activity.objects.public().exists()
    assert counted() == 0
    review.approve(result, street_reviewer)
    assert counted() == 1


def test_a_clerk_withdraws_what_she_submitted(draft, village_clerk):
    review.submit(draft, village_clerk)
    review.withdraw(draft, village_clerk)
    draft.refresh_from_db()
    assert draft.review == Review.WITHDRAWN
    assert draft.rounds.get().decision == Decision.WITHDRAWN


def test_a_clerk_cannot_withdraw_what_is_approved(plan, village_clerk):
    with pytest.raises(PermissionDenied):
        review.withdraw(plan, village_clerk)


# Closed months


def test_a_round_of_a_month_that_closed_meanwhile_is_refused(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    ReportingMonth.objects.create(month=DAY.replace(day=1), status="closed", revision=1)
    with pytest.raises(ValidationError, match="2026 年 3 月已"):
        review.approve(draft, street_reviewer)
    draft.refresh_from_db()
    assert draft.review == Review.SUBMITTED
    assert draft.rounds.pending().exists()


def test_resembling_entries_are_named_and_not_refused(
    draft, second_community, programme
):
    draft.place = "文化广场"
    draft.save()
    other = ActivityFactory.build(
        branch=second_community, programme=programme, place="文化广场"
    )
    assert list(review.resembling_titles(other)) == ["反家庭暴力法宣讲"]
    other.starts_on = DAY + timedelta(days=1)
    assert list(review.resembling_titles(other)) == []
