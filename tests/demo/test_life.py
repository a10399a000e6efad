"""The demo's snags are told as the review would have written them."""

import pytest
from django.db.models import F

from activities import review
from activities.demo.stories import UNKNOWN_YET
from activities.doubts import doubts_of
from activities.models import Activity, ActivityPartner, ActivityPhoto, Series
from activities.models.choices import Format, Happening, Review, Visibility
from federation.models import Branch, ReportingMonth, User
from rollups.models import Correction
from tests.seeded import TODAY

pytestmark = pytest.mark.django_db

VILLAGE = "370114001001"


@pytest.fixture
def village():
    return Activity.objects.filter(branch__code=VILLAGE)


def user(name):
    return User.objects.get(username=name)


def rounds_of(activity):
    return list(activity.rounds.order_by("number"))


@pytest.fixture(scope="module")
def told(printed, django_db_blocker):
    """Return every activity with its rounds, oldest first: read once, to be read."""
    with django_db_blocker.unblock():
        return list(Activity.objects.prefetch_related("rounds"))


def test_the_village_finds_what_it_has_to_do(village):
    mine = village.visible_to(user("village"))

    assert mine.filter(review=Review.DRAFT).count() >= 2
    assert mine.awaiting_figures(TODAY).count() >= 2
    returned = mine.filter(review=Review.RETURNED)
    assert returned.count() >= 2
    assert all(rounds_of(activity)[-1].reason for activity in returned)


def test_the_street_has_a_queue_that_it_may_decide():
    street = user("street")
    queue = Activity.objects.awaiting_review().visible_to(street)
    decidable = [activity for activity in queue if review.may_decide(street, activity)]

    assert len(decidable) >= 8
    own = queue.filter(branch__code="370114001")
    assert own.exists()
    assert not set(own) & set(decidable)


@pytest.mark.parametrize("state", list(Review))
def test_every_state_of_review_occurs(state):
    assert Activity.objects.filter(review=state).count() >= 8


@pytest.mark.parametrize("state", list(Happening))
def test_every_way_of_happening_occurs(state):
    assert Activity.objects.filter(happening=state).count() >= 14


@pytest.mark.parametrize("form", list(Format))
def test_every_format_occurs_and_says_where_people_were(form):
    held = Activity.objects.counted().filter(format=form)

    assert held.count() >= 10
    if form == Format.OFFLINE:
        assert not held.exclude(attendance_online=0).exists()
    if form == Format.ONLINE:
        assert not held.exclude(attendance_offline=0, place__startswith="线上").exists()


def test_plans_of_today_and_two_months_wait_for_their_days():
    planned = Activity.objects.filter(starts_on__gte=TODAY, happening=Happening.PLANNED)

    assert planned.filter(starts_on__month=1).exists()
    assert not Activity.objects.filter(starts_on__gt="2027-01-31").exists()
    assert not planned.exclude(attendance_offline=None, attendance_online=None).exists()


def test_some_last_several_days_and_some_are_for_the_house_alone():
    assert Activity.objects.filter(ends_on__gt=F("starts_on")).count() >= 10
    assert Activity.objects.filter(visibility=Visibility.INTERNAL).exists()


def test_some_were_entered_long_after_their_day():
    late = [
        activity
        for activity in Activity.objects.counted()
        if (activity.recorded_at.date() - activity.ends_on).days >= 24
    ]

    assert len(late) >= 10


def test_some_are_held_together_with_branches_and_with_others(village):
    partners = ActivityPartner.objects.all()

    assert partners.filter(branch=None).exclude(organisation="").count() >= 10
    assert partners.filter(branch__isnull=False, organisation="").count() >= 10
    here = Branch.objects.filter(code=VILLAGE)
    assert Activity.objects.joined_by(here).count() >= 2


def test_some_that_wait_look_wrong():
    street = user("street")
    queue = Activity.objects.awaiting_review().visible_to(street)
    told = [doubt.word for doubts in doubts_of(queue).values() for doubt in doubts]

    assert set(told) == {"重复填报", "人次偏多", "人次雷同"}
    assert told.count("重复填报") == 2


def test_the_street_entered_one_for_a_village():
    entry = Activity.objects.get(is_on_behalf=True)

    assert (entry.recorded_by, entry.review) == (user("street"), Review.SUBMITTED)
    assert not review.may_decide(user("street"), entry)
    assert review.may_decide(user("district"), entry)


