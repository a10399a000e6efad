"""The reviewer's queue: one entry with its photos beside it, a decision, the next."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from activities import queue, review
from activities.admin.actions import reason_from
from activities.doubts import doubts_of
from activities.models import Activity, ReviewRound
from activities.models.choices import Format, Visibility
from activities.wording import NOTHING, value_in_words
from federation.deputies import APPOINT

IN_THE_HEADING = {"title", "branch"}
# What nearly every entry says, and what nobody has to read again.
USUAL = {
    "format": Format.OFFLINE,
    "attendance_online": 0,
    "visibility": Visibility.PUBLIC,
}
DECIDED = "已经处理过了，或者不归您审核。"


class QueuePages:
    def get_urls(self):
        closed = self.admin_site.admin_view
        return [
            path("queue/", closed(self.queue_view), name="activities_activity_queue"),
            path(
                "queue/<int:pk>/",
                closed(self.decide_view),
                name="activities_activity_decide",
            ),
            *super().get_urls(),
        ]

    def queue_view(self, request):
        """Show what has waited longest; after one that was left aside, the next."""
        if not self.has_review_permission(request):
            raise PermissionDenied
        rounds = queue.rounds_for(request.user)
        after = request.GET.get("after", "")
        is_number = after.isascii() and after.isdigit() and len(after) < 19
        found = queue.next_in(rounds, int(after) if is_number else None)
        return self._queue_page(request, found, rounds.count())

    def decide_view(self, request, pk):
        """Show one that waits; take what is decided about it, and go on to the next."""
        activity = get_object_or_404(
            Activity.objects.visible_to(request.user).select_related("branch"), pk=pk
        )
        if not self.has_review_permission(request, activity):
            raise PermissionDenied
        refusal = None
        if request.method == "POST":
            try:
                self._decide(request, activity)
            except ValidationError as error:
                refusal = error
            else:
                return redirect(after(activity))
        rounds = queue.rounds_for(request.user)
        found = rounds.filter(activity=activity).first()
        if found is None:
            for sentence in refusal.messages if refusal else [DECIDED]:
                messages.warning(request, f"《{activity}》：{sentence}")
            return redirect(after(activity))
        return self._queue_page(request, found, rounds.count(), refusal)

    def _decide(self, request, activity):
        seen = request.POST.get("seen", "")
        if "_approve" in request.POST:
            review.approve(activity, request.user, seen=seen)
            self.log_change(request, activity, "通过")
            messages.success(request, f"已通过《{activity}》。")
        elif "_return" in request.POST:
            reason = reason_from(request.POST)
            review.send_back(activity, request.user, reason, seen=seen)
            self.log_change(request, activity, f"退回：{reason}")
            messages.success(request, f"已退回《{activity}》，对方会看到理由。")
        else:
            raise ValidationError("请点“通过”或“退回”。")

    def _queue_page(self, request, found, waiting, refusal=None):
        context = {
            **self.admin_site.each_context(request),
            "title": "审核",
            "opts": self.opts,
            "round": found,
            "waiting": waiting,
            "others": waiting - 1 if found else waiting,
            "refusal": refusal,
            "may_appoint": request.user.has_perm(APPOINT),
            "reasons": review.RETURN_REASONS,
            "ticked": request.POST.getlist("reasons"),
            "return_open": "_return" in request.POST,
        }
        if found:
            context |= _entry(found)
        return TemplateResponse(
            request, "admin/activities/activity/queue.html", context
        )


def after(activity: Activity) -> str:
    """Return the address of what comes next in the queue."""
    return f"{reverse('admin:activities_activity_queue')}?after={activity.pk}"


def _entry(found: ReviewRound) -> dict:
    """Return what is shown of the entry that waits as *found*."""
    activity = found.activity
    stored = copy(activity)
    typed = review.apply_values(copy(activity), found.submitted)
    changed = set()
    if activity.approved_at:
        changed = set(review.changed_fields(review.values_of(stored), found.submitted))
    rounds = activity.rounds.exclude(pk=found.pk).select_related(
        "author__branch", "reviewer", "releaser", "stood_in_for"
    )
    rounds = list(rounds.order_by("-number"))
    return {
        "activity": activity,
        "typed": typed,
        "facts": _facts(stored, typed, changed),
        "summary_changed": "summary" in changed,
        "photos": activity.photos.all(),
        "partners": activity.partners.select_related("branch"),
        "doubts": doubts_of([activity]).get(activity.pk, []),
        "rounds": rounds,
        "returned": next(
            (r for r in rounds if r.decision == ReviewRound.Decision.RETURNED), None
        ),
        "seen": review.seen_mark(activity),
    }


def _facts(stored: Activity, typed: Activity, changed: set[str]) -> list[dict]:
    """Return what the entry says, in the order of the form: what is filled in, and
    what a change empties."""
    facts = []
    for name in Activity.REVIEWED_FIELDS:
        value = value_in_words(typed, name)
        is_idle = value == NOTHING or name in IN_THE_HEADING
        is_idle |= name in USUAL and getattr(typed, name) == USUAL[name]
        is_idle |= name == "ends_on" and typed.ends_on == typed.starts_on
        if name == "summary" or is_idle and name not in changed:
            continue
        facts.append(
            {
                "label": Activity._meta.get_field(name).verbose_name,
                "value": value,
                "old": value_in_words(stored, name) if name in changed else "",
            }
        )
    return facts
