"""What activities say of a branch's month: what counts, what is unfinished."""

from django.db.models import Min, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from activities.models import Activity, ReviewRound
from activities.models.choices import Review
from federation.wording import grouped
from rollups.submissions import Item, Reporting, register

WORDS = {Review.DRAFT: "草稿", Review.RETURNED: "被退回", Review.SUBMITTED: "待审"}


def _item(activity: Activity, note: str) -> Item:
    address = reverse("admin:activities_activity_change", args=[activity.pk])
    return Item(activity.starts_on, activity.title, note, address)


def _counted(activity: Activity) -> Item:
    return _item(activity, f"{grouped(activity.attendance)} 人次")


def _unfinished(branch, month):
    held = Activity.objects.filter(branch=branch).held_in(month)
    for activity in held.filter(review__in=(Review.DRAFT, Review.RETURNED)):
        yield _item(activity, WORDS[activity.review])
    # An approved plan whose date has passed; while a reviewer has it, it is hers.
    for activity in held.awaiting_figures().filter(review=Review.APPROVED):
        yield _item(activity, "待补人次")


def _in_review(branch, month):
    held = Activity.objects.filter(branch=branch).held_in(month)
    for activity in held.awaiting_review():
        yield _item(activity, WORDS[activity.review])


def _handed_in(branch_ids, month):
    """A branch has reported when it handed the result in, not when it was approved; a
    record without rounds was approved as it was written."""
    results = Q(
        rounds__stage=ReviewRound.Stage.RESULT,
        rounds__decision=ReviewRound.Decision.APPROVED,
    )
    counted = Activity.objects.counted().held_in(month).filter(branch__in=branch_ids)
    first = Coalesce(
        Min("rounds__submitted_at", filter=results), Min("result_approved_at")
    )
    rows = counted.order_by().values_list("branch_id").annotate(first=first)
    return dict(rows)


register(
    Reporting(
        name="activities",
        sessions="activities.sessions",
        attendance="activities.attendance",
        item=_counted,
        unfinished=_unfinished,
        in_review=_in_review,
        handed_in=_handed_in,
    )
)