def test_a_series_has_sessions_held_called_off_and_to_come():
    for row in Series.objects.all():
        days = list(
            row.activities.order_by("starts_on").values_list("happening", flat=True)
        )

        assert "cancelled" in days
        assert set(days) <= {"held", "cancelled", "postponed", "planned"}
    weekly = Series.objects.filter(rhythm=Series.Rhythm.WEEKLY)
    assert all(row.activities.count() == 11 for row in weekly)


def test_rounds_are_numbered_and_the_newest_is_the_state(told):
    decided = {"approved": "approved", "returned": "returned", "pending": "submitted"}

    for activity in told:
        if activity.review == Review.WITHDRAWN:
            continue
        rounds = list(activity.rounds.all())
        assert [each.number for each in rounds] == list(range(1, len(rounds) + 1))
        if activity.review == Review.DRAFT:
            assert not rounds or activity.proposal is not None
        else:
            assert decided[rounds[-1].decision] == activity.review


def test_what_stands_on_an_approved_record_is_what_was_approved_last(told):
    for activity in (one for one in told if one.approved_at):
        approved = [r for r in activity.rounds.all() if r.decision == "approved"]

        assert (
            review.changed_fields(approved[-1].submitted, review.values_of(activity))
            == []
        )
        assert activity.approved_at == approved[0].decided_at
        if activity.review != Review.WITHDRAWN:
            assert activity.sequence == len(approved) - 1


def test_what_was_never_approved_is_what_was_submitted_last(told):
    for activity in (one for one in told if not one.approved_at):
        for submitted in list(activity.rounds.all())[-1:]:
            assert submitted.submitted == review.values_of(activity)
        assert activity.result_approved_at is None


def test_a_result_counts_from_the_round_that_approved_it(told):
    counted = set(Activity.objects.counted().values_list("pk", flat=True))
    for activity in (one for one in told if one.pk in counted):
        results = [
            each
            for each in activity.rounds.all()
            if each.stage == "result" and each.decision == "approved"
        ]
        assert activity.result_approved_at == results[0].decided_at


def test_nobody_decided_her_own_and_the_reviewer_stands_above(told):
    for activity in told:
        for each in activity.rounds.all():
            if each.decision == "pending":
                assert (each.reviewer_id, each.decided_at) == (None, None)
            else:
                assert each.author_id != each.reviewer_id
                assert each.decided_at is not None
            assert (each.releaser_id is not None) == (each.decision == "approved")


def test_a_changed_plan_waits_beside_the_approved_one(village):
    activity = village.get(
        proposal__isnull=False, review=Review.SUBMITTED, happening=Happening.PLANNED
    )
    before = review.values_of(activity)

    review.approve(activity, user("street"))

    activity.refresh_from_db()
    changed = review.changed_fields(before, review.values_of(activity))
    assert set(changed) <= {"starts_at", "ends_at", "summary"}
    assert "starts_at" in changed
    assert activity.proposal is None


def test_what_was_returned_can_be_handed_in_again_and_approved(village):
    activity = village.filter(review=Review.RETURNED, approved_at=None).first()

    review.submit(activity, user("village"))
    review.approve(activity, user("street"))

    activity.refresh_from_db()
    assert activity.review == Review.APPROVED
    assert rounds_of(activity)[-1].number == 2


def test_the_plan_of_a_held_activity_knew_no_figures():
    activity = Activity.objects.counted().filter(sequence=1).first()
    plan, result = rounds_of(activity)

    assert {name: plan.submitted[name] for name in UNKNOWN_YET} == UNKNOWN_YET
    assert result.submitted["happening"] == "held"


def test_the_next_sessions_have_posters_that_anyone_may_see():
    photos = ActivityPhoto.objects.public()

    assert photos.count() == ActivityPhoto.objects.count() == 10
    assert not photos.filter(activity__starts_on__lt=TODAY).exists()
    assert sum(photo.image.size for photo in photos) < 200_000
    assert {(photo.image.width, photo.image.height) for photo in photos} == {(720, 480)}


def test_late_records_of_closed_months_wait_in_every_state():
    rows = Correction.objects.select_related("revision")

    assert {row.state for row in rows} == set(Correction.State)
    [entered] = rows.entered()
    assert entered.label == "已入第 2 版"
    assert entered.revision.month == entered.month
    assert all(row.steps.exists() and row.reason for row in rows)
    closed = ReportingMonth.objects.closed().values("month")
    assert rows.filter(month__in=closed).count() == len(rows)
