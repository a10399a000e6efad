"""What is done with several activities at once, each by its own verb and its own
decision: one that is refused does not hold up the others."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.template.response import TemplateResponse

from activities import review
from activities.doubts import doubtful, doubts_of
from activities.to_do import awaiting_decision_of

REFUSALS_SHOWN = 5
DOUBTS_SHOWN = 20
NOT_YOURS = "不在您可以办理的范围内。"


class ReviewActions:
    """The three actions of the list."""

    actions = ["submit_selected", "approve_selected", "return_selected"]

    def get_actions(self, request):
        actions = super().get_actions(request)
        # Records stay; a draft goes one at a time, from its own page.
        actions.pop("delete_selected", None)
        return actions

    def has_review_permission(self, request, obj=None):
        return request.user.has_perm(review.REVIEW, obj)

    @admin.action(description="提交所选", permissions=["change"])
    def submit_selected(self, request, queryset):
        self._each(request, queryset, "已提交", review.submit)

    @admin.action(description="通过所选活动", permissions=["review"])
    def approve_selected(self, request, queryset):
        """Approve each; what looks wrong is named first, and asked about once."""
        hers = awaiting_decision_of(request.user).values("pk")
        asked = doubtful(queryset.filter(pk__in=hers)).order_by("starts_on", "pk")
        answer = request.POST.get("doubts")
        if answer not in ("approve", "leave") and (count := asked.count()):
            return self._ask_about(request, asked, count)
        if answer == "leave":
            left = list(asked.values_list("pk", flat=True))
            queryset = queryset.exclude(pk__in=left)
            if left:
                messages.warning(request, f"{len(left)} 条存疑的没有通过，还在待审里。")
        self._each(request, queryset, "已通过", review.approve)
        return None

    def _ask_about(self, request, asked, count):
        shown = list(asked.select_related("branch")[:DOUBTS_SHOWN])
        doubts = doubts_of(shown)
        context = {
            **self.admin_site.each_context(request),
            "title": "通过所选活动",
            "lines": [(activity, doubts.get(activity.pk, [])) for activity in shown],
            "count": count,
            "more": count - len(shown),
            "chosen": _chosen(request),
        }
        return TemplateResponse(
            request, "admin/activities/activity/approve_selected.html", context
        )

    @admin.action(description="退回所选活动", permissions=["review"])
    def return_selected(self, request, queryset):
        reason = reason_from(request.POST)
        if "_return" in request.POST and reason:
            self._each(
                request,
                queryset,
                "已退回",
                lambda activity, user: review.send_back(activity, user, reason),
            )
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "退回所选活动",
            "activities": queryset.select_related("branch"),
            "reasons": review.RETURN_REASONS,
            "is_missing": "_return" in request.POST,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(
            request, "admin/activities/activity/return_selected.html", context
        )

    def _each(self, request, queryset, done: str, verb) -> None:
        """Do *verb* to each activity by itself and tell what came of it."""
        count, refused = 0, []
        for activity in queryset:
            try:
                verb(activity, request.user)
            except PermissionDenied:
                refused.append(f"《{activity}》：{NOT_YOURS}")
            except ValidationError as error:
                refused.append(f"《{activity}》：{''.join(error.messages)}")
            else:
                count += 1
                self.log_change(request, activity, done)
        if count:
            messages.success(request, f"{done} {count} 条活动。")
        for sentence in refused[:REFUSALS_SHOWN]:
            messages.warning(request, f"未办理{sentence}")
        if len(refused) > REFUSALS_SHOWN:
            more = len(refused) - REFUSALS_SHOWN
            messages.warning(request, f"还有 {more} 条未办理，请逐条打开查看。")


def _chosen(request) -> list[tuple[str, str]]:
    """Return what chose the lines, to be sent once more: each of them, or that it was
    all the list has."""
    keys = request.POST.getlist(ACTION_CHECKBOX_NAME)
    if request.POST.get("select_across") == "1":
        return [("select_across", "1"), (ACTION_CHECKBOX_NAME, keys[0])]
    return [(ACTION_CHECKBOX_NAME, key) for key in keys]


def reason_from(fields) -> str:
    """Return the reason of a return: what was ticked, and what was written."""
    ticked = [
        word for word in fields.getlist("reasons") if word in review.RETURN_REASONS
    ]
    written = fields.get("reason", "").strip()
    return "；".join([*ticked, written] if written else ticked)
