"""Who decides, about what she saw, and what goes with a round."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from activities import review
from activities.models import Activity, ActivityPhoto
from federation.roles import Role
from tests.activities.entry import (
    changed,
)
from tests.conftest import staff
from tests.factories import (
    ActivityFactory,
    GrantFactory,
    PhotoFactory,
    PlanFactory,
    UserFactory,
)

Review = Activity.Review


# Who


def test_nobody_approves_her_own_submission(street, programme, street_reviewer):
    own = ActivityFactory(branch=street, recorded_by=street_reviewer)
    review.submit(own, street_reviewer)
    with pytest.raises(ValidationError, match="另一位审核员"):
        review.approve(own, street_reviewer)
    assert not review.may_decide(street_reviewer, own)


def test_nobody_approves_her_own_entry_that_another_submitted(
    community, street_reviewer, village_clerk
):
    own = ActivityFactory(branch=community, recorded_by=street_reviewer)
    review.submit(own, village_clerk)
    with pytest.raises(ValidationError, match="另一位审核员"):
        review.approve(own, street_reviewer)


def test_a_later_change_by_another_is_hers_to_decide(
    community, street_reviewer, village_clerk
):
    plan = PlanFactory(branch=community, recorded_by=street_reviewer)
    review.save(changed(plan, title="改名"), village_clerk, submit=True)
    review.approve(plan, street_reviewer)
    plan.refresh_from_db()
    assert plan.title == "改名"


def test_her_own_change_of_her_own_record_waits_for_another(
    community, street_reviewer, second_reviewer
):
    plan = PlanFactory(branch=community, recorded_by=street_reviewer)
    saved = review.save(changed(plan, title="改名"), street_reviewer, submit=True)
    assert saved.review == Review.SUBMITTED
    assert saved.title == "反家庭暴力法宣讲"
    review.approve(plan, second_reviewer)
    plan.refresh_from_db()
    assert plan.title == "改名"


def test_the_roots_own_activity_is_approved_by_a_second_account(
    district, district_admin
):
    own = ActivityFactory(branch=district, recorded_by=district_admin)
    review.submit(own, district_admin)
    with pytest.raises(ValidationError, match="另一位审核员"):
        review.approve(own, district_admin)
    review.approve(own, staff(district, Role.DISTRICT_ADMIN, "second_account"))
    assert Activity.objects.public().exists()


def test_not_even_the_system_account_approves_its_own_entry(community):
    root = UserFactory(username="root", is_superuser=True)
    own = ActivityFactory(branch=community, recorded_by=root)
    review.submit(own, root)
    with pytest.raises(ValidationError, match="另一位审核员"):
        review.approve(own, root)


def test_a_clerk_and_a_sister_streets_reviewer_decide_nothing(
    draft, village_clerk, sister_reviewer, auditor
):
    review.submit(draft, village_clerk)
    for user in (village_clerk, sister_reviewer, auditor):
        with pytest.raises(PermissionDenied):
            review.approve(draft, user)
        with pytest.raises(PermissionDenied):
            review.send_back(draft, user, "重复")


def test_an_auditor_and_a_sister_street_change_nothing(draft, sister_reviewer, auditor):
    for user in (sister_reviewer, auditor):
        with pytest.raises(PermissionDenied):
            review.save(changed(draft, title="改名"), user)
        with pytest.raises(PermissionDenied):
            review.submit(draft, user)
        with pytest.raises(PermissionDenied):
            review.withdraw(draft, user)


def test_nobody_enters_for_a_branch_that_is_not_hers(
    sister_community, programme, village_clerk
):
    typed = ActivityFactory.build(branch=sister_community, programme=programme)
    with pytest.raises(PermissionDenied):
        review.save(typed, village_clerk)


def test_nobody_moves_an_activity_to_a_branch_that_is_not_hers(
    draft, plan, sister_community, village_clerk
):
    for activity in (draft, plan):
        with pytest.raises(PermissionDenied):
            review.save(changed(activity, branch=sister_community), village_clerk)


def test_a_move_is_decided_by_whoever_reviews_both_branches(
    plan, sister_community, street_reviewer, sister_reviewer, district_admin
):
    both = UserFactory(username="both")
    for branch in (plan.branch, sister_community):
        GrantFactory(user=both, branch=branch, role=Role.CLERK)
    review.save(changed(plan, branch=sister_community), both, submit=True)
    for reviewer in (street_reviewer, sister_reviewer):
        with pytest.raises(PermissionDenied):
            review.approve(plan, reviewer)
    review.approve(plan, district_admin)
    plan.refresh_from_db()
    assert plan.branch == sister_community


def test_a_reviewer_of_one_branch_only_proposes_a_move(
    plan, second_community, community
):
    user = staff(community, Role.REVIEWER, "one_branch")
    GrantFactory(user=user, branch=second_community, role=Role.CLERK)
    saved = review.save(changed(plan, branch=second_community), user)
    assert saved.branch == community
    assert saved.proposal["branch"] == second_community.pk


# What the reviewer saw


def test_what_changed_after_she_opened_the_page_is_not_approved(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    seen = review.seen_mark(draft)
    review.save(changed(draft, title="改名"), village_clerk, submit=True)
    with pytest.raises(ValidationError, match="打开页面之后"):
        review.approve(draft, street_reviewer, seen=seen)
    with pytest.raises(ValidationError, match="打开页面之后"):
        review.save(changed(draft, title="更正"), street_reviewer, seen=seen)
    review.approve(draft, street_reviewer, seen=review.seen_mark(draft))


def test_a_photo_added_after_she_opened_the_page_is_not_approved(
    draft, village_clerk, street_reviewer
):
    review.submit(draft, village_clerk)
    seen = review.seen_mark(draft)
    PhotoFactory(activity=draft)
    with pytest.raises(ValidationError, match="打开页面之后"):
        review.approve(draft, street_reviewer, seen=seen)


# Photos go with the rounds


def test_photos_are_let_out_with_the_approval(draft, village_clerk, street_reviewer):
    PhotoFactory(activity=draft)
    review.submit(draft, village_clerk)
    assert not ActivityPhoto.objects.public().exists()
    review.approve(draft, street_reviewer)
    assert ActivityPhoto.objects.public().exists()


def test_late_photos_open_a_round_of_their_own(plan, village_clerk, street_reviewer):
    PhotoFactory(activity=plan)
    review.note_photos(review.locked(plan), village_clerk)
    PhotoFactory(activity=plan)
    review.note_photos(review.locked(plan), village_clerk)
    plan.refresh_from_db()
    assert plan.review == Review.SUBMITTED
    assert plan.rounds.count() == 1
    review.approve(plan, street_reviewer)
    assert ActivityPhoto.objects.public().count() == 2


def test_a_round_of_photos_ends_when_none_waits(plan, village_clerk):
    photo = PhotoFactory(activity=plan)
    review.note_photos(review.locked(plan), village_clerk)
    photo.delete()
    review.note_photos(review.locked(plan), village_clerk)
    plan.refresh_from_db()
    assert plan.review == Review.APPROVED
    assert not plan.rounds.pending().exists()


def test_returned_photos_stay_hidden_when_the_reviewer_corrects_a_word(
    plan, village_clerk, street_reviewer
):
    PhotoFactory(activity=plan)
    review.note_photos(review.locked(plan), village_clerk)
    review.send_back(plan, street_reviewer, "照片不清")
    review.save(changed(plan, title="改名"), street_reviewer)
    plan.refresh_from_db()
    assert plan.title == "改名"
    assert plan.review == Review.RETURNED
    assert not ActivityPhoto.objects.public().exists()


# Drafts may go, records stay


def test_a_draft_is_deleted_by_whoever_entered_it(draft, village_clerk):
    review.discard(draft, village_clerk)
    assert not Activity.objects.exists()


def test_what_is_another_s_or_approved_or_under_review_is_not_deleted(
    draft, plan, village_clerk, street_reviewer
):
    with pytest.raises(PermissionDenied):
        review.discard(draft, street_reviewer)
    with pytest.raises(PermissionDenied):
        review.discard(plan, village_clerk)
    review.submit(draft, village_clerk)
    with pytest.raises(PermissionDenied):
        review.discard(draft, village_clerk)


def test_a_withdrawn_record_is_not_deleted(draft, village_clerk, street_reviewer):
    review.submit(draft, village_clerk)
    review.approve(draft, street_reviewer)
    review.withdraw(draft, street_reviewer)
    with pytest.raises(PermissionDenied):
        review.discard(draft, village_clerk)


# Partners are published with the record


def test_partners_of_an_approved_record_are_changed_by_whoever_may_decide(
    draft, plan, village_clerk, street_reviewer
):
    assert review.may_change_partners(village_clerk, draft)
    assert not review.may_change_partners(village_clerk, plan)
    assert review.may_change_partners(street_reviewer, plan)
